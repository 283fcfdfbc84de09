// Symbol versions and dynamic symbols: the tables behind DT_SYMTAB, DT_VERSYM, DT_VERNEED and DT_VERDEF.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "elf/elf_info.h"
#include "elf/elf_layout.h"

namespace lambdapack {

// Where the dynamic section says the tables are: addresses, and counts that may lie.
struct SymbolTables {
  ElfReader strings;  // DT_STRTAB, cut at DT_STRSZ
  std::optional<std::uint64_t> symtab, hash, gnu_hash, versym, verneed, verdef;
  std::uint64_t verneed_count = 0, verdef_count = 0;
  std::optional<std::uint64_t> symbol_size;  // DT_SYMENT
  std::optional<std::uint64_t> strtab;       // DT_STRTAB
};

// Fills in versions_needed, versions_defined, undefined_symbols, node_api, asks_processor, calls_dlopen and
// entry_points of `info`.
void read_dynamic_symbols(const ElfLayout& layout, const SymbolTables& tables, ElfInfo& info);

struct ExportedFunction {
  std::uint64_t address = 0, size = 0;
  std::string_view name;  // into the file
};

// In the order of the symbol table.
std::vector<ExportedFunction> exported_functions(const ElfLayout& layout, const SymbolTables& tables);

}  // namespace lambdapack
