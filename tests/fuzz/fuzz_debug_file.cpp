// A debug file of any bytes is smaller than they are, has their build id and is a debug file; or there is none.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "elf/debug_file.h"
#include "elf/read_elf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lambdapack;
  const Bytes bytes(data, size);
  if (!has_elf_magic(bytes)) return 0;
  const ElfInfo before = read_elf(bytes);
  const DebugFileOutcome outcome = make_debug_file(bytes, before);
  if (outcome.bytes.empty()) return 0;
  if (!outcome.reason.empty() || outcome.bytes.size() >= size) std::abort();
  const ElfInfo after = read_elf(outcome.bytes);
  if (after.build_id != before.build_id || after.debug_bytes != before.debug_bytes) std::abort();
  return 0;
}
