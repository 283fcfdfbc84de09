// NODE_MODULE() puts a structure into the data and a constructor that hands it to node_module_register (node's
// src/node.h): nm_version 4, nm_flags 4, nm_dso_handle 8 (null), nm_filename 8, two functions, nm_modname. The pointer
// to the file name is a relocation, and what it points to ends like a C++ source: that is how the structure is found
// among other data.
#include "elf/node_addon.h"

#include <algorithm>
#include <string_view>

#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kRelaSize = 24, kMostRelocations = 1 << 16, kLongestName = 4096;
constexpr std::uint64_t kFileNameOffset = 16;
// Versions below 11 were Node.js 0.8's; Electron's begin at the same numbers.
constexpr std::uint32_t kLowestVersion = 11, kHighestVersion = 4095, kHighestFlag = 0xff;

bool is_source_name(std::string_view name) {
  for (const std::string_view suffix : {".cc", ".cpp", ".cxx", ".c", ".mm", ".h", ".hpp"})
    if (name.ends_with(suffix)) return true;
  return false;
}

}  // namespace

std::vector<int> registered_node_versions(const ElfLayout& layout, const StartupTables& tables) {
  std::vector<int> versions;
  if (!tables.rela || !layout.reader.is64()) return versions;
  const ElfReader relocations = at_address(layout, *tables.rela).part(0, tables.rela_size);
  const std::uint64_t count = std::min(relocations.size() / kRelaSize, kMostRelocations);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint32_t type = relocations.u32(kRelaSize * i + 8);
    if (type != kX86Relative && type != kAArch64Relative) continue;
    const std::uint64_t place = relocations.u64(kRelaSize * i);
    if (place < kFileNameOffset) continue;
    const ElfReader module = at_address(layout, place - kFileNameOffset);
    const std::uint32_t version = module.u32(0);
    if (version < kLowestVersion || version > kHighestVersion || module.u32(4) > kHighestFlag || module.u64(8) != 0)
      continue;
    const auto name = at_address(layout, relocations.u64(kRelaSize * i + 16)).text(0, kLongestName);
    if (name && is_source_name(*name)) versions.push_back(static_cast<int>(version));
  }
  std::ranges::sort(versions);
  const auto repeated = std::ranges::unique(versions);
  versions.erase(repeated.begin(), repeated.end());
  return versions;
}

}  // namespace lambdapack
