// Asked once there is a plan, since what goes anyway needs nothing any more; then planned anew. See pipeline_needed.h.
#include "pipeline_needed.h"

#include <algorithm>

#include <fmt/format.h>

#include "pipeline_template.h"
#include "plan/needed_entries.h"

namespace lambdapack {
namespace {

void explain_idle(const NeededEntries& entries, const Package& package, std::vector<IdleLibrary>& idle) {
  for (IdleLibrary& library : idle) {
    if (std::ranges::binary_search(entries.unloaded, library.file)) continue;
    const auto kept = std::ranges::lower_bound(entries.kept, library.file, {}, &KeptEntries::library);
    const bool found = kept != entries.kept.end() && kept->library == library.file;
    library.entries_stay = found                                             ? kept->reason
                           : is_layer_file(package.files[library.file].path) ? "it is a layer's"
                                                                             : "something else loads it";
  }
}

}  // namespace

Result<Plan> plan_needed_entries(const PlanInput& input, Plan plan, Examined& examined, const Frame& frame) {
  const CommandLine& command_line = frame.command_line;
  const Mount mount = mount_of(frame);
  const BindingInput loads = binding_input(input.package, input.inventory, input.reach, frame, mount);
  const bool may_go = command_line.plan.level == Confidence::possible &&
                      is_enabled(input.rules, command_line.plan, "drop-needed-entry");
  LP_TRY(const NeededEntries entries,
         find_needed_entries({loads, input.links, input.reach, input.target, examined.bindings, input.rules, plan,
                              may_go, search_path_unknown(command_line) || has_unknown_layers(command_line)}));
  explain_idle(entries, input.package, examined.idle);
  if (entries.drops.empty() || !may_go) return plan;

  PlanInput without = input;
  without.dropped_needs = entries.drops;
  for (const std::size_t library : entries.unused)
    without.proposed.push_back({library, "drop-unused-library",
                                "nothing names it but the needed entries that go (drop-needed-entry), and nothing that "
                                "needed it uses anything of it",
                                Confidence::possible});
  std::ranges::sort(without.proposed, {}, &ProposedDrop::file);
  LP_TRY(plan, make_plan(without, command_line.plan));
  plan.unloaded = entries.unloaded;
  return plan;
}

}  // namespace lambdapack
