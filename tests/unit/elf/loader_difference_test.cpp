// The proof behind every strip must notice any damage to what is loaded, and nothing else.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "elf/elf_samples.h"
#include "elf/read_elf.h"
#include "elf/strip_elf.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

FileBytes stripped(const FileBytes& file) {
  return strip_elf(file, read_elf(file)).bytes;
}

constexpr std::size_t kProgramHeaders = 64, kProgramHeaderSize = 56;

}  // namespace

TEST_CASE("a file does not differ from itself, nor from its honest strip") {
  for (const FileBytes& file :
       {make_library(), make_library_32(), make_library_big_endian(), read_file(LP_ELF_ANSWER)}) {
    CHECK(difference_for_loader(file, file) == "");
    CHECK(difference_for_loader(file, stripped(file)) == "");
  }
}

TEST_CASE("any changed byte of a loaded segment is a difference, but for the fields that only tools read") {
  const FileBytes before = make_library();
  const FileBytes after = stripped(before);
  REQUIRE_FALSE(after.empty());
  for (const ElfSegment& segment : read_elf(after).segments) {
    if (segment.type != 1) continue;
    for (std::uint64_t offset = segment.offset; offset < segment.offset + segment.file_size; ++offset) {
      FileBytes damaged = after;
      damaged[offset] ^= 0x40;
      const bool for_tools = (offset >= 0x28 && offset < 0x30) || (offset >= 0x3c && offset < 0x40);
      // The last program header is an empty PT_NULL, whose offset means nothing.
      const std::uint64_t null_offset = kProgramHeaders + 4 * kProgramHeaderSize + 8;
      if (for_tools || (offset >= null_offset && offset < null_offset + 8)) continue;
      CAPTURE(offset);
      if (difference_for_loader(before, damaged).empty()) FAIL_CHECK("damage is not noticed");
    }
  }
}

TEST_CASE("the section header fields may change") {
  const FileBytes before = make_library();
  FileBytes after = before;
  std::fill_n(after.begin() + 0x28, 8, 0);
  std::fill_n(after.begin() + 0x3c, 4, 0);
  CHECK(difference_for_loader(before, after) == "");
}

TEST_CASE("a segment may move by a multiple of its alignment, and only so") {
  const FileBytes before = make_library();
  const auto moved = [&](std::size_t distance) {
    // The second segment, the dynamic section in it, and their bytes, `distance` bytes further down.
    FileBytes after = before;
    after.resize(0x900);
    after.resize(0x900 + distance);
    after.insert(after.end(), before.begin() + 0x900, before.begin() + 0xc00);
    const auto add = [&](std::size_t segment) {
      const std::size_t field = kProgramHeaders + segment * kProgramHeaderSize + 8;
      const std::size_t offset = 0x900 + distance;
      for (std::size_t i = 0; i < 4; ++i) after[field + i] = static_cast<std::uint8_t>(offset >> (8 * i));
    };
    add(1);
    add(2);
    std::fill_n(after.begin() + 0x28, 8, 0);
    std::fill_n(after.begin() + 0x3c, 4, 0);
    return after;
  };
  CHECK(difference_for_loader(before, moved(0x1000)) == "");
  CHECK(difference_for_loader(before, moved(0x2000)) == "");
  CHECK(difference_for_loader(before, moved(0x800)) != "");
}

TEST_CASE("a segment inside a loaded one must not stay behind when that moves") {
  const FileBytes before = make_library();
  FileBytes after = before;
  after[kProgramHeaders + 2 * kProgramHeaderSize + 8 + 1] = 0x0b;  // PT_DYNAMIC at 0xb00, over other bytes
  CHECK(difference_for_loader(before, after) != "");
}

TEST_CASE("changed program headers and lost segments are differences") {
  const FileBytes before = make_library();
  for (const std::size_t field : {0UL, 4UL, 16UL, 32UL, 40UL, 48UL}) {
    FileBytes after = before;
    after[kProgramHeaders + field] ^= 1;
    CAPTURE(field);
    CHECK(difference_for_loader(before, after) != "");
  }
  FileBytes fewer = before;
  fewer[0x38] = 4;
  CHECK(difference_for_loader(before, fewer) != "");
}

TEST_CASE("a file cut inside its segments is a difference") {
  const FileBytes before = make_library();
  const FileBytes after(before.begin(), before.begin() + 0xb00);
  CHECK(difference_for_loader(before, after) != "");
  CHECK(difference_for_loader(before, FileBytes(before.begin(), before.begin() + 20)) != "");
  CHECK(difference_for_loader(before, {}) != "");
}
