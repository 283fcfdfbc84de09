// Each of these is what glibc's dl-load.c, dl-reloc.c, dl-lookup.c or dl-init.c does with an object that nobody asks
// for a symbol.
#include "elf/load_effects.h"

#include <algorithm>

#include "elf/dynamic_table.h"
#include "elf/elf_format.h"
#include "elf/start_code.h"
#include "elf/symbol_table.h"

namespace lambdapack {

using namespace elf_format;

namespace {

// DF_1_NOW, NODELETE, ORIGIN, NODEFLIB: about the library itself. Others are not: INITFIRST, INTERPOSE, GLOBAL …
constexpr std::uint64_t kHarmlessFlags1 = 0x1 | 0x8 | 0x80 | kDf1Nodeflib;

// Without a PT_GNU_STACK the loader takes it that the code needs an executable stack, and makes all stacks so.
bool makes_stacks_executable(const ElfInfo& info) {
  const auto stack = std::ranges::find(info.segments, kPtGnuStack, &ElfSegment::type);
  return stack == info.segments.end() || (stack->flags & kPfExecute) != 0;
}

bool has_indirect_functions(const ElfLayout& layout, std::uint16_t machine) {
  const std::uint32_t indirect = machine == kMachineX86_64 ? kX86Irelative : kAArch64Irelative;
  bool found = false;
  visit_relocations(layout, read_dynamic_table(layout), [&](const Relocation& relocation) {
    found = relocation.type == indirect;
    return !found;
  });
  return found;
}

std::string effect_of_symbols(const SymbolTable& symbols) {
  bool unique = false, indirect = false, thread = false;
  symbols.for_each_hashed([&](const SymbolTable::Hashed& hashed) {
    const DynamicSymbol symbol = symbols.symbol(hashed.symbol);
    unique = unique || symbol.binding == kBindingUnique;
    indirect = indirect || symbol.type == kTypeIfunc;
    thread = thread || symbol.type == kTypeTls;
  });
  if (unique) return "has symbols that are unique in the process";
  if (indirect) return "has indirect functions";
  return thread ? "has thread-local storage" : "";
}

}  // namespace

std::string effect_of_loading(Bytes bytes, const ElfInfo& info) {
  if (!info.is64 || !info.little_endian || (info.machine != kMachineX86_64 && info.machine != kMachineAArch64))
    return "is not for one of Lambda's processors";
  if (info.type != ElfType::shared || info.is_executable()) return "is a program";
  if (!info.problems.empty()) return "is malformed";
  if (!info.filters.empty() || !info.auxiliaries.empty()) return "is a filter for other libraries";
  if (runs_code_when_loaded(bytes, info)) return "runs code when it is loaded or unloaded";
  if (std::ranges::find(info.segments, kPtTls, &ElfSegment::type) != info.segments.end())
    return "has thread-local storage";
  if (makes_stacks_executable(info)) return "asks for executable stacks";
  const SymbolTable symbols(bytes, info);
  if ((symbols.flags_1 & ~kHarmlessFlags1) != 0) return "asks the loader for special treatment (DT_FLAGS_1)";
  if (has_indirect_functions(read_layout(bytes), info.machine)) return "has indirect functions";
  return effect_of_symbols(symbols);
}

}  // namespace lambdapack
