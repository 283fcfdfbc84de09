// A separate debug file has all that strip takes, and two files never share a name unless they are one.
#include "elf/debug_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

#include "elf/elf_layout.h"
#include "elf/elf_samples.h"
#include "elf/read_elf.h"
#include "elf/strip_elf.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

DebugFileOutcome make(const FileBytes& file) {
  return make_debug_file(file, read_elf(file));
}

std::map<std::string, FileBytes> debug_sections(const FileBytes& file) {
  const ElfLayout layout = read_layout(file);
  std::map<std::string, FileBytes> found;
  for (const ElfSectionHeader& section : layout.sections) {
    const Bytes bytes = section_bytes(layout, section).bytes();
    if (is_debug_section(section.name_text)) found[std::string(section.name_text)].assign(bytes.begin(), bytes.end());
  }
  return found;
}

std::string hash_of(char digit) {
  return std::string(64, digit);
}

}  // namespace

TEST_CASE("a debug file has the original's debug sections, symbols and build id, and none of its code") {
  for (const std::string path : {LP_ELF_ANSWER, LP_ELF_HELLO, LP_ELF_HELLO_STATIC}) {
    CAPTURE(path);
    const FileBytes file = read_file(path);
    const DebugFileOutcome outcome = make(file);
    CHECK(outcome.reason == "");
    REQUIRE_FALSE(outcome.bytes.empty());
    const ElfInfo before = read_elf(file), after = read_elf(outcome.bytes);
    CHECK(after.debug_file);
    CHECK(after.build_id == before.build_id);
    CHECK(after.symtab_bytes > 0);
    CHECK(after.debug_bytes == before.debug_bytes);
    CHECK(debug_sections(outcome.bytes) == debug_sections(file));
    CHECK(outcome.bytes.size() < file.size());
  }
}

TEST_CASE("a debug file is the same wherever the original lies in memory") {
  const FileBytes file = read_file(LP_ELF_ANSWER);
  FileBytes shifted(1, 0);
  shifted.insert(shifted.end(), file.begin(), file.end());
  const Bytes odd = Bytes(shifted).subspan(1);
  CHECK(make_debug_file(odd, read_elf(odd)).bytes == make(file).bytes);
}

TEST_CASE("a file with a section alignment of a terabyte serves as its own debug file, with the reason") {
  FileBytes file = read_file(LP_ELF_ANSWER);
  const ElfLayout layout = read_layout(file);
  const std::uint64_t alignment = layout.header.section_headers + layout.header.section_header_size + 48;
  layout.reader.write(file, alignment, 1ULL << 40, 8);
  const DebugFileOutcome outcome = make(file);
  CHECK(outcome.bytes.empty());
  CHECK(outcome.reason == "has an alignment that is no power of two up to 2 MB");
}

TEST_CASE("a program whose segments have no alignment gets a debug file like any other") {
  FileBytes file = read_file(LP_ELF_HELLO_STATIC);
  const FileBytes usual = make(file).bytes;
  const ElfLayout layout = read_layout(file);
  for (std::uint64_t i = 0; i < layout.header.program_header_count; ++i)
    layout.reader.write(file, layout.header.program_headers + i * layout.header.program_header_size + 48, 0, 8);
  CHECK(make(file).bytes.size() == usual.size());
}

TEST_CASE("a file with a damaged note gets a debug file like any other, as it is stripped like any other") {
  const FileBytes file = make_library({{"NOTE_FILESZ", "0x22"}});
  REQUIRE(problem_codes(read_elf(file)) == "elf-bad-notes");
  const DebugFileOutcome outcome = make(file);
  CHECK(outcome.reason == "");
  REQUIRE_FALSE(outcome.bytes.empty());
  CHECK(debug_sections(outcome.bytes) == debug_sections(file));
}

