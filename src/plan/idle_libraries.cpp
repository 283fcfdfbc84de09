// Libraries that are needed for nothing: over-linking of the days before --as-needed.
//
// Such a library costs its pages, its relocations and those of all it needs, at every cold start. Only libraries that
// are not opened or started by themselves are asked about, and only when every load was followed: what is unknown of
// symbols elsewhere cannot be bound to a definition that no known reference asks for.
#include <algorithm>
#include <deque>
#include <set>

#include "elf/start_code.h"
#include "plan/check_bindings.h"

namespace lambdapack {
namespace {

constexpr std::size_t kMostIdle = 200;  // each costs a walk over the graph

// What is reached over needed edges from the starts, without going into `without`.
std::vector<bool> loaded(const BindingCheckInput& input, std::size_t without) {
  std::vector<bool> seen(input.package.files.size());
  std::deque<std::size_t> pending;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const ReachKind kind = input.reach.steps[i].kind;
    if (i == without || kind == ReachKind::none || kind == ReachKind::needed) continue;
    seen[i] = true;
    pending.push_back(i);
  }
  while (!pending.empty()) {
    const std::size_t file = pending.front();
    pending.pop_front();
    for (const Edge& edge : edges_of(input.links, file)) {
      if (!edge.target || *edge.target == without || seen[*edge.target]) continue;
      seen[*edge.target] = true;
      pending.push_back(*edge.target);
    }
  }
  return seen;
}

bool may_be_idle(const BindingCheckInput& input, std::size_t file) {
  return input.bindings.of(file) != nullptr && !input.bindings.binds_for_others[file] &&
         input.reach.steps[file].kind == ReachKind::needed && input.inventory.files[file].elf->entry_points.empty();
}

}  // namespace

std::string entries_text(const IdleLibrary& library) {
  if (library.entries_stay.empty()) return "--aggressive takes out the entries that need it (rule drop-needed-entry)";
  return "the entries that need it stay, even with --aggressive: " + library.entries_stay;
}

Result<std::vector<IdleLibrary>> find_idle_libraries(const BindingCheckInput& input) {
  std::vector<IdleLibrary> idle;
  if (!input.bindings.complete || !input.links.complete) return idle;
  std::vector<std::set<std::size_t>> needed_by(input.package.files.size());
  for (const Edge& edge : input.links.edges)
    if (edge.target && edge.state == EdgeState::bundled && *edge.target != edge.from && input.reach.reached(edge.from))
      needed_by[*edge.target].insert(edge.from);
  const std::vector<bool> all = loaded(input, input.package.files.size());
  for (std::size_t i = 0; i < needed_by.size() && idle.size() < kMostIdle; ++i) {
    if (needed_by[i].empty() || !may_be_idle(input, i)) continue;
    LP_TRY(const Bytes bytes, input.package.files[i].content.read());
    const bool runs = runs_code_when_loaded(bytes, *input.inventory.files[i].elf);
    input.package.files[i].content.release();
    if (runs) continue;
    IdleLibrary library{i, {needed_by[i].begin(), needed_by[i].end()}, {}, input.package.files[i].size()};
    const std::vector<bool> rest = loaded(input, i);
    for (std::size_t other = 0; other < all.size(); ++other) {
      if (other == i || !all[other] || rest[other]) continue;
      library.drags_in.push_back(other);
      library.bytes += input.package.files[other].size();
    }
    idle.push_back(std::move(library));
  }
  return idle;
}

}  // namespace lambdapack
