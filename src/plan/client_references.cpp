// Asked of few files, those of code that knows the SDK, so the words are looked for in the text without its comments
// and strings, and no more of Python is understood than a name, what it is an attribute of, and what comes after it.
//
// "resource" and "client" are also what people call the things that these functions return. So an attribute counts only
// of what is called like an SDK or a session, or was made from one on the same line: `self.client` is a client.
#include "plan/client_references.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "languages/python_imports.h"
#include "languages/python_tokens.h"

namespace lambdapack {

using namespace python;

namespace {

constexpr std::array kMakers = {"client", "resource", "create_client"};

// Functions that take or list any service, by a name that calls need not have in plain text.
constexpr std::array kLoaders = {"get_available_services", "list_available_services", "load_service_model",
                                 "get_service_model",      "get_service_data",        "get_waiter_model",
                                 "get_paginator_model",    "determine_latest_version"};

constexpr std::size_t kLongestCall = 4096;  // bytes of the brackets in front of ".client"

constexpr std::array kGetters = {"getattr", "attrgetter", "methodcaller"};

bool is_like_sdk(std::string_view name) {
  return name.contains("boto") || name.ends_with("ession") || name.ends_with("aws") || name.ends_with("sdk");
}

class References {
 public:
  explicit References(std::string_view source) : source_(source), code_(python_code(source)) {}

  std::string find() {
    for (const char* loader : kLoaders)
      if (next_word(loader, 0) != std::string::npos) return loader;
    find_sdk_names();
    for (PythonImport& import : scan_python(source_).imports)
      if (import.module.contains("boto")) imported_.insert(import.names.begin(), import.names.end());
    is_session_ = code_.contains("(boto3.Session)") || code_.contains("Session):");
    for (const std::string_view maker : kMakers)
      for (std::size_t at = next_word(maker, 0); at != std::string::npos; at = next_word(maker, at + 1))
        if (is_passed_on(maker, at)) return fmt::format("{} without a call", expression_at(at, maker.size()));
    for (const std::string_view getter : kGetters)
      for (std::size_t at = next_word(getter, 0); at != std::string::npos; at = next_word(getter, at + 1))
        if (names_maker(at + getter.size())) return fmt::format("{} for a function that makes clients", getter);
    return {};
  }

 private:
  // Where the word stands alone, from `at` on.
  std::size_t next_word(std::string_view word, std::size_t at) const {
    for (at = code_.find(word, at); at != std::string::npos; at = code_.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      if ((at == 0 || !is_name_byte(code_[at - 1])) && (end == code_.size() || !is_name_byte(code_[end]))) return at;
    }
    return at;
  }

  std::size_t line_start(std::size_t at) const {
    const std::size_t end = code_.find_last_of("\r\n", at);
    return end == std::string::npos ? 0 : end + 1;
  }

  // "import boto3 as b", "sdk = import_module('boto3')", "s = boto3.Session()"
  void find_sdk_names() {
    for (std::size_t at = 0; at < source_.size(); at = after_line_end(source_, line_end(source_, at))) {
      const std::size_t end = line_end(source_, at);
      const std::string_view line = source_.substr(at, end - at);
      if (!line.contains("boto") && !line.contains("ession")) continue;
      const std::string_view code = std::string_view(code_).substr(at, end - at);
      for (std::size_t as = code.find(" as "); as != std::string_view::npos; as = code.find(" as ", as + 1))
        names_.emplace(name_at(code, skip_blanks(code, as + 4)));
      const std::size_t equal = code.find('=');
      if (equal != std::string_view::npos) names_.emplace(name_before(code, before_blanks(code, equal)));
    }
    names_.erase("");
  }

  bool is_passed_on(std::string_view maker, std::size_t at) const {
    const std::size_t end = skip_blanks(code_, at + maker.size());
    const char next = end < code_.size() ? code_[end] : '\n';
    if (next == '(') return false;  // a call, which the scan of imports has
    const bool assigned = next == '=' && end + 1 < code_.size() && code_[end + 1] != '=';
    if (assigned || (next == '.' && !std::string_view(code_).substr(end).starts_with(".__call__"))) return false;
    const std::size_t start = line_start(at);
    const std::string_view first = name_at(code_, skip_blanks(code_, start));
    if (first == "from" || first == "import") {
      // "from boto3 import client as c": c's calls are not known as such.
      const std::string_view module = std::string_view(code_).substr(start, at - start);
      return module.contains("boto") && module.contains("import") && name_at(code_, end) == "as";
    }
    const std::size_t dot = before_blanks(code_, at);
    if (dot == 0 || code_[dot - 1] != '.') return maker == "create_client" || imported_.contains(maker);
    return maker == "create_client" || is_of_sdk(before_blanks(code_, dot - 1));
  }

  // What ends at `end`, in front of ".client": a name, or a call.
  bool is_of_sdk(std::size_t end) const {
    if (end > 0 && code_[end - 1] == ')') {
      std::size_t depth = 0;
      const std::size_t least = end - std::min(end, kLongestCall);
      while (end > least) {
        --end;
        if (code_[end] == ')') ++depth;
        if (code_[end] == '(' && --depth == 0) break;
      }
      if (std::string_view(code_).substr(end).starts_with("(")) {
        const std::string_view argument = source_.substr(end, 64);
        if (argument.contains("boto")) return true;  // import_module("boto3").client
      }
      end = before_blanks(code_, end);
    }
    const std::string_view name = name_before(code_, end);
    if (name == "self" || name == "cls") return is_session_;
    if (names_.contains(name)) return true;
    return is_like_sdk(name) && !name.ends_with("botocore");  // botocore.client is a module
  }

  // getattr(boto3, "client"), or with a computed name of an SDK.
  bool names_maker(std::size_t at) const {
    at = skip_blanks(code_, at);
    if (at >= code_.size() || code_[at] != '(') return false;
    const std::size_t end = std::min(code_.find(')', at), line_end(code_, at));
    const std::string_view arguments = source_.substr(at, end - at);
    const bool quoted = arguments.contains('"') || arguments.contains('\'');
    if (!quoted) return arguments.contains("boto3") || arguments.contains("ession");
    return std::ranges::any_of(kMakers, [&](const std::string& maker) {
      return arguments.contains('"' + maker + '"') || arguments.contains('\'' + maker + '\'');
    });
  }

  std::string expression_at(std::size_t at, std::size_t size) const {
    std::size_t start = at;
    while (start > 0 && (is_name_byte(code_[start - 1]) || code_[start - 1] == '.')) --start;
    return code_.substr(start, at + size - start);
  }

  std::string_view source_;
  std::string code_;                             // as long as source_
  std::set<std::string, std::less<>> names_;     // of SDKs and sessions
  std::set<std::string, std::less<>> imported_;  // names that come from an SDK
  bool is_session_ = false;                      // `self` may be one
};

}  // namespace

std::string client_reference(std::string_view source) {
  return References(source).find();
}

}  // namespace lambdapack
