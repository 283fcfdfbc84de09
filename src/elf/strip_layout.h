// Which sections of a file nothing at run time reads, and how long the file is without them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "elf/elf_info.h"

namespace lambdapack {

// What a section is to a running program. Only what is known to be dead weight is ever removed: a non-allocated section
// of an unknown name may be read through /proc/self/exe.
enum class SectionUse { kept, debug_info, symbols, compiler_notes };

// One entry per info.sections. Sections that share bytes with a segment are always kept.
std::vector<SectionUse> section_uses(const ElfInfo& info);

// "debug info, symbol table, compiler notes": what of that there is; "holes between segments" when there is none. Says
// of debug info when it is split or compressed.
std::string describe(const ElfInfo& info, const std::vector<SectionUse>& uses);

// The length of the file that LLVM's objcopy writes without the sections that are not `kept`, a little more than the
// real one (section names are not shortened). Needs segments and sections that lie inside the file.
std::uint64_t predicted_size(const ElfInfo& info, const std::vector<SectionUse>& uses);

// Whether the program header table, which lies behind other segments, would move with them in that layout: then kernels
// before 5.18 look for it where it was.
bool moves_program_headers(const ElfInfo& info);

}  // namespace lambdapack
