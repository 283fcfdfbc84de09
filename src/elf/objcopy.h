// LLVM's objcopy library as one function, for files that were looked at before. Nothing of LLVM is in this header.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "elf/elf_layout.h"

namespace lambdapack {

inline constexpr std::size_t kMostSegments = 256;  // LLVM compares each with each

// Whether a section or segment must not be given to LLVM, which multiplies alignments out.
bool strange_alignment(std::uint64_t alignment);

// What LLVM 19's reader and writer assume without checking, as a reason why the file is not given to them; empty when
// they may have it. Alignments, the number of segments and read_elf's problems are the caller's to look at: they are
// known without the file's bytes. removed: names of sections that will be removed, of which LLVM sees no bytes.
std::string why_not_for_llvm(const ElfLayout& layout, const std::set<std::string_view>& removed);

// The file without the sections of these names. At its peak it takes less than twice the size of the file beside the
// original. Errors: LLVM's, in its words, without a subject; std::bad_alloc passes through. Nothing is proven about the
// result.
Result<std::vector<std::uint8_t>> remove_sections(const ElfLayout& layout, const std::set<std::string_view>& removed);

}  // namespace lambdapack