TEST_CASE("a loaded section that lies in no segment keeps its bytes in the debug file") {
  FileBytes file = read_file(LP_ELF_ANSWER);
  const ElfLayout layout = read_layout(file);
  const auto sections = debug_sections(file);
  for (std::size_t i = 1; i < layout.sections.size(); ++i) {
    const ElfSectionHeader& section = layout.sections[i];
    if (section.name_text != ".debug_info") continue;
    const std::uint64_t header = layout.header.section_headers + i * layout.header.section_header_size;
    layout.reader.write(file, header + 8, section.flags | 2, 8);  // SHF_ALLOC
  }
  const DebugFileOutcome outcome = make(file);
  REQUIRE_FALSE(outcome.bytes.empty());
  CHECK(debug_sections(outcome.bytes) == sections);
}

TEST_CASE("an inactive section header that claims bytes brings none into the debug file") {
  FileBytes file = read_file(LP_ELF_ANSWER);
  const ElfLayout layout = read_layout(file);
  const auto comment = std::ranges::find(layout.sections, ".comment", &ElfSectionHeader::name_text);
  REQUIRE(comment != layout.sections.end());
  const std::uint64_t header =
      layout.header.section_headers +
      layout.header.section_header_size * static_cast<std::uint64_t>(comment - layout.sections.begin());
  layout.reader.write(file, header + 4, 0, 4);                    // SHT_NULL
  layout.reader.write(file, header + 0x20, file.size() - 64, 8);  // sh_size
  layout.reader.write(file, header + 0x18, 0, 8);                 // sh_offset
  const DebugFileOutcome outcome = make(file);
  CHECK(outcome.reason == "");
  REQUIRE_FALSE(outcome.bytes.empty());
  CHECK(debug_sections(outcome.bytes) == debug_sections(file));
}

TEST_CASE("sections that share their bytes do not make a debug file that is larger than the original") {
  FileBytes file = read_file(LP_ELF_ANSWER);
  const ElfLayout layout = read_layout(file);
  const auto debug = std::ranges::find(layout.sections, ".debug_info", &ElfSectionHeader::name_text);
  REQUIRE(debug != layout.sections.end());
  for (std::size_t i = 1; i < layout.sections.size(); ++i) {
    if (!is_debug_section(layout.sections[i].name_text)) continue;
    const std::uint64_t header = layout.header.section_headers + i * layout.header.section_header_size;
    layout.reader.write(file, header + 0x18, 0, 8);            // sh_offset
    layout.reader.write(file, header + 0x20, file.size(), 8);  // sh_size
  }
  const DebugFileOutcome outcome = make(file);
  CHECK(outcome.bytes.empty());
  CHECK(outcome.reason == "");
}

TEST_CASE("the segment of the build id leads to it in the debug file, and no other segment claims bytes") {
  for (const std::string path : {LP_ELF_ANSWER, LP_ELF_HELLO, LP_ELF_HELLO_STATIC}) {
    CAPTURE(path);
    const FileBytes file = read_file(path), made = make(file).bytes;
    const ElfLayout before = read_layout(file), after = read_layout(made);
    REQUIRE(before.segments.size() == after.segments.size());
    constexpr std::uint32_t kLoad = 1, kNote = 4, kTable = 6;
    for (std::size_t i = 0; i < before.segments.size(); ++i) {
      const ElfSegment &a = before.segments[i], &b = after.segments[i];
      CHECK((a.type == b.type && a.address == b.address && a.memory_size == b.memory_size));
      if (a.type == kNote) {
        const Bytes x = before.reader.part(a.offset, a.file_size).bytes();
        const Bytes y = after.reader.part(b.offset, b.file_size).bytes();
        CHECK(std::ranges::equal(x, y));
      } else if (b.file_size != 0) {
        constexpr std::uint32_t kProperty = 0x6474e553;  // PT_GNU_PROPERTY: a note too
        CHECK((a.type == kTable || a.type == kProperty || (a.type == kLoad && b.offset == 0 && b.file_size < 0x400)));
      }
      if (a.type == kLoad && a.alignment > 1) CHECK((b.offset - b.address) % a.alignment == 0);
    }
  }
}

