// The proof behind every strip must notice any damage to what is loaded, and nothing else.
#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

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

namespace {

std::uint64_t number(const FileBytes& file, std::uint64_t offset, int size) {
  std::uint64_t value = 0;
  for (int i = size - 1; i >= 0; --i) value = value << 8 | file.at(offset + static_cast<std::uint64_t>(i));
  return value;
}

// Where the file has the value of a dynamic entry; 0 when it has none.
std::uint64_t dynamic_value(const FileBytes& file, std::uint64_t tag) {
  for (const ElfSegment& segment : read_elf(file).segments)
    if (segment.type == 2)
      for (std::uint64_t at = segment.offset; at < segment.offset + segment.file_size; at += 16)
        if (number(file, at, 8) == tag) return at + 8;
  return 0;
}

const ElfSection& section(const ElfInfo& elf, std::string_view name) {
  const auto found = std::ranges::find(elf.sections, name, &ElfSection::name);
  if (found == elf.sections.end()) throw std::runtime_error("no section " + std::string(name));
  return *found;
}

}  // namespace

// One damage per thing that the proof promises, on what compiler and linker of the day made.
TEST_CASE("the proof fails for one damage to each thing that the loader reads") {
  for (const char* path : {LP_ELF_ANSWER, LP_ELF_HELLO}) {
    const FileBytes before = read_file(path);
    const FileBytes after = stripped(before);
    REQUIRE_FALSE(after.empty());
    const ElfInfo elf = read_elf(after);
    const bool program = elf.is_executable();
    const std::uint64_t strings = section(elf, ".dynstr").offset;
    const auto dynamic_string = [&](std::uint64_t tag) {
      return strings + number(after, dynamic_value(after, tag), 8);
    };

    std::vector<std::pair<const char*, std::uint64_t>> damages = {
        {"entry", 0x18},
        {"type", 0x10},
        {"machine", 0x12},
        {"program header: flags", kProgramHeaders + 4},
        {"program header: address", kProgramHeaders + 16},
        {"program header: alignment", kProgramHeaders + 48},
        {"code", section(elf, ".text").offset + 3},
        {"unwind table", section(elf, ".eh_frame").offset + 5},
        {"dynamic table: symbol table", dynamic_value(after, 6)},
        {"relocation: offset", section(elf, ".rela.dyn").offset},
        {"relocation: type", section(elf, ".rela.dyn").offset + 8},
        {"relocation: addend", section(elf, ".rela.dyn").offset + 16},
        {"symbol: value", section(elf, ".dynsym").offset + 24 + 8},
        {"symbol: binding", section(elf, ".dynsym").offset + 24 + 4},
        {"symbol: version", section(elf, ".gnu.version").offset + 2},
        {"needed version: hash", section(elf, ".gnu.version_r").offset + 16},
        {"needed", dynamic_string(1)},
        {"build id", section(elf, ".note.gnu.build-id").offset + 16},
    };
    if (program) {
      damages.emplace_back("interpreter", section(elf, ".interp").offset + 5);
    } else {
      damages.emplace_back("soname", dynamic_string(14));
      damages.emplace_back("search path", dynamic_string(29));
      damages.emplace_back("defined version: hash", section(elf, ".gnu.version_d").offset + 8);
      damages.emplace_back(".note.dlopen", section(elf, ".note.dlopen").offset + 20);
    }
    REQUIRE(difference_for_loader(before, after) == "");
    for (const auto& [what, offset] : damages) {
      CAPTURE(what);
      FileBytes damaged = after;
      damaged.at(offset) ^= 1;
      CHECK(difference_for_loader(before, damaged) != "");
    }
  }
}
