// What pack does in the end to the real result is tried here before the plan is made, so that a drop that would change
// more than it says is no part of the plan.
#include "pipeline_trial.h"

#include <set>

namespace lambdapack {

Trial leave_out(const PlanInput& input, const Frame& frame, const std::vector<Decision>& drops) {
  Trial trial;
  Applied& applied = trial.applied;
  applied.plan.decisions.resize(input.package.files.size());
  std::set<std::size_t> gone;
  for (const Decision& drop : drops) {
    applied.plan.decisions[drop.file] = drop;
    gone.insert(drop.file);
  }
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    applied.plan.decisions[i].file = i;
    const PackageFile& file = input.package.files[i];
    if (file.kind == FileKind::symlink && !is_layer_file(file.path))
      if (const auto real = resolve_path(input.package, file.path); real && gone.contains(*real)) gone.insert(i);
  }
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    if (gone.contains(i)) continue;
    applied.package.files.push_back(input.package.files[i]);
    applied.old_index.push_back(i);
    trial.inventory.files.push_back(input.inventory.files[i]);
  }
  trial.links = resolve_links(applied.package, trial.inventory, frame.profile, mount_of(frame));
  return trial;
}

}  // namespace lambdapack
