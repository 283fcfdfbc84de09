// Layouts that earlier tools leave, and those that nobody leaves but an attacker.
#include "elf/close_holes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>

#include "elf/elf_samples.h"
#include "elf/read_elf.h"
#include "elf/strip_elf.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

// 64-bit little-endian fields, for the layouts that no tool writes.
void store(FileBytes& file, std::size_t offset, std::uint64_t value, std::size_t size = 8) {
  for (std::size_t i = 0; i < size; ++i) file.at(offset + i) = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint64_t load(const FileBytes& file, std::size_t offset, std::size_t size = 8) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | file.at(offset + i);
  return value;
}

constexpr std::size_t kHole = 3 << 20;

// As patchelf leaves it: the last segment and all behind it lie 3 MB further, and its old place is empty.
FileBytes with_a_hole(FileBytes file) {
  const ElfInfo elf = read_elf(file);
  std::uint64_t from = 0;
  for (const ElfSegment& segment : elf.segments)
    if (segment.type == 1) from = std::max(from, segment.offset);
  REQUIRE(from > 0);
  const std::size_t page = from / 4096 * 4096;
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(page), kHole, 0);
  const std::size_t program_headers = load(file, 0x20);
  for (std::size_t i = 0; i < elf.segments.size(); ++i)
    if (elf.segments[i].file_size > 0 && elf.segments[i].offset >= page)
      store(file, program_headers + 56 * i + 8, elf.segments[i].offset + kHole);
  store(file, 0x28, load(file, 0x28) + kHole);
  const std::size_t section_headers = load(file, 0x28);
  for (std::size_t i = 1; i <= elf.sections.size(); ++i)
    if (elf.sections[i - 1].offset >= page)
      store(file, section_headers + 64 * i + 24, elf.sections[i - 1].offset + kHole);
  return file;
}

std::vector<bool> nothing_removed(const ElfInfo& elf) {
  return std::vector<bool>(elf.sections.size(), false);
}

std::string refusal(const ElfInfo& elf) {
  const auto planned = plan_layout(elf, nothing_removed(elf));
  return planned ? "" : planned.error().message;
}

ElfInfo sample() {
  return read_elf(make_library());
}

ElfSegment& first_load(ElfInfo& elf) {
  return *std::ranges::find(elf.segments, 1U, &ElfSegment::type);
}

ElfSegment& last_load(ElfInfo& elf) {
  return *std::find_if(elf.segments.rbegin(), elf.segments.rend(), [](const ElfSegment& s) { return s.type == 1; });
}

}  // namespace

TEST_CASE("a hole between segments is closed, and the real loader takes the result") {
  const TemporaryFolder folder;
  const FileBytes file = with_a_hole(strip_elf(read_file(LP_ELF_ANSWER), read_elf(read_file(LP_ELF_ANSWER))).bytes);
  REQUIRE(problem_codes(read_elf(file)) == "");
  REQUIRE(load_and_call(folder.write("before.so", file), "answer") == 42);
  const ElfInfo elf = read_elf(file);
  const auto planned = plan_layout(elf, nothing_removed(elf));
  REQUIRE(planned);
  CHECK(planned->size + kHole <= file.size());
  const FileBytes relaid = write_layout(read_layout(file), *planned);
  CHECK(relaid.size() == planned->size);
  CHECK(difference_for_loader(file, relaid) == "");
  CHECK(load_and_call(folder.write("after.so", relaid), "answer") == 42);
}

TEST_CASE("a strip of such a file removes sections and holes at once, and says so") {
  const TemporaryFolder folder;
  const FileBytes file = with_a_hole(read_file(LP_ELF_ANSWER));
  const StripOutcome outcome = strip_elf(file, read_elf(file));
  CAPTURE(outcome.reason);
  REQUIRE(outcome.stripped());
  CHECK(outcome.bytes.size() + kHole < file.size());
  CHECK(read_elf(outcome.bytes).stripped());
  CHECK(problem_codes(read_elf(outcome.bytes)) == "");
  CHECK(load_and_call(folder.write("after.so", outcome.bytes), "answer") == 42);
}

TEST_CASE("a re-laid file without symbols has nothing left to move") {
  const FileBytes file = with_a_hole(read_file(LP_ELF_ANSWER));
  const FileBytes once = strip_elf(file, read_elf(file)).bytes;
  REQUIRE_FALSE(once.empty());
  CHECK(why_not_strip(read_elf(once)) == "already stripped");
}

