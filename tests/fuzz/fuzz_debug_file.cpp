// A debug file of any bytes is smaller than they are, has their build id and is a debug file; or there is none.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "elf/debug_file.h"
#include "elf/read_elf.h"

namespace {

constexpr std::uint32_t kProgbits = 1;  // SHT_PROGBITS
constexpr std::uint64_t kAlloc = 2;     // SHF_ALLOC

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lambdapack;
  const Bytes bytes(data, size);
  if (!has_elf_magic(bytes)) return 0;
  const ElfInfo before = read_elf(bytes);
  const DebugFileOutcome outcome = make_debug_file(bytes, before);
  if (outcome.bytes.empty()) return 0;
  if (!outcome.reason.empty() || outcome.bytes.size() >= size) std::abort();
  const ElfInfo after = read_elf(outcome.bytes);
  if (after.build_id != before.build_id || after.sections.size() != before.sections.size()) std::abort();
  for (std::size_t i = 0; i < before.sections.size(); ++i) {
    const ElfSection &a = before.sections[i], &b = after.sections[i];
    if (a.name != b.name) std::abort();
    // Of the unloaded ones only name tables are written anew.
    if (a.type == kProgbits && (a.flags & kAlloc) == 0 && (b.type != kProgbits || a.size != b.size)) std::abort();
  }
  return 0;
}
