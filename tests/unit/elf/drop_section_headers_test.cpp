#include "elf/drop_section_headers.h"

#include <doctest/doctest.h>

#include "elf/elf_samples.h"
#include "elf/read_elf.h"
#include "elf/strip_elf.h"

using namespace lambdapack;
using namespace lambdapack::test;

TEST_CASE("a program without section headers runs, and the loader sees the same file") {
  const TemporaryFolder folder;
  const FileBytes file = read_file(LP_ELF_HELLO);
  REQUIRE(can_drop_section_headers(read_elf(file)));
  const StripOutcome stripped = strip_elf(file, read_elf(file));
  REQUIRE(stripped.stripped());
  const FileBytes result = drop_section_headers(file, stripped.bytes);
  REQUIRE(!result.empty());
  CHECK(result.size() < stripped.bytes.size());
  CHECK(read_elf(result).sections.empty());
  CHECK(problem_codes(read_elf(result)) == "");
  CHECK(difference_for_loader(file, result) == "");
  CHECK(run(folder.write("program", result, true)) == run(folder.write("original", file, true)));
  CHECK(!can_drop_section_headers(read_elf(result)));
  CHECK(drop_section_headers(result, result).empty());
}

TEST_CASE("a section that is not loaded and not known keeps its headers") {
  const ElfInfo answer = read_elf(read_file(LP_ELF_ANSWER));  // has .lambdapack_keep
  CHECK(!can_drop_section_headers(answer));
  CHECK(!can_drop_section_headers(read_elf(read_file(LP_ELF_HELLO_STATIC))));  // has .note.stapsdt
  ElfInfo without = answer;
  std::erase_if(without.sections, [](const ElfSection& section) { return section.name == ".lambdapack_keep"; });
  CHECK(can_drop_section_headers(without));
  without.sections.push_back({".dep-v0", 1, 2, 64, 16, 1});  // loaded, and found by its name all the same
  CHECK(!can_drop_section_headers(without));
  without.sections.pop_back();
  without.trailing_bytes = 1;
  CHECK(!can_drop_section_headers(without));
  without.trailing_bytes = 0;
  without.type = ElfType::relocatable;
  CHECK(!can_drop_section_headers(without));
}

TEST_CASE("what is not proven is not cut") {
  const FileBytes file = read_file(LP_ELF_HELLO);
  FileBytes other = file;
  other[read_elf(file).segments.front().offset] ^= 1;  // a loaded byte: PT_PHDR is the first
  CHECK(drop_section_headers(file, other).empty());
  CHECK(drop_section_headers(file, Bytes(file).first(100)).empty());
}
