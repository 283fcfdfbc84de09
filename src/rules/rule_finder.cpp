// The index behind RuleFinder: each glob has a part (between slashes) that begins with plain letters, and a path can
// only match if one of its own parts begins with them too. What the index proposes is then tried for real.
#include "rules/rule_finder.h"

#include <algorithm>

#include "base/glob.h"

namespace lambdapack {

namespace {

constexpr std::size_t kShortestKey = 2;  // shorter starts would propose nearly every path
constexpr std::size_t kLongestKey = 8;

// The plain letters that a part of a glob begins with.
std::string_view plain_start(std::string_view part) {
  return part.substr(0, part.find_first_of("*?[\\"));
}

// The longest plain start among the parts of a glob; empty when every part begins with a wildcard. A part's first
// letters are matched from the beginning of a part of the path, whatever comes before it: "**" before a slash takes
// whole folders. Only a part right behind a "**" that is not a folder of its own ("a**b/c") could begin in the middle;
// those have the wildcard inside and offer what stands before it.
std::string_view key_of(std::string_view glob) {
  std::string_view best;
  while (!glob.empty()) {
    const std::size_t slash = glob.find('/');
    const std::string_view start = plain_start(glob.substr(0, slash));
    if (start.size() > best.size()) best = start;
    if (slash == std::string_view::npos) break;
    glob.remove_prefix(slash + 1);
  }
  return best.substr(0, kLongestKey);
}

}  // namespace

RuleFinder::RuleFinder(const Rules& rules, RuleKind kind, std::string_view family) {
  for (const Rule& rule : rules.rules) {
    if (rule.kind != kind || !rule.enabled) continue;
    const bool for_all = family.empty() || rule.runtimes.empty();
    if (!for_all && std::ranges::find(rule.runtimes, family) == rule.runtimes.end()) continue;
    const std::size_t index = rules_.size();
    rules_.push_back(&rule);
    for (const std::string& glob : rule.paths) {
      const std::string_view key = key_of(glob);
      if (key.size() < kShortestKey) {
        always_.push_back({index, glob_literal(glob)});
      } else {
        by_start_[std::string(key)].push_back({index, glob_literal(glob)});
        longest_ = std::max(longest_, key.size());
      }
    }
  }
}

void RuleFinder::propose(const std::vector<Glob>& globs, std::string_view path, std::vector<std::size_t>& rules) const {
  for (const Glob& glob : globs)
    if (path.find(glob.literal) != std::string_view::npos) rules.push_back(glob.rule);
}

std::vector<const Rule*> RuleFinder::find(std::string_view path) const {
  std::vector<std::size_t> proposed;
  propose(always_, path, proposed);
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    for (std::size_t length = kShortestKey; length <= std::min(longest_, part.size()); ++length) {
      const auto at = by_start_.find(part.substr(0, length));
      if (at != by_start_.end()) propose(at->second, path, proposed);
    }
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  std::ranges::sort(proposed);
  proposed.erase(std::unique(proposed.begin(), proposed.end()), proposed.end());

  std::vector<const Rule*> found;
  for (const std::size_t index : proposed)
    if (rules_[index]->matches(path)) found.push_back(rules_[index]);
  return found;
}

}  // namespace lambdapack
