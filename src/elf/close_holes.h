// Writes a file anew without the holes that earlier tools left in it: patchelf and auditwheel append segments and leave
// the old ones where they were, sections are removed from between segments, headers lie behind megabytes of padding.
//
// Nothing that is loaded changes: addresses, sizes, alignments and bytes of segments stay, only their places in the
// file move, each by a multiple of its alignment. Why this is not LLVM's work: docs/decisions/0013.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "elf/elf_info.h"
#include "elf/elf_layout.h"
#include "elf/strip_layout.h"

namespace lambdapack {

// What stays together: bytes of the file that segments and sections share or that a segment needs in one piece.
struct FilePiece {
  std::uint64_t start = 0, size = 0;  // in the original, bytes; a segment without bytes takes one byte of the new file
  std::uint64_t alignment = 1;        // moves by a multiple of it only
  std::uint64_t address = 0;          // of its first segment, the order in which pieces are placed
  bool pinned = false;                // has the ELF header or the program headers, and stays where it is
  std::uint64_t placed = 0;           // offset in the new file
};

struct FileLayout {
  std::vector<FilePiece> pieces;      // by start; the first has the ELF header and stays at 0
  std::vector<bool> removed;          // per info.sections
  std::uint64_t section_headers = 0;  // offset of the section header table
  std::uint64_t size = 0;             // of the new file, bytes
};

// Which sections go when those that are not `kept` do: one that shares its name with a kept one stays.
std::vector<bool> removed_sections(const ElfInfo& info, const std::vector<SectionUse>& uses);

// The tightest layout that was found. `removed` has one entry per info.sections, and these share no byte with a
// segment. Errors: what keeps the file from being moved, as half a sentence ("has segments that share a page").
Result<FileLayout> plan_layout(const ElfInfo& info, std::vector<bool> removed);

// The size of that layout in bytes; the largest number when the file cannot be moved.
std::uint64_t relaid_size(const ElfInfo& info, const std::vector<SectionUse>& uses);

// The file in its new layout, which must be that of this file. To be proven before use, like every changed file.
std::vector<std::uint8_t> write_layout(const ElfLayout& original, const FileLayout& planned);

}  // namespace lambdapack
