// The package is asked what it would be without the entries, and planned anew: the libraries behind them are then
// unused like any others, and the rules for those decide. See pipeline_needed.h.
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

// Whether a drop of a library that nothing loads any more is said to be what it is.
void say_why(const std::vector<std::size_t>& unloaded, Plan& plan) {
  for (const std::size_t library : unloaded) {
    Decision& decision = plan.decisions[library];
    if (decision.action == Action::drop)
      decision.reason += "; what needed it used nothing of it, and does not need it any more (drop-needed-entry)";
  }
}

}  // namespace

Result<Plan> plan_needed_entries(const PlanInput& input, Plan plan, Examined& examined, const Frame& frame) {
  const CommandLine& command_line = frame.command_line;
  const Mount mount = mount_of(frame);
  const BindingInput loads = binding_input(input.package, input.inventory, input.reach, frame, mount);
  LP_TRY(const NeededEntries entries,
         find_needed_entries({loads, input.links, input.reach, input.target, examined.bindings, plan,
                              search_path_unknown(command_line) || layers_unknown(command_line)}));
  explain_idle(entries, input.package, examined.idle);
  const Rule* rule = input.rules.find("drop-needed-entry");
  const auto& disabled = command_line.plan.disabled_rules;
  if (entries.drops.empty() || command_line.plan.level != Confidence::possible || (rule != nullptr && !rule->enabled) ||
      std::ranges::find(disabled, "drop-needed-entry") != disabled.end())
    return plan;

  const Inventory inventory = without_entries(input.inventory, entries.drops);
  const LinkGraph links = resolve_links(input.package, inventory, frame.profile, mount);
  LP_TRY(const Reach reach,
         find_reachable(reach_input(input.package, inventory, input.languages, links, frame), command_line.threads));
  PlanInput without{input.package, input.inventory, input.languages,    links,          reach,        input.target,
                    input.rules,   input.sdk_sets,  input.layer_copies, input.proposed, entries.drops};
  LP_TRY(plan, make_plan(without, command_line.plan));
  plan.unloaded = entries.unloaded;
  say_why(entries.unloaded, plan);
  return plan;
}

}  // namespace lambdapack
