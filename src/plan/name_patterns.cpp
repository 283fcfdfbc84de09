// Patterns are cut out around ".so", which every name of a library that this reads has; see name_patterns.h.
#include "plan/name_patterns.h"

#include <algorithm>
#include <array>
#include <set>

namespace lambdapack {
namespace {

constexpr std::size_t kLongest = 200;        // bytes to either side; PATH_MAX of a sensible program
constexpr std::size_t kMostPatterns = 4096;  // of one text; a compiler has about a hundred
constexpr std::size_t kFewestLetters = 3;

constexpr auto kCommonFolders = std::to_array<std::string_view>({
    "aarch64-linux-gnu",
    "arm64",
    "bin",
    "build",
    "dist",
    "dist-packages",
    "lib",
    "lib64",
    "libs",
    "linux",
    "linux-x64",
    "linux-arm64",
    "local",
    "native",
    "natives",
    "node_modules",
    "nodejs",
    "opt",
    "python",
    "release",
    "Release",
    "site-packages",
    "src",
    "task",
    "usr",
    "var",
    "vendor",
    "x64",
    "x86_64",
    "x86_64-linux-gnu",
});

// What may stand in a name or a pattern of one without being the end of the string.
bool is_name_char(char c) {
  return is_letter_or_digit(c) || std::string_view("_-+.%{$*?[]@~/#").find(c) != std::string_view::npos;
}

std::size_t start_of(std::string_view text, std::size_t at) {
  const std::size_t least = at > kLongest ? at - kLongest : 0;
  while (at > least) {
    const char before = text[at - 1];
    if (before == '}') {  // {name}, ${name}, {platform.machine()}: anything up to the brace
      const std::size_t open = text.rfind('{', at - 1);
      if (open == std::string_view::npos || open < least) return at;
      at = open;
    } else if (is_name_char(before)) {
      --at;
    } else {
      return at;
    }
  }
  return at;
}

// After ".so": versions, conversions and wildcards.
std::size_t end_of(std::string_view text, std::size_t at) {
  const std::size_t most = std::min(text.size(), at + kLongest);
  while (at < most) {
    if (text[at] == '{') {
      const std::size_t close = text.find('}', at);
      if (close == std::string_view::npos || close >= most) return at;
      at = close + 1;
    } else if (is_letter_or_digit(text[at]) || std::string_view(".%*$_-").find(text[at]) != std::string_view::npos) {
      ++at;
    } else {
      return at;
    }
  }
  return at;
}

// The length of what is filled in at text[at], 0 when nothing is. "%%" is a percent sign, and no name has one.
std::size_t placeholder_length(std::string_view text, std::size_t at) {
  switch (text[at]) {
    case '*':
    case '?': return 1;
    case '[': {
      const std::size_t close = text.find(']', at);
      return close == std::string_view::npos ? 1 : close + 1 - at;
    }
    case '{': {
      const std::size_t close = text.find('}', at);
      return close == std::string_view::npos ? 1 : close + 1 - at;
    }
    case '#':
    case '$': {
      if (at + 1 < text.size() && text[at + 1] == '{') return 1 + placeholder_length(text, at + 1);
      std::size_t end = at + 1;
      while (end < text.size() && (is_letter_or_digit(text[end]) || text[end] == '_')) ++end;
      return end > at + 1 ? end - at : 0;
    }
    case '%': {
      const std::size_t end = text.find_first_not_of("#0-+ .*$123456789hlzjtqL", at + 1);
      return end == std::string_view::npos ? 0 : end + 1 - at;
    }
    default: return 0;
  }
}

struct Glob {
  std::string text;
  bool filled = false;  // has a place to fill in
};

Glob to_glob(std::string_view written) {
  Glob glob;
  for (std::size_t at = 0; at < written.size();) {
    const std::size_t length = placeholder_length(written, at);
    if (length == 0) {
      glob.text += written[at++];
      continue;
    }
    glob.filled = true;
    if (!glob.text.ends_with('*')) glob.text += '*';
    at += length;
  }
  return glob;
}

std::size_t letters(std::string_view glob) {
  return static_cast<std::size_t>(std::ranges::count_if(glob, is_letter_or_digit));
}

bool is_path_border(char c) {
  return c == '/' || c == '\0' || c == '"' || c == '\'' || c == '`';
}

}  // namespace

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool NamePattern::names_files() const {
  std::string_view rest = std::string_view(file).substr(0, file.find(".so"));
  if (rest.starts_with('*')) rest.remove_prefix(1);
  if (rest.starts_with("lib")) rest.remove_prefix(3);
  return letters(rest) >= kFewestLetters;
}

bool NamePattern::names_folder() const {
  return letters(folder) >= kFewestLetters && !is_common_folder(folder);
}

std::vector<NamePattern> name_patterns(std::string_view text) {
  std::set<NamePattern> patterns;
  for (std::size_t at = text.find(".so"); at != std::string_view::npos; at = text.find(".so", at + 3)) {
    // ".sort", ".source", ".socket": another word.
    if (at + 3 < text.size() && (is_letter_or_digit(text[at + 3]) || text[at + 3] == '_')) continue;
    const std::size_t start = start_of(text, at);
    const std::string_view written = text.substr(start, end_of(text, at + 3) - start);
    if (written.find_first_of("%{$*?[#") == std::string_view::npos) continue;
    const Glob glob = to_glob(written);
    if (!glob.filled) continue;
    const std::size_t slash = glob.text.rfind('/');
    NamePattern pattern{std::string(written), glob.text, {}};
    if (slash != std::string::npos) {
      pattern.file = glob.text.substr(slash + 1);
      const std::string before = glob.text.substr(0, slash);
      pattern.folder = before.substr(before.rfind('/') + 1);
    }
    patterns.insert(std::move(pattern));
    if (patterns.size() >= kMostPatterns) break;
  }
  return {patterns.begin(), patterns.end()};
}

std::vector<NamePattern> name_patterns(const std::vector<MoveText>& moves) {
  std::vector<NamePattern> patterns;
  for (const MoveText& move : moves)
    for (NamePattern& pattern : name_patterns(move.text)) {
      if (!pattern.file.starts_with('*')) pattern.file.insert(0, 1, '*');
      patterns.push_back(std::move(pattern));
    }
  return patterns;
}

bool names_folder(std::string_view text, std::string_view folder) {
  for (std::size_t at = text.find(folder); at != std::string_view::npos; at = text.find(folder, at + 1)) {
    const std::size_t end = at + folder.size();
    if ((at == 0 || is_path_border(text[at - 1])) && (end == text.size() || is_path_border(text[end]))) return true;
  }
  return false;
}

bool is_common_folder(std::string_view folder) {
  return folder.size() < kFewestLetters || folder.ends_with(".libs") ||
         std::ranges::find(kCommonFolders, folder) != kCommonFolders.end();
}

}  // namespace lambdapack