TEST_CASE("program headers behind other segments keep their place in the file, as programs of LIEF need it") {
  // postject's layout: the table in the last segment's page, in front of which strip would close a hole; and at the end
  // of the file another segment, which may move.
  FileBytes file = make_library({{"DATA_FILESZ", "0x700"},
                                 {"DATA_MEMSZ", "0x700"},
                                 {"COMMENT_ALIGN", "0x1000"},
                                 {"EXTRA_TYPE", "PT_LOAD"},
                                 {"EXTRA_VADDR", "0x9000"},
                                 {"EXTRA_OFFSET", "0x8000"},
                                 {"EXTRA_FILESZ", "0x100"},
                                 {"EXTRA_MEMSZ", "0x100"},
                                 {"EXTRA_ALIGN", "0x1000"}});
  const std::size_t table = 0xe00, size = 5 * 56;
  file.resize(0x8100);
  std::fill(file.begin() + 0x8000, file.end(), std::uint8_t{7});
  std::copy_n(file.begin() + 0x40, size, file.begin() + table);
  store(file, 0x20, table);
  REQUIRE(problem_codes(read_elf(file)) == "");
  REQUIRE(read_elf(file).undescribed_bytes == 0);
  CHECK_FALSE(moves_program_headers(read_elf(file)));  // no hole in front of it: LLVM leaves it
  // A hole of two pages in front of the segment that has the table.
  const std::size_t hole = 0x2000;
  file.insert(file.begin() + 0x900, hole, 0);
  for (std::size_t i = 0; i < 5; ++i) {
    const std::size_t offset = table + hole + 56 * i + 8;
    if (load(file, offset) >= 0x900) store(file, offset, load(file, offset) + hole);
  }
  store(file, 0x20, table + hole);
  const std::size_t sections = load(file, 0x28) + hole;
  store(file, 0x28, sections);
  for (std::size_t i = 1; i < load(file, 0x3c, 2); ++i)
    if (load(file, sections + 64 * i + 24) >= 0x900)
      store(file, sections + 64 * i + 24, load(file, sections + 64 * i + 24) + hole);
  const ElfInfo before = read_elf(file);
  REQUIRE(problem_codes(before) == "");
  REQUIRE(moves_program_headers(before));
  CHECK(why_not_strip(before, Holes::keep) == "its program headers lie behind segments that would move");

  const StripOutcome outcome = strip_elf(file, before);
  CAPTURE(outcome.reason);
  REQUIRE(outcome.stripped());
  CHECK(outcome.relaid);
  const ElfInfo after = read_elf(outcome.bytes);
  CHECK(after.program_headers == table + hole);
  CHECK(after.segments[4].offset < before.segments[4].offset);
  CHECK(after.stripped());
}

TEST_CASE("section numbers follow the sections that stay") {
  const FileBytes file = read_file(LP_ELF_ANSWER);
  const ElfInfo elf = read_elf(file);
  const auto planned = plan_layout(elf, removed_sections(elf, section_uses(elf)));
  REQUIRE(planned);
  const FileBytes relaid = write_layout(read_layout(file), *planned);
  const ElfLayout before = read_layout(file), after = read_layout(relaid);
  CHECK(after.sections.size() < before.sections.size());
  const auto linked_name = [](const ElfLayout& layout, const ElfSectionHeader& section) {
    return layout.sections.at(section.link).name_text;
  };
  int linked = 0;
  for (const ElfSectionHeader& section : after.sections) {
    if (section.link == 0) continue;
    const auto old = std::ranges::find(before.sections, section.name_text, &ElfSectionHeader::name_text);
    REQUIRE(old != before.sections.end());
    CHECK(linked_name(before, *old) == linked_name(after, section));
    ++linked;
  }
  CHECK(linked >= 4);
  CHECK(after.sections.at(after.header.section_name_index).name_text == ".shstrtab");
}

TEST_CASE("each segment keeps its offset modulo its alignment") {
  for (const FileBytes& file : {make_library(), make_library_32(), make_library_big_endian()}) {
    const ElfInfo elf = read_elf(file);
    const auto planned = plan_layout(elf, removed_sections(elf, section_uses(elf)));
    REQUIRE(planned);
    const FileBytes relaid = write_layout(read_layout(file), *planned);
    CHECK(difference_for_loader(file, relaid) == "");
    const ElfInfo after = read_elf(relaid);
    CHECK(problem_codes(after) == "");
    for (std::size_t i = 0; i < elf.segments.size(); ++i)
      if (elf.segments[i].type == 1)
        CHECK((after.segments[i].offset - elf.segments[i].offset) %
                  std::max<std::uint64_t>(elf.segments[i].alignment, 4096) ==
              0);
  }
}

