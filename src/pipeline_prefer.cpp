// Links and symbols are resolved once more without the copies. When something else would change, they are added soname
// by soname, so that one that must stay does not keep the others.
#include "pipeline_prefer.h"

#include <algorithm>
#include <set>

#include "apply/verify_bindings.h"
#include "apply/verify_result.h"
#include "pipeline_trial.h"
#include "plan/prefer_runtime.h"

namespace lambdapack {
namespace {

constexpr std::size_t kTries = 32;  // sonames; each try resolves the links and symbols of the whole package

class Proof {
 public:
  Proof(const PlanInput& input, const Examined& examined, const Frame& frame)
      : input_(input), examined_(examined), frame_(frame) {
    starts_ = binding_starts(examined.inventory, examined.reach);
  }

  Result<bool> holds(const std::vector<RuntimeCopy>& copies) const {
    std::vector<Decision> drops;
    for (const RuntimeCopy& copy : copies) {
      if (!copy.refusal.empty()) continue;
      Decision drop;
      drop.file = copy.file;
      drop.action = Action::drop;
      drop.stand_in = copy.stand_in;
      drops.push_back(std::move(drop));
    }
    if (drops.empty()) return true;
    const Trial trial = leave_out(input_, frame_, drops);
    const Applied& applied = trial.applied;
    if (!trial.links.complete ||
        !changed_bindings(input_.package, input_.links, applied.package, trial.links, applied).empty())
      return false;
    std::vector<BindingStart> starts;
    for (std::size_t i = 0; i < applied.old_index.size(); ++i) {
      const auto start = std::ranges::find(starts_, applied.old_index[i], &BindingStart::file);
      if (start != starts_.end()) starts.push_back({i, start->as_program});
    }
    const Mount mount = mount_of(frame_);
    LP_TRY(const Bindings bindings, resolve_bindings({applied.package,
                                                      trial.inventory,
                                                      frame_.profile,
                                                      mount,
                                                      std::move(starts),
                                                      {},
                                                      frame_.command_line.threads}));
    return bindings.complete && changed_symbols(input_.package, examined_.bindings, bindings, applied).empty();
  }

 private:
  const PlanInput& input_;
  const Examined& examined_;
  const Frame& frame_;
  std::vector<BindingStart> starts_;
};

Result<Bindings> bindings_of_all(const PlanInput& input, const Examined& examined, const Frame& frame) {
  const Mount mount = mount_of(frame);
  BindingInput all = binding_input(input.package, examined.inventory, examined.reach, frame, mount);
  for (const UnusedFile& unused : examined.reach.unused) all.starts.push_back({unused.file, false});
  std::ranges::sort(all.starts, {}, &BindingStart::file);
  return resolve_bindings(all);
}

}  // namespace

Result<std::vector<RuntimeCopy>> provable_runtime_copies(const PlanInput& input, const Examined& examined,
                                                         const Frame& frame) {
  const ReachInput reach = reach_input(input.package, examined.inventory, examined.languages, examined.links, frame);
  const CommandLine& command_line = frame.command_line;
  const PreferInput prefer{reach,         examined.reach,    examined.bindings,
                           frame.profile, command_line.plan, command_line.threads};
  LP_TRY(std::vector<RuntimeCopy> copies, find_runtime_copies(prefer));
  if (!copies.empty() && !examined.reach.unused.empty()) {
    // What nothing reaches may stay for all that, and binds too.
    LP_TRY(const Bindings more, bindings_of_all(input, examined, frame));
    const PreferInput again{reach, examined.reach, more, frame.profile, command_line.plan, command_line.threads};
    LP_TRY(copies, find_runtime_copies(again));
  }
  const Proof proof(input, examined, frame);
  LP_TRY(const bool all, proof.holds(copies));
  if (all) return copies;

  std::set<std::string> sonames;
  for (const RuntimeCopy& copy : copies)
    if (copy.refusal.empty()) sonames.insert(copy.stand_in.library);
  std::set<std::string> proven;
  const auto only = [&](const std::set<std::string>& libraries) {
    std::vector<RuntimeCopy> some = copies;
    for (RuntimeCopy& copy : some)
      if (copy.refusal.empty() && !libraries.contains(copy.stand_in.library))
        copy.refusal = "something else would be loaded, or bound to, without it";
    refuse_with_what_stays(prefer, some);
    return some;
  };
  // Those that others may need come before them in one of the rounds.
  for (std::size_t tries = 0, before = sonames.size() + 1; tries < kTries && proven.size() != before;) {
    before = proven.size();
    for (const std::string& library : sonames) {
      if (proven.contains(library) || ++tries > kTries) continue;
      std::set<std::string> more = proven;
      more.insert(library);
      const std::vector<RuntimeCopy> some = only(more);
      const bool still_there = std::ranges::any_of(
          some, [&](const RuntimeCopy& copy) { return copy.refusal.empty() && copy.stand_in.library == library; });
      LP_TRY(const bool holds, proof.holds(some));
      if (holds && still_there) proven = std::move(more);
    }
  }
  return only(proven);
}

}  // namespace lambdapack
