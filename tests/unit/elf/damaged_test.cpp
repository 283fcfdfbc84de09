// Whatever bytes come, read_elf and strip_elf come back: every prefix of sound files, and thousands of files with
// some bytes changed. What could be wrong here is found by the sanitizers this test is also run under.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "elf/elf_samples.h"
#include "elf/read_elf.h"
#include "elf/strip_elf.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

std::vector<FileBytes> sound_files() {
  return {make_library(), make_library_32(), make_library_big_endian(), read_file(LP_ELF_ANSWER),
          read_file(LP_ELF_HELLO)};
}

}  // namespace

TEST_CASE("every prefix of a sound file is read, and a cut inside the loaded bytes is fatal") {
  for (const FileBytes& file : sound_files()) {
    const ElfInfo whole = read_elf(file);
    std::uint64_t loaded = 0;
    for (const ElfSegment& segment : whole.segments)
      if (segment.type == 1) loaded = std::max(loaded, segment.offset + segment.file_size);
    for (std::size_t size = 4; size < file.size(); ++size) {
      const FileBytes prefix(file.begin(),
                             file.begin() + static_cast<std::ptrdiff_t>(size));  // so that ASan sees its end
      const ElfInfo elf = read_elf(prefix);
      const bool fatal = std::ranges::any_of(elf.problems, &ElfProblem::fatal);
      if (size < loaded && !fatal) FAIL_CHECK("cut at " << size << " of " << loaded << " loaded bytes is not noticed");
      if (elf.problems.empty()) FAIL_CHECK("cut at " << size << " is not noticed");
    }
  }
}

TEST_CASE("a strip of a damaged file is proven or refused, never a crash") {
  std::mt19937 random(20240611);  // NOLINT: the same damage in every run
  int stripped = 0;
  for (const FileBytes& file : sound_files()) {
    for (int round = 0; round < 1500; ++round) {
      FileBytes damaged = file;
      // Half of the damage where it hurts: in the header, the program headers and the section headers.
      for (int flips = 1 + static_cast<int>(random() % 4); flips > 0; --flips) {
        const std::size_t tail = std::min<std::size_t>(damaged.size(), 64 * 40);
        const std::size_t where = random() % 4 == 0   ? random() % 400
                                  : random() % 3 == 0 ? damaged.size() - 1 - random() % tail
                                                      : random() % damaged.size();
        damaged[where] = random() % 2 == 0 ? static_cast<std::uint8_t>(random()) : static_cast<std::uint8_t>(0xff);
      }
      if (!has_elf_magic(damaged)) continue;
      const ElfInfo elf = read_elf(damaged);
      const StripOutcome outcome = strip_elf(damaged, elf);
      if (!outcome.stripped()) {
        CHECK_FALSE(outcome.reason.empty());
        continue;
      }
      ++stripped;
      CHECK(outcome.bytes.size() < damaged.size());
      CHECK(difference_for_loader(damaged, outcome.bytes) == "");
    }
  }
  CHECK(stripped > 1000);  // or this tests nothing but refusals
}
