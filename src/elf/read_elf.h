// Reads one ELF file from memory. Every offset and count in it may lie: nothing is trusted, nothing aborts.
#pragma once

#include "base/bytes.h"
#include "elf/elf_info.h"

namespace lambdapack {

bool has_elf_magic(Bytes bytes);

// bytes must start with the ELF magic. What cannot be read is left out and said in problems; never fails, never throws.
// Touches the header, program and section headers, dynamic section, symbol and version tables and notes; not code or
// data.
ElfInfo read_elf(Bytes bytes);

}  // namespace lambdapack
