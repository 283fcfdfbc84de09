// What makes a file not loadable is in its headers, never in its name; see not_loadable.h.
#include "plan/not_loadable.h"

#include <algorithm>

#include <fmt/format.h>

#include "languages/package_paths.h"

namespace lambdapack {
namespace {

bool has_split_debug_info(const ElfInfo& elf) {
  return std::ranges::any_of(elf.sections, [](const ElfSection& section) { return section.name.ends_with(".dwo"); });
}

// Kernel modules and R objects have their own loaders, which know them by these sections.
bool has_other_loader(const ElfInfo& elf) {
  return std::ranges::any_of(elf.sections, [](const ElfSection& section) {
    return section.name == ".modinfo" || section.name == ".gnu.linkonce.this_module" || section.name == ".BTF";
  });
}

std::string why_not_loadable(const FileRecord& record) {
  if (record.type == FileType::static_archive) return "a static archive, which only a linker reads";
  if (!record.elf) return {};
  const ElfInfo& elf = *record.elf;
  if (elf.type == ElfType::core) return "a core dump, with what was in a process's memory";
  if (elf.machine != kMachineX86_64 && elf.machine != kMachineAArch64) return {};
  if (elf.debug_file) return "separate debug info, which only debuggers read";
  if (elf.type != ElfType::relocatable || has_other_loader(elf)) return {};
  if (has_split_debug_info(elf)) return "split debug info, which only debuggers read";
  return "an object file, which only a linker reads";
}

}  // namespace

std::vector<NotLoadable> list_not_loadable(const Package& package, const Inventory& inventory) {
  std::vector<NotLoadable> found;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    if (package.files[i].kind != FileKind::regular) continue;
    if (std::string reason = why_not_loadable(inventory.files[i]); !reason.empty())
      found.push_back({i, Confidence::likely, std::move(reason)});
  }
  return found;
}

Result<std::vector<NotLoadable>> judge_named(const Package& package, std::vector<NotLoadable> found,
                                             const std::vector<std::size_t>& readers, TextSearch& texts) {
  std::vector<std::string> names;
  for (const NotLoadable& one : found) names.emplace_back(base_name(package.files[one.file].path));
  std::vector<std::size_t> others;
  std::ranges::copy_if(readers, std::back_inserter(others), [&](std::size_t reader) {
    return !std::ranges::binary_search(found, reader, {}, &NotLoadable::file);
  });
  LP_TRY(const auto mentions, texts.find(others, names));
  for (const Mention& mention : mentions) {
    NotLoadable& candidate = found[mention.needle];
    if (candidate.confidence == Confidence::possible) continue;
    candidate.confidence = Confidence::possible;
    candidate.reason += fmt::format(", but {} names it", package.files[mention.file].path);
  }
  return found;
}

}  // namespace lambdapack
