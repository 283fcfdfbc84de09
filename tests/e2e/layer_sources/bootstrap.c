// A bootstrap in plain C: one event from the Runtime API, answered with the folders that its libraries came from.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *who(void), *only(void), *old(void);

static void ask(const char *request, char *answer, size_t size) {
  char host[64] = {0};
  int port = 80;
  sscanf(getenv("AWS_LAMBDA_RUNTIME_API"), "%63[^:]:%d", host, &port);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &address.sin_addr);
  int connection = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) exit(1);
  if (write(connection, request, strlen(request)) < 0) exit(1);
  size_t length = 0;
  ssize_t more;
  while (length + 1 < size && (more = read(connection, answer + length, size - 1 - length)) > 0) length += (size_t)more;
  answer[length] = 0;
  close(connection);
}

static void answer_one(void) {
  static char answer[65536], request[4096], body[2048];
  ask("GET /2018-06-01/runtime/invocation/next HTTP/1.0\r\nHost: localhost\r\n\r\n", answer, sizeof answer);
  const char *header = strcasestr(answer, "lambda-runtime-aws-request-id:");
  char id[128] = {0};
  if (!header || sscanf(header, "%*[^:]: %127[^\r\n]", id) != 1) exit(1);
  int length = snprintf(body, sizeof body, "{\"who\":\"%s\",", who());
  length += snprintf(body + length, sizeof body - (size_t)length, "\"only\":\"%s\",", only());
  length += snprintf(body + length, sizeof body - (size_t)length, "\"old\":\"%s\"}", old());
  snprintf(request, sizeof request,
           "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.0\r\nHost: localhost\r\nContent-Type: "
           "application/json\r\nContent-Length: %d\r\n\r\n%s",
           id, length, body);
  ask(request, answer, sizeof answer);
}

int main(void) {
  for (;;) answer_one();
}
