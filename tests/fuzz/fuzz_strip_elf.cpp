// A strip of any bytes ends in a reason or in a smaller file that the loader sees as the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "elf/read_elf.h"
#include "elf/strip_elf.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lambdapack;
  const Bytes bytes(data, size);
  if (!has_elf_magic(bytes)) return 0;
  const ElfInfo before = read_elf(bytes);
  const StripOutcome outcome = strip_elf(bytes, before);
  if (!outcome.stripped()) {
    if (outcome.reason.empty()) std::abort();
    return 0;
  }
  if (outcome.bytes.size() >= size) std::abort();
  const ElfInfo after = read_elf(outcome.bytes);
  for (const ElfProblem& problem : after.problems)  // damaged notes stay damaged; nothing else may
    if (std::ranges::find(before.problems, problem) == before.problems.end()) std::abort();
  if (!difference_for_loader(bytes, outcome.bytes).empty()) std::abort();
  // What was stripped is a file like any other: packed again, it is read and perhaps stripped again.
  const StripOutcome again = strip_elf(outcome.bytes, after);
  if (again.stripped() && !difference_for_loader(bytes, again.bytes).empty()) std::abort();
  return 0;
}
