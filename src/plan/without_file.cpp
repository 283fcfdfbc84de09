// See without_file.h. Directly broken is who gets an answer "missing" or "fatal" that it did not get before; who needs
// a broken file is broken too. What opens libraries by name is only named: it may be prepared to find nothing.
#include "plan/without_file.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"

namespace lambdapack {
namespace {

constexpr std::size_t kListed = 10;

// An answer as it can be compared between two packages: in words, with files by path.
struct ComparedAnswer {
  bool works = false;
  std::string what;  // "" when missing
  auto operator<=>(const ComparedAnswer&) const = default;
};

using Answers = std::map<std::string, std::set<ComparedAnswer>>;  // by needed name

Answers answers_of(const Package& package, const LinkGraph& links, std::size_t file) {
  Answers answers;
  for (const Edge& edge : edges_of(links, file)) {
    if (edge.optional) continue;
    const bool works = edge.state != EdgeState::missing && edge.state != EdgeState::fatal;
    answers[edge.needed].insert({works, edge.target ? package.files[*edge.target].path : edge.outside});
  }
  return answers;
}

struct Reduced {
  Package package;
  Inventory inventory;
};

Reduced leave_out(const PlanInput& input, std::size_t file) {
  Reduced reduced;
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    if (i == file) continue;
    reduced.package.files.push_back(input.package.files[i]);
    reduced.inventory.files.push_back(input.inventory.files[i]);
  }
  return reduced;
}

// Who gets another answer once the file is gone.
void compare_answers(const PlanInput& input, const Reduced& reduced, const LinkGraph& after, std::size_t removed,
                     WithoutFile& result) {
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    if (i == removed || edges_of(input.links, i).empty()) continue;
    const Answers before = answers_of(input.package, input.links, i);
    for (const auto& [needed, answers] : answers_of(reduced.package, after, i - (i > removed ? 1 : 0))) {
      const auto old = before.find(needed);
      if (old == before.end()) continue;
      for (const ComparedAnswer& answer : answers) {
        if (old->second.contains(answer)) continue;
        if (answer.works)
          result.rebound.push_back({i, needed, answer.what});
        else
          result.broken.push_back({i, needed, std::nullopt, 1});
      }
    }
  }
}

// Who needs what is broken, level by level.
void spread(const PlanInput& input, std::size_t removed, WithoutFile& result) {
  std::vector<char> broken(input.package.files.size());
  broken[removed] = 1;
  for (const BrokenFile& one : result.broken) broken[one.file] = 1;
  std::map<std::size_t, std::vector<const Edge*>> needed_by;
  for (const Edge& edge : input.links.edges)
    if (edge.target && !edge.optional && edge.state == EdgeState::bundled) needed_by[*edge.target].push_back(&edge);
  for (std::size_t next = 0; next < result.broken.size(); ++next) {
    const BrokenFile now = result.broken[next];
    const auto edges = needed_by.find(now.file);
    if (edges == needed_by.end()) continue;
    for (const Edge* edge : edges->second) {
      if (broken[edge->from] != 0) continue;
      broken[edge->from] = 1;
      result.broken.push_back({edge->from, edge->needed, now.file, now.distance + 1});
    }
  }
}

void find_names(const PlanInput& input, std::size_t removed, WithoutFile& result) {
  std::set<std::size_t> gone{removed}, names;
  for (const BrokenFile& one : result.broken) gone.insert(one.file);
  for (const std::size_t file : gone) {
    const ReachStep& step = input.reach.steps[file];
    if (step.kind == ReachKind::evidence && step.from) names.insert(*step.from);
  }
  result.name_it.assign(names.begin(), names.end());
}

}  // namespace

WithoutFile without_file(const PlanInput& input, const LoaderProfile& profile, const Mount& mount, std::size_t file) {
  const Reduced reduced = leave_out(input, file);
  const LinkGraph after = resolve_links(reduced.package, reduced.inventory, profile, mount);
  WithoutFile result;
  result.complete = input.links.complete && after.complete;
  compare_answers(input, reduced, after, file, result);
  // One line per file is enough; compare_answers goes by path, so the first stays.
  const auto same = std::ranges::unique(result.broken, {}, &BrokenFile::file);
  result.broken.erase(same.begin(), same.end());
  spread(input, file, result);
  std::ranges::sort(result.broken, {}, [](const BrokenFile& one) { return std::pair(one.distance, one.file); });
  find_names(input, file, result);
  return result;
}

std::vector<std::string> explain_without(const PlanInput& input, const LoaderProfile& profile, const Mount& mount,
                                         std::size_t file) {
  const WithoutFile without = without_file(input, profile, mount, file);
  const auto path_of = [&](std::size_t i) { return printable(input.package.files[i].path); };
  std::vector<std::string> lines;
  const auto list = [&](std::size_t count, const auto& line_of) {
    for (std::size_t i = 0; i < std::min(count, kListed); ++i) lines.push_back(line_of(i));
    if (count > kListed) lines.push_back(fmt::format("    … and {} more", count - kListed));
  };
  if (!without.broken.empty()) {
    const auto roots = std::ranges::count_if(
        without.broken, [&](const BrokenFile& one) { return input.reach.steps[one.file].kind == ReachKind::root; });
    lines.push_back(fmt::format("  {} file{} could not be loaded, {} of them started or imported directly",
                                without.broken.size(), without.broken.size() == 1 ? "" : "s", roots));
    list(without.broken.size(), [&](std::size_t i) {
      const BrokenFile& one = without.broken[i];
      return fmt::format("    {} needs {}{}", path_of(one.file), printable(one.needed),
                         one.via ? ", so it needs it too" : "");
    });
  }
  list(without.rebound.size(), [&](std::size_t i) {
    const OtherBinding& one = without.rebound[i];
    return fmt::format("  {} needs {} and would get {}", path_of(one.file), printable(one.needed),
                       printable(one.instead));
  });
  list(without.name_it.size(), [&](std::size_t i) {
    return fmt::format("  {} opens it by name, or something that needs it", path_of(without.name_it[i]));
  });
  if (lines.empty()) lines.emplace_back("  nothing that the loader loads would break or change");
  if (!without.complete) lines.emplace_back("  not every chain of loaders was followed: there may be more");
  return lines;
}

}  // namespace lambdapack
