// Whatever a debug file says, and whatever the process that reads it answers, looking addresses up in it ends, and what
// is said of them keeps within the bounds. LLVM may crash in its process: that is what the process is for.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "elf/read_elf.h"
#include "elf/symbol_reader.h"
#include "elf/symbolize.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lambdapack;
  const Bytes bytes(data, size);
  if (const auto frames = decode_frames(bytes)) {
    if (frames->size() > kMostFrames) std::abort();
    for (const SourceFrame& frame : *frames)
      if (frame.function.size() > kLongestName || frame.file.size() > kLongestName) std::abort();
  }
  if (!has_elf_magic(bytes)) return 0;
  auto symbolizer = Symbolizer::open("input", bytes, {.cpu_seconds = 2, .wall_seconds = 20});
  if (!symbolizer) return 0;
  for (const std::uint64_t address :
       {std::uint64_t{0}, std::uint64_t{0x1000}, std::uint64_t{0x1139}, symbolizer->lowest_address()})
    if (!symbolizer->frames(address) && symbolizer->trouble().empty()) std::abort();
  if (!symbolizer->address_of("main") && symbolizer->trouble().empty()) std::abort();
  symbolizer->code();
  symbolizer->has_entry();
  return 0;
}
