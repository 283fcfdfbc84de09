// The part of an ELF file that the dynamic loader works with: dynamic section, symbol versions, dynamic symbols.
#pragma once

#include "elf/elf_info.h"
#include "elf/elf_layout.h"

namespace lambdapack {

// Fills in soname, needed, rpath, runpath, filters, auxiliaries, flags, versions, entry points and undefined symbols of
// `info` and adds what is wrong to info.problems. info.type and info.interpreter must be known already.
void read_dynamic(const ElfLayout& layout, ElfInfo& info);

// Names of defined symbols by which programs find their plugins (PyInit_, Java_, JNI_OnLoad, …), and of the functions
// by which Node addons register themselves from a constructor, whether defined or imported.
bool is_entry_point(std::string_view symbol, bool defined);

}  // namespace lambdapack
