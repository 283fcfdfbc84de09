// Matching a path against a pattern: without recursion, so that a pattern full of stars stays cheap.
//
// The last star is the only one that has to be tried again: whatever an earlier "*" could give back, the later one can
// take too. "*" cannot pass a "/", "**" can, so the last of each kind is remembered.
#include "base/glob.h"

#include <cstddef>
#include <optional>

namespace lambdapack {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct Set {
  bool matches = false;
  std::size_t end = 0;  // position behind "]"
};

// The set that starts at pattern[start] == '['; nothing when no "]" follows: then "[" is an ordinary character.
std::optional<Set> match_set(std::string_view pattern, std::size_t start, char c) {
  std::size_t i = start + 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  const auto value = [](char x) { return static_cast<unsigned char>(x); };
  for (bool first = true; i < pattern.size(); first = false) {
    if (pattern[i] == ']' && !first) return Set{c != '/' && found != negated, i + 1};
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    const char low = pattern[i++];
    char high = low;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      high = pattern[i + 1];
      i += 2;
    }
    found = found || (value(low) <= value(c) && value(c) <= value(high));
  }
  return std::nullopt;
}

// Position in the pattern behind the one element at p that matches c, or kNone when it does not match.
std::size_t match_one(std::string_view pattern, std::size_t p, char c) {
  if (p >= pattern.size()) return kNone;
  switch (pattern[p]) {
    case '?': return c != '/' ? p + 1 : kNone;
    case '[':
      if (const auto set = match_set(pattern, p, c)) return set->matches ? set->end : kNone;
      break;
    case '\\':
      if (p + 1 < pattern.size()) return pattern[p + 1] == c ? p + 2 : kNone;
      break;
    default: break;
  }
  return pattern[p] == c ? p + 1 : kNone;
}

bool match_whole(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star_p = kNone, star_t = 0;      // behind the last "*", and where its match ends for now
  std::size_t double_p = kNone, double_t = 0;  // the same for "**"
  bool whole_folders = false;                  // the last "**" is a "**/": it ends only behind a "/"

  while (true) {
    if (pattern.substr(p).starts_with("**")) {
      const bool at_folder_start = p == 0 || pattern[p - 1] == '/';
      p += 2;
      while (p < pattern.size() && pattern[p] == '*') ++p;
      whole_folders = at_folder_start && p < pattern.size() && pattern[p] == '/';
      if (whole_folders) ++p;
      double_p = p;
      double_t = t;
      star_p = kNone;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '*') {
      star_p = ++p;
      star_t = t;
      continue;
    }
    if (t == text.size() && p == pattern.size()) return true;
    if (t < text.size()) {
      if (const std::size_t next = match_one(pattern, p, text[t]); next != kNone) {
        p = next;
        ++t;
        continue;
      }
    }
    if (star_p != kNone && star_t < text.size() && text[star_t] != '/') {
      p = star_p;
      t = ++star_t;
      continue;
    }
    if (double_p == kNone) return false;
    do {
      if (double_t >= text.size()) return false;
      ++double_t;
    } while (whole_folders && text[double_t - 1] != '/');
    p = double_p;
    t = double_t;
    star_p = kNone;
  }
}

}  // namespace

// The longest run of ordinary characters of the pattern: every path that matches has it. "/" ends a run, for "**/" may
// stand for nothing, and so does all behind a "[" or "\\". Most paths lack it, which settles them in one look.
std::string_view glob_literal(std::string_view pattern) {
  pattern = pattern.substr(0, pattern.find_first_of("[\\"));
  std::string_view longest;
  while (!pattern.empty()) {
    const std::string_view run = pattern.substr(0, pattern.find_first_of("*?/"));
    if (run.size() > longest.size()) longest = run;
    pattern.remove_prefix(run.size() == pattern.size() ? run.size() : run.size() + 1);
  }
  return longest;
}

bool glob_match(std::string_view pattern, std::string_view path) {
  if (path.find(glob_literal(pattern)) == std::string_view::npos) return false;
  const bool only_below = pattern.ends_with('/');
  if (only_below) pattern.remove_suffix(1);
  const bool any_folder = pattern.find('/') == std::string_view::npos;
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  if (pattern.empty()) return false;

  // The path itself, and every folder it lies in: a pattern that names a folder takes what is below it along.
  for (std::size_t end = 0, start = 0; end != std::string_view::npos; start = end + 1) {
    end = path.find('/', start);
    if (end == std::string_view::npos && only_below) return false;
    const std::string_view upto = path.substr(0, end);
    if (match_whole(pattern, any_folder ? upto.substr(start) : upto)) return true;
  }
  return false;
}

}  // namespace lambdapack
