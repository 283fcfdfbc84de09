// The smallest useful function: answers every event with the event itself, over libcurl. For tests/bench/bundle_echo.
#include <curl/curl.h>

#include <cstdlib>
#include <string>

namespace {

size_t append(char* data, size_t size, size_t count, void* text) {
  static_cast<std::string*>(text)->append(data, size * count);
  return size * count;
}

// The value of a response header; "" when it is not there.
std::string header(const std::string& headers, const std::string& name) {
  const auto at = headers.find(name + ": ");
  if (at == std::string::npos) return {};
  const auto start = at + name.size() + 2;
  return headers.substr(start, headers.find("\r\n", start) - start);
}

bool call(const std::string& url, const std::string* body, std::string& headers, std::string& answer) {
  CURL* const curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, append);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &headers);
  if (body != nullptr) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->c_str());
  const bool fine = curl_easy_perform(curl) == CURLE_OK;
  curl_easy_cleanup(curl);
  return fine;
}

}  // namespace

int main() {
  const char* const api = std::getenv("AWS_LAMBDA_RUNTIME_API");
  if (api == nullptr) return 2;
  const std::string base = std::string("http://") + api + "/2018-06-01/runtime/invocation/";
  for (;;) {
    std::string headers, event, ignored_headers, ignored;
    if (!call(base + "next", nullptr, headers, event)) return 1;
    if (!call(base + header(headers, "Lambda-Runtime-Aws-Request-Id") + "/response", &event, ignored_headers, ignored))
      return 1;
  }
}
