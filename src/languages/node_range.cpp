// Which major versions of Node does a range allow? Lambda names its runtimes by major version only, so "is there a
// release of that major in the range" is all that is asked: https://github.com/npm/node-semver#ranges

#include "languages/node_range.h"

#include <cctype>
#include <charconv>
#include <optional>

namespace lambdapack {

namespace {

void skip_blanks(std::string_view& text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
}

struct Partial {  // "20", "20.x", "20.9.0", "*"
  int major = 0;
  bool any = false;         // "*", "x", ""
  bool above_zero = false;  // minor or patch is greater than 0
};

std::optional<Partial> take_partial(std::string_view& text) {
  skip_blanks(text);
  if (text.starts_with('v')) text.remove_prefix(1);
  Partial partial;
  if (text.starts_with('*') || text.starts_with('x') || text.starts_with('X')) {
    partial.any = true;
  } else {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), partial.major);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  while (!text.empty() && !std::isspace(static_cast<unsigned char>(text.front())) && text.front() != '|') {
    if (text.front() >= '1' && text.front() <= '9') partial.above_zero = true;
    text.remove_prefix(1);
  }
  return partial;
}

// One "||" alternative: comparators that must all hold.
bool set_has_major(std::string_view set, int major) {
  bool holds = true;
  skip_blanks(set);
  while (!set.empty()) {
    std::size_t length = 0;
    while (length < set.size() && std::string_view("<>=^~").contains(set[length])) ++length;
    const std::string_view op = set.substr(0, length);
    set.remove_prefix(length);
    const auto version = take_partial(set);
    if (!version) return false;
    skip_blanks(set);
    if (set.starts_with("- ")) {  // "18 - 20"
      set.remove_prefix(1);
      const auto last = take_partial(set);
      if (!last) return false;
      holds = holds && version->major <= major && (last->any || major <= last->major);
    } else if (version->any) {
      holds = holds && op != "<" && op != ">";
    } else if (op == ">=" || op == ">") {
      holds = holds && major >= version->major;
    } else if (op == "<") {
      holds = holds && (major < version->major || (major == version->major && version->above_zero));
    } else if (op == "<=") {
      holds = holds && major <= version->major;
    } else {  // "^20", "~20", "=20", "20.x"
      holds = holds && major == version->major;
    }
    skip_blanks(set);
  }
  return holds;
}

}  // namespace

bool range_has_major(std::string_view range, int major) {
  while (true) {
    const std::size_t bar = range.find("||");
    if (set_has_major(range.substr(0, bar), major)) return true;
    if (bar == std::string_view::npos) return false;
    range.remove_prefix(bar + 2);
  }
}

}  // namespace lambdapack
