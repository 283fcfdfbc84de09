// The part of an ELF file that the dynamic loader works with: dynamic section, symbol versions, dynamic symbols.
#pragma once

#include "elf/dynamic_symbols.h"
#include "elf/elf_info.h"
#include "elf/elf_layout.h"

namespace lambdapack {

// Fills in soname, needed, rpath, runpath, filters, auxiliaries, flags, versions, entry points and undefined symbols of
// `info` and adds what is wrong to info.problems. info.type and info.interpreter must be known already.
void read_dynamic(const ElfLayout& layout, ElfInfo& info);

// Where the dynamic section says that code to run and relocations are: addresses, and sizes in bytes that may lie.
struct StartupTables {
  SymbolTables symbols;
  std::optional<std::uint64_t> init, init_array, rela, plt_rela;  // DT_INIT, DT_INIT_ARRAY, DT_RELA, DT_JMPREL
  std::uint64_t init_array_size = 0, rela_size = 0, plt_rela_size = 0;
};

// Of a file whose dynamic section is sound enough; else all is empty.
StartupTables startup_tables(const ElfLayout& layout);

// Names of defined symbols by which programs find their plugins (PyInit_, Java_, JNI_OnLoad, …), and of the functions
// by which Node addons register themselves from a constructor, whether defined or imported.
bool is_entry_point(std::string_view symbol, bool defined);

// Whether an undefined symbol of this name means that the file opens libraries by name: dlopen, or a function that
// passes its caller's name on to it (g_module_open, lt_dlopen, uv_dlopen, …).
bool opens_libraries(std::string_view symbol);

}  // namespace lambdapack
