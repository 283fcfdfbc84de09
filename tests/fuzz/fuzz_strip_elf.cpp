// A strip of any bytes ends in a reason or in a smaller file that the loader sees as the same; so does taking out a
// needed entry, which changes nothing else.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "elf/drop_needed_entries.h"
#include "elf/load_effects.h"
#include "elf/read_elf.h"
#include "elf/strip_elf.h"

namespace {

void drop_each_needed(lambdapack::Bytes bytes, const lambdapack::ElfInfo& info) {
  for (std::size_t i = 0; i < std::min<std::size_t>(info.needed.size(), 4); ++i) {
    const std::vector<std::string> names{info.needed[i]};
    const lambdapack::DroppedEntries outcome = lambdapack::drop_needed_entries(bytes, info, names);
    if (outcome.done() != outcome.reason.empty()) std::abort();
    if (!outcome.done()) continue;
    if (!lambdapack::difference_beyond_needed(bytes, outcome.bytes, names).empty()) std::abort();
    const lambdapack::ElfInfo after = lambdapack::read_elf(outcome.bytes);
    if (!after.problems.empty() || std::ranges::find(after.needed, names[0]) != after.needed.end()) std::abort();
    // Stripped as it would be packed.
    const lambdapack::StripOutcome stripped = lambdapack::strip_elf(outcome.bytes, after);
    if (stripped.stripped() && !lambdapack::difference_for_loader(outcome.bytes, stripped.bytes).empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lambdapack;
  const Bytes bytes(data, size);
  if (!has_elf_magic(bytes)) return 0;
  const ElfInfo before = read_elf(bytes);
  drop_each_needed(bytes, before);
  (void)effect_of_loading(bytes, before);
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
