// Whatever a debug file says, looking addresses up in it ends.
#include <cstddef>
#include <cstdint>

#include "elf/read_elf.h"
#include "elf/symbolize.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lambdapack;
  const Bytes bytes(data, size);
  if (!has_elf_magic(bytes)) return 0;
  const auto symbolizer = Symbolizer::open("input", bytes);
  if (!symbolizer) return 0;
  for (const std::uint64_t address :
       {std::uint64_t{0}, std::uint64_t{0x1000}, std::uint64_t{0x1139}, symbolizer->lowest_address()})
    symbolizer->frames(address);
  symbolizer->address_of("main");
  symbolizer->code();
  return 0;
}
