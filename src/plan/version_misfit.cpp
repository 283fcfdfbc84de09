// See version_misfit.h.
#include "plan/version_misfit.h"

#include <algorithm>

#include <fmt/format.h>

#include "plan/symbol_version.h"

namespace lambdapack {

std::vector<VersionMisfit> version_misfits(const std::string& path, const ElfInfo& elf, const Runtime& runtime) {
  std::vector<VersionMisfit> misfits;
  for (const VersionNeed& need : elf.versions_needed) {
    const auto folder = runtime.folder_of(need.library);
    if (need.weak || !folder) continue;
    const VersionVerdict verdict = judge_version(need.version, *folder + "/" + need.library, runtime);
    if (verdict.state == VersionState::too_new) misfits.push_back({path, need.library, need.version, verdict.ceiling});
  }
  return misfits;
}

std::string misfit_text(const std::vector<VersionMisfit>& misfits, const Runtime& runtime) {
  const VersionMisfit& first = misfits.front();
  std::string text = fmt::format("{} needs {} of {}, ", first.path, first.version, first.library);
  text += first.ceiling.empty() ? fmt::format("which {} does not define", runtime.id)
                                : fmt::format("{} has nothing above {}", runtime.id, first.ceiling);
  if (misfits.size() > 1) text += fmt::format(" (and {} more)", misfits.size() - 1);
  return text;
}

bool needs_shadowed(const Inventory& inventory, const Edge& edge, const VersionNeed& need, const Runtime& runtime) {
  if (edge.state != EdgeState::shadowed || !edge.shadows || need.library != edge.needed) return false;
  const auto& bundled = inventory.files[*edge.shadows].elf;
  if (!bundled || !std::ranges::binary_search(bundled->versions_defined, need.version)) return false;
  const VersionState state = judge_version(need.version, edge.outside, runtime).state;
  return state == VersionState::too_new || state == VersionState::unlisted;
}

std::string OtherRuntimes::that_have(const VersionNeed& need, std::string_view library) {
  if (!runtimes_) {
    runtimes_.emplace();
    for (const std::string& id : rules_.runtime_ids) {
      if (id == target_.runtime.id) continue;
      auto runtime = rules_.runtime(id, target_.arch);
      if (!runtime || runtime->family != target_.runtime.family || runtime->released.empty()) continue;
      if (!runtime->deprecation.empty() && runtime->deprecation <= today_) continue;
      runtimes_->push_back(*std::move(runtime));
    }
  }
  std::string names;
  for (const Runtime& runtime : *runtimes_) {
    const auto folder = runtime.folder_of(library);
    if (!folder) continue;
    const auto state = judge_version(need.version, *folder + "/" + std::string(library), runtime).state;
    if (state != VersionState::present) continue;
    if (!names.empty()) names += ", ";
    names += runtime.id;
  }
  return names;
}

}  // namespace lambdapack
