// Removes what nothing at run time reads, and proves that the loader sees the same file.
//
// strip tools break files that linkers, patchelf and bundlers laid out in their own ways, so every result is compared
// with the original before it counts: docs/decisions/0002.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "elf/elf_info.h"

namespace lambdapack {

struct StripOutcome {
  std::vector<std::uint8_t> bytes;  // the stripped file; empty when the original must stay
  std::string reason;  // why it stays ("appended payload of 1,204 bytes"), or what went ("debug info, symbol table")
  std::uint64_t saved = 0;  // bytes
  bool relaid = false;      // segments were moved together by write_layout; else LLVM wrote the file

  bool stripped() const { return !bytes.empty(); }
};

// Whether segments may be moved over the holes that earlier tools left, where that is smaller than what LLVM writes.
enum class Holes { close, keep };

std::string strip_library_version();  // "LLVM 19.1.7": it decides the bytes of stripped files

// What why_not_strip says of a file that has nothing to lose; all else it says is a reason why something stays.
inline constexpr std::string_view kAlreadyStripped = "already stripped";

// Why this file must not be stripped at all, empty when strip_elf may try. Cheap: reads only `info`.
std::string why_not_strip(const ElfInfo& info, Holes holes = Holes::close);

// What strip_elf would take out: "compressed debug info, symbol table, compiler notes". Reads only `info`.
std::string what_strip_removes(const ElfInfo& info);

// Strips a copy of `original` (same e_machine or not: any that LLVM knows). Never throws, never returns a larger or
// unproven file. At its peak it takes less than twice the size of the file beside the original.
StripOutcome strip_elf(Bytes original, const ElfInfo& info, Holes holes = Holes::close);

// The proof: empty when the loader sees no difference between the two, else the first difference in words. Every
// PT_LOAD's bytes are equal but for e_shoff, e_shnum and e_shstrndx; program headers congruent; dynamic table, needed,
// soname, interpreter, versions, entry and build id equal.
std::string difference_for_loader(Bytes before, Bytes after);

// The part of it that is about what read_elf says: everything but bytes, program headers and the ELF header.
std::string difference_of_infos(const ElfInfo& before, const ElfInfo& after);

}  // namespace lambdapack
