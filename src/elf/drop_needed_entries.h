// Takes libraries out of what a file needs: their DT_NEEDED entries and Verneed records, in place.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "elf/elf_info.h"

namespace lambdapack {

struct DroppedEntries {
  std::vector<std::uint8_t> bytes;  // as long as the original; empty when it must stay as it is
  std::string reason;               // why it must

  bool done() const { return !bytes.empty(); }
};

// `original` without the needed entries of these names, and without the versions that it needs of them. Refuses what is
// not 64-bit little-endian x86-64 or AArch64, malformed, prelinked, in any way unusual around its dynamic section, or
// has a symbol of such a version. info: of the same bytes. The result is proven by difference_beyond_needed.
DroppedEntries drop_needed_entries(Bytes original, const ElfInfo& info, const std::vector<std::string>& names);

// The proof: empty when `after` is `before` without the needed entries and versions of these names and the loader sees
// no other difference, else the first other difference in words. All other bytes are equal.
std::string difference_beyond_needed(Bytes before, Bytes after, const std::vector<std::string>& names);

}  // namespace lambdapack
