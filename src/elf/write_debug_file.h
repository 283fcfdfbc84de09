// The bytes of a separate debug file: what `objcopy --only-keep-debug` keeps, laid out anew.
//
// Nothing loads such a file, so its layout is free: headers, then the bytes of each section that stays, one behind the
// other. They are copied from the original once, which is all the memory this takes; why not LLVM's:
// docs/decisions/0016.
#pragma once

#include <cstdint>
#include <vector>

#include "elf/elf_layout.h"

namespace lambdapack {

struct DebugLayout {
  std::vector<std::uint64_t> offsets;  // per section, number 0 included
  std::vector<bool> emptied;           // per section: becomes SHT_NOBITS
  std::uint64_t section_headers = 0;   // offset of the table
  std::uint64_t size = 0;              // of the file, bytes
};

// Loaded sections lose their bytes, notes apart (the build id is one) and what lies in no segment. Every section keeps
// its number. Alignments must be powers of two or 0. The size may exceed the original's, when sections share bytes.
DebugLayout plan_debug_file(const ElfLayout& original);

// Needs planned.size bytes. A segment keeps a size in the file only where its bytes are there in one piece.
std::vector<std::uint8_t> write_debug_file(const ElfLayout& original, const DebugLayout& planned);

}  // namespace lambdapack
