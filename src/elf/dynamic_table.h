// The dynamic section entry by entry and the relocations it leads to, for what needs more of them than ElfInfo says.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "elf/elf_layout.h"

namespace lambdapack {

struct DynamicEntry {
  std::uint64_t tag = 0, value = 0;
  bool operator==(const DynamicEntry&) const = default;
};

struct DynamicTable {
  std::uint64_t address = 0, offset = 0;  // of the first entry: where it is loaded, and where in the file
  std::vector<DynamicEntry> entries;      // up to DT_NULL, and without it
  bool terminated = false;                // there is a DT_NULL

  // Of the last entry with this tag: the one that the loader takes.
  std::optional<std::uint64_t> value(std::uint64_t tag) const;
};

// Found as the loader finds it: the last PT_DYNAMIC, by its address. Empty when there is none.
DynamicTable read_dynamic_table(const ElfLayout& layout);

// The place in the file of what is loaded at an address; nothing when no PT_LOAD has it in its file part.
std::optional<std::uint64_t> file_offset(const ElfLayout& layout, std::uint64_t address);

struct Relocation {
  std::uint64_t address = 0;  // that it changes
  std::uint32_t type = 0, symbol = 0;
  std::optional<std::uint64_t> addend;  // nothing: what is at the address (DT_RELR)
};

// DT_RELA, DT_JMPREL and DT_RELR of a 64-bit file, the latter as relative ones. Until `visit` returns
// false.
void visit_relocations(const ElfLayout& layout, const DynamicTable& dynamic,
                       const std::function<bool(const Relocation&)>& visit);

}  // namespace lambdapack
