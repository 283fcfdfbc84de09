/* Does the loader take each file named on standard input? For tests/bench/strip_files' results, of any architecture.

   load_files [LIBRARY]... : the libraries are opened first, so that their symbols are there (libpython for extension modules).
   A line "dlopen FILE" is answered by "loaded", "died SIGNAL" or "failed MESSAGE"; "exec FILE" by "loaded" when the kernel accepts the
   program, which is stopped before its first instruction, else "failed MESSAGE"; "trace FILE" by what glibc's loader says when it
   lists what the program would load. Each in a process of its own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void be_quiet(int keep) { /* a constructor may print, and must not read our input */
  int nothing = open("/dev/null", O_RDWR);
  dup2(nothing, 0);
  if (keep != 1) dup2(nothing, 1);
  dup2(nothing, 2);
}

static void say(int out, const char* word, const char* text) {
  char line[2000];
  int length = snprintf(line, sizeof line, "%s%s%s", word, *text ? " " : "", text);
  for (int i = 0; i < length && i < (int)sizeof line; ++i)
    if (line[i] == '\n') line[i] = ' ';
  if (write(out, line, strlen(line)) < 0) _exit(3);
}

static void open_in_child(const char* file, int out) {
  be_quiet(0);
  alarm(60);
  if (dlopen(file, RTLD_LAZY))
    say(out, "loaded", "");
  else {
    const char* error = dlerror();
    say(out, "failed", error ? error : "without a message");
  }
  _exit(0);
}

static void exec_in_child(const char* file, int out) {
  char* arguments[] = {(char*)file, NULL};
  be_quiet(0);
  fcntl(out, F_SETFD, FD_CLOEXEC);
  ptrace(PTRACE_TRACEME, 0, NULL, NULL);
  execv(file, arguments);
  say(out, "failed", strerror(errno));
  _exit(0);
}

static void trace_in_child(const char* file, int out) {
  char* arguments[] = {(char*)file, NULL};
  char* environment[] = {"LD_TRACE_LOADED_OBJECTS=1", NULL};
  be_quiet(0);
  alarm(60);
  dup2(out, 2);
  fcntl(out, F_SETFD, FD_CLOEXEC);
  execve(file, arguments, environment);
  say(2, strerror(errno), "");
  _exit(1);
}

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (!dlopen(argv[i], RTLD_LAZY | RTLD_GLOBAL)) {
      fprintf(stderr, "load_files: %s\n", dlerror());
      return 2;
    }
  char line[8192], answer[2100];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    int is_exec = strncmp(line, "exec ", 5) == 0, is_trace = strncmp(line, "trace ", 6) == 0, pipes[2], status = 0;
    const char* file = strchr(line, ' ');
    if (!file++) return 2;
    if (pipe(pipes)) return 2;
    pid_t child = fork();
    if (child < 0) return 2;
    if (child == 0) {
      close(pipes[0]);
      is_exec ? exec_in_child(file, pipes[1]) : is_trace ? trace_in_child(file, pipes[1]) : open_in_child(file, pipes[1]);
    }
    close(pipes[1]);
    /* What a child left behind may hold the pipe open, so one answer is all; a traced program may die of a closed pipe. */
    size_t length = is_trace ? strlen(strcpy(answer, "failed ")) : 0;
    for (ssize_t more; length < sizeof answer - 1 && (more = read(pipes[0], answer + length, sizeof answer - 1 - length)) > 0;) {
      length += (size_t)more;
      if (!is_trace) break;
    }
    answer[length] = 0;
    for (char* end = answer; *end; ++end)
      if (*end == '\n') *end = ' ';
    close(pipes[0]);
    waitpid(child, &status, 0);
    if (is_exec && WIFSTOPPED(status)) {
      strcpy(answer, WSTOPSIG(status) == SIGTRAP ? "loaded" : "died");
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
    } else if (is_trace && WIFEXITED(status)) {
      if (WEXITSTATUS(status) == 0) strcpy(answer, "loaded");
    } else if (!*answer || is_trace)
      snprintf(answer, sizeof answer, "died %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    printf("%s\n", answer);
    fflush(stdout);
  }
}