TEST_CASE("a file without large holes is left to LLVM") {
  const FileBytes file = read_file(LP_ELF_ANSWER);
  const StripOutcome outcome = strip_elf(file, read_elf(file));
  REQUIRE(outcome.stripped());
  CHECK_FALSE(outcome.relaid);
}

TEST_CASE("overlapping segments and sections stay together") {
  ElfInfo elf = sample();
  elf.sections.push_back(
      {.name = "a", .type = 1, .flags = 0, .offset = elf.file_size - 40, .size = 30, .alignment = 1});
  elf.sections.push_back(
      {.name = "b", .type = 1, .flags = 0, .offset = elf.file_size - 20, .size = 20, .alignment = 1});
  const auto planned = plan_layout(elf, nothing_removed(elf));
  REQUIRE(planned);
  const auto with_both = std::ranges::find_if(planned->pieces, [&](const FilePiece& piece) {
    return piece.start <= elf.file_size - 40 && piece.start + piece.size >= elf.file_size;
  });
  CHECK(with_both != planned->pieces.end());
}

TEST_CASE("no two pieces lie on each other, and the section headers on none") {
  const FileBytes file = with_a_hole(read_file(LP_ELF_ANSWER));
  const ElfInfo elf = read_elf(file);
  const auto planned = plan_layout(elf, removed_sections(elf, section_uses(elf)));
  REQUIRE(planned);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> taken;
  for (const FilePiece& piece : planned->pieces) taken.emplace_back(piece.placed, piece.placed + piece.size);
  const auto count = static_cast<std::uint64_t>(1 + std::ranges::count(planned->removed, false));
  taken.emplace_back(planned->section_headers, planned->section_headers + 64 * count);
  std::ranges::sort(taken);
  for (std::size_t i = 1; i < taken.size(); ++i) CHECK(taken[i - 1].second <= taken[i].first);
  CHECK(taken.back().second == planned->size);
}

TEST_CASE("layouts that cannot be moved with certainty are refused") {
  REQUIRE(refusal(sample()) == "");
  const auto refused = [](auto change) {
    ElfInfo elf = sample();
    change(elf);
    return refusal(elf);
  };
  const auto most = std::numeric_limits<std::uint64_t>::max();
  CHECK(refused([](ElfInfo& elf) { first_load(elf).alignment = 1 << 30; }) ==
        "has an alignment that is no power of two up to 2 MB");
  CHECK(refused([](ElfInfo& elf) { first_load(elf).alignment = 4097; }) ==
        "has an alignment that is no power of two up to 2 MB");
  CHECK(refused([&](ElfInfo& elf) { last_load(elf).offset = most - 8; }) == "has a segment past its end");
  CHECK(refused([&](ElfInfo& elf) { last_load(elf).file_size = most; }) == "has a segment past its end");
  CHECK(refused([](ElfInfo& elf) { elf.program_headers = elf.file_size - 8; }) == "ends inside its program headers");
  CHECK(refused([](ElfInfo& elf) { first_load(elf).offset = 4096; }) != "");
  CHECK(refused([](ElfInfo& elf) { elf.program_headers = last_load(elf).offset + last_load(elf).file_size; }) ==
        "does not load its program headers");
  CHECK(refused([](ElfInfo& elf) { elf.segments.clear(); }) == "does not load its header with its first segment");
  CHECK(refused([](ElfInfo& elf) { last_load(elf).address = first_load(elf).address + 8; }) ==
        "has segments that share a page");
  CHECK(refused([&](ElfInfo& elf) { first_load(elf).memory_size = most; }) == "has segments that share a page");
  CHECK(refused([&](ElfInfo& elf) {
          elf.sections.front().offset = most;
          elf.sections.front().size = 2;
        }) == "has a section past its end or of a strange alignment");
  // Thousands of separate pieces would be compared with each other.
  CHECK(refused([](ElfInfo& elf) {
          elf.file_size += 1 << 20;
          for (std::uint64_t i = 0; i < 2000; ++i)
            elf.sections.push_back(
                {.name = "x", .type = 1, .flags = 0, .offset = elf.file_size - 2 - 2 * i, .size = 1, .alignment = 1});
        }) == "lies in too many pieces");
}