TEST_CASE("what is read about one file does not make a debug file of another") {
  const FileBytes answer = read_file(LP_ELF_ANSWER), hello = read_file(LP_ELF_HELLO_STATIC);
  CHECK(make_debug_file(hello, read_elf(answer)).bytes.empty());
}

TEST_CASE("a strip that takes only compiler notes loses no debug info") {
  const FileBytes file = read_file(LP_ELF_ANSWER);
  const ElfInfo before = read_elf(file), after = read_elf(strip_elf(file, before).bytes);
  CHECK(lost_debug_info(before, after));
  CHECK_FALSE(lost_debug_info(after, after));
  CHECK_FALSE(lost_debug_info(before, before));
}

TEST_CASE("debug files are named by build id, or by hash where there is none") {
  const std::vector<DebugIdentity> files = {
      {"abcdef01", hash_of('1'), hash_of('a')}, {"", hash_of('2'), hash_of('b')}, {"ab", hash_of('3'), hash_of('c')}};
  CHECK(debug_file_names(files) == std::vector<std::string>{".build-id/ab/cdef01.debug",
                                                            "by-sha256/" + hash_of('2') + ".debug",
                                                            "by-sha256/" + hash_of('3') + ".debug"});
}

TEST_CASE("the first file with a build id has its name; a copy shares it, another file does not") {
  const std::vector<DebugIdentity> files = {{"abcdef01", hash_of('1'), hash_of('a')},
                                            {"abcdef01", hash_of('2'), hash_of('b')},
                                            {"abcdef01", hash_of('1'), hash_of('a')}};
  CHECK(debug_file_names(files) == std::vector<std::string>{".build-id/ab/cdef01.debug",
                                                            "by-sha256/" + hash_of('2') + ".debug",
                                                            ".build-id/ab/cdef01.debug"});
}

TEST_CASE("originals that strip makes equal keep a debug file each") {
  const std::vector<DebugIdentity> files = {
      {"", hash_of('1'), hash_of('a')}, {"", hash_of('1'), hash_of('b')}, {"", hash_of('1'), hash_of('c')}};
  CHECK(debug_file_names(files) == std::vector<std::string>{"by-sha256/" + hash_of('1') + ".debug",
                                                            "by-sha256/" + hash_of('1') + "-2.debug",
                                                            "by-sha256/" + hash_of('1') + "-3.debug"});
}

TEST_CASE("a symbol table without any entry makes a debug file that is smaller, or none") {
  FileBytes file = read_file(LP_ELF_HELLO);
  const ElfLayout layout = read_layout(file);
  for (std::size_t i = 0; i < layout.sections.size(); ++i)
    if (layout.sections[i].type == 2)  // SHT_SYMTAB
      layout.reader.write(file, layout.header.section_headers + i * layout.header.section_header_size + 32, 0, 8);
  const DebugFileOutcome outcome = make_debug_file(file, read_elf(file));
  if (!outcome.bytes.empty()) CHECK(outcome.bytes.size() < file.size());
}

TEST_CASE("a program header table that is said to be elsewhere damages nothing") {
  const FileBytes hello = read_file(LP_ELF_HELLO);
  const ElfLayout layout = read_layout(hello);
  std::size_t table = 0;
  while (table < layout.segments.size() && layout.segments[table].type != 6) ++table;  // PT_PHDR
  REQUIRE(table < layout.segments.size());
  for (const std::uint64_t size : {std::uint64_t{8}, std::uint64_t{0x238}, std::uint64_t{4096}}) {
    FileBytes file = hello;
    const std::uint64_t header = layout.header.program_headers + table * layout.header.program_header_size;
    layout.reader.write(file, header + 8, file.size() - size, 8);  // p_offset
    layout.reader.write(file, header + 32, size, 8);               // p_filesz
    const DebugFileOutcome outcome = make_debug_file(file, read_elf(file));
    if (!outcome.bytes.empty()) CHECK(outcome.bytes.size() < file.size());
  }
}
