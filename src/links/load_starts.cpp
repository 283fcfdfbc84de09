// Records are large, and most files of a package are no ELF files: they are looked at once.
#include "links/load_starts.h"

#include "links/load.h"

namespace lambdapack {

std::vector<std::size_t> find_elf_files(const Inventory& inventory) {
  std::vector<std::size_t> elf_files;
  for (std::size_t i = 0; i < inventory.files.size(); ++i)
    if (inventory.files[i].elf) elf_files.push_back(i);
  return elf_files;
}

bool has_edges(const FileRecord& record, const LoaderProfile& profile) {
  return record.elf && record.elf->has_dynamic && record.elf->machine == profile.machine &&
         record.elf->is64 == profile.is64 && record.elf->type != ElfType::relocatable &&
         record.elf->type != ElfType::core;
}

std::optional<std::size_t> find_host(const Inventory& inventory, const LoaderProfile& profile, const FileView& files) {
  for (const std::string& path : profile.bootstraps) {
    const Location location = files.locate(path);
    if (location.what == Located::nothing) continue;
    if (location.what != Located::file || !has_edges(inventory.files[location.file], profile)) return std::nullopt;
    if (!starts_as_program(*inventory.files[location.file].elf)) return std::nullopt;
    return location.file;
  }
  return std::nullopt;
}

}  // namespace lambdapack
