// read_elf and the proof take any bytes, and what they return is of a size that the input explains.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "elf/find_above_baseline.h"
#include "elf/read_elf.h"
#include "elf/read_notes.h"
#include "elf/strip_elf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lambdapack;
  const Bytes bytes(data, size);
  parse_dlopen_note(as_text(bytes));
  if (!has_elf_magic(bytes)) return 0;
  const ElfInfo info = read_elf(bytes);
  std::size_t text = 0;
  for (const std::string& name : info.needed) text += name.size();
  for (const std::string& name : info.undefined_symbols) text += name.size();
  if (text > 5 * size + (2 << 20)) std::abort();
  if (info.trailing_bytes > size || info.segments.size() * 32 > size) std::abort();
  const bool loadable = (info.type == ElfType::shared || info.type == ElfType::executable) && !info.debug_file;
  if (loadable && info.problems.empty() && info.segments.size() <= 1024 && !difference_for_loader(bytes, bytes).empty())
    std::abort();
  if (const auto code = find_above_baseline(bytes, info); code && (code->above == 0 || code->above > code->read))
    std::abort();
  return 0;
}
