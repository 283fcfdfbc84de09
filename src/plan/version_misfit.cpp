// See version_misfit.h.
#include "plan/version_misfit.h"

#include <fmt/format.h>

#include "plan/symbol_version.h"

namespace lambdapack {

std::vector<VersionMisfit> version_misfits(const std::string& path, const ElfInfo& elf, const Runtime& runtime) {
  std::vector<VersionMisfit> misfits;
  for (const VersionNeed& need : elf.versions_needed) {
    if (need.weak || !runtime.folder_of(need.library)) continue;
    const VersionVerdict verdict = judge_version(need.version, runtime.ceilings);
    if (verdict.state == VersionState::too_new) misfits.push_back({path, need.library, need.version, verdict.ceiling});
  }
  return misfits;
}

std::string misfit_text(const std::vector<VersionMisfit>& misfits, const Runtime& runtime) {
  const VersionMisfit& first = misfits.front();
  std::string text = fmt::format("{} needs {} of {}, {} has nothing above {}", first.path, first.version, first.library,
                                 runtime.id, first.ceiling);
  if (misfits.size() > 1) text += fmt::format(" (and {} more)", misfits.size() - 1);
  return text;
}

}  // namespace lambdapack
