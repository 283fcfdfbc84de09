// What a strip takes and leaves, and that the real loader takes the result.
#include "elf/strip_elf.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "elf/elf_samples.h"
#include "elf/read_elf.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

bool has_section(const ElfInfo& elf, std::string_view name) {
  return std::ranges::find(elf.sections, name, &ElfSection::name) != elf.sections.end();
}

StripOutcome strip(const FileBytes& file) {
  return strip_elf(file, read_elf(file));
}

}  // namespace

TEST_CASE("a stripped library loses debug info, symbols and compiler notes, and nothing else") {
  const FileBytes file = read_file(LP_ELF_ANSWER);
  const StripOutcome outcome = strip(file);
  REQUIRE(outcome.stripped());
  CHECK(outcome.reason == "debug info, symbol table, compiler notes");
  CHECK(outcome.saved == file.size() - outcome.bytes.size());
  const ElfInfo before = read_elf(file), after = read_elf(outcome.bytes);
  CHECK(after.stripped());
  CHECK(problem_codes(after) == "");
  CHECK_FALSE(has_section(after, ".comment"));
  for (const ElfSection& section : before.sections) {
    const bool dead = section.name.starts_with(".debug") || section.name == ".symtab" || section.name == ".strtab" ||
                      section.name == ".comment";
    CAPTURE(section.name);
    CHECK(has_section(after, section.name) == !dead);
  }
  CHECK(has_section(after, ".lambdapack_keep"));
  CHECK(after.dlopen_notes.size() == 1);
}

TEST_CASE("the real loader loads a stripped library, and its functions work") {
  const TemporaryFolder folder;
  const FileBytes file = read_file(LP_ELF_ANSWER);
  REQUIRE(load_and_call(folder.write("before.so", file), "answer") == 42);
  const StripOutcome outcome = strip(file);
  REQUIRE(outcome.stripped());
  CHECK(load_and_call(folder.write("after.so", outcome.bytes), "answer") == 42);
}

TEST_CASE("stripped programs run, dynamic and static") {
  const TemporaryFolder folder;
  for (const std::string path : {LP_ELF_HELLO, LP_ELF_HELLO_STATIC}) {
    CAPTURE(path);
    const FileBytes file = read_file(path);
    REQUIRE(run(folder.write("before", file, true)) == 42);
    const StripOutcome outcome = strip(file);
    CAPTURE(outcome.reason);
    REQUIRE(outcome.stripped());
    CHECK(run(folder.write("after", outcome.bytes, true)) == 42);
  }
}

TEST_CASE("a second strip finds nothing to do, and says so without touching the bytes") {
  const FileBytes once = strip(read_file(LP_ELF_ANSWER)).bytes;
  REQUIRE_FALSE(once.empty());
  CHECK(why_not_strip(read_elf(once)) == "already stripped");
}

TEST_CASE("the same file gives the same stripped bytes wherever it lies in memory") {
  const FileBytes file = read_file(LP_ELF_ANSWER);
  FileBytes shifted(1, 0);
  shifted.insert(shifted.end(), file.begin(), file.end());
  const Bytes odd = Bytes(shifted).subspan(1);
  CHECK(strip_elf(odd, read_elf(odd)).bytes == strip(file).bytes);
}

TEST_CASE("files of other classes, byte orders and machines are stripped too") {
  for (const FileBytes& file :
       {make_library_32(), make_library_big_endian(), make_library({{"MACHINE", "EM_AARCH64"}})}) {
    const StripOutcome outcome = strip(file);
    CAPTURE(outcome.reason);
    REQUIRE(outcome.stripped());
    CHECK(read_elf(outcome.bytes).undefined_symbols == read_elf(file).undefined_symbols);
    CHECK(outcome.bytes.size() + 0x1000 <= file.size());
  }
}

TEST_CASE("an appended payload keeps a file from being stripped") {
  FileBytes file = read_file(LP_ELF_ANSWER);
  const std::string payload(1204, 'x');
  file.insert(file.end(), payload.begin(), payload.end());
  const StripOutcome outcome = strip(file);
  CHECK_FALSE(outcome.stripped());
  CHECK(outcome.reason == "appended payload of 1,204 bytes");
}

TEST_CASE("section names that lie between loaded bytes survive, as in programs of Go's linker") {
  // Move the name table into .rodata's place, where the first segment loads it.
  FileBytes file = make_library();
  const ElfInfo elf = read_elf(file);
  const auto names = std::ranges::find(elf.sections, ".shstrtab", &ElfSection::name);
  REQUIRE(names != elf.sections.end());
  REQUIRE(names->size <= 0x100);
  std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(names->offset), names->size, file.begin() + 0x800);
  std::uint64_t headers = 0;
  for (int i = 7; i >= 0; --i) headers = headers << 8 | file[static_cast<std::size_t>(0x28 + i)];
  const std::size_t header = headers + 64 * static_cast<std::size_t>(names - elf.sections.begin() + 1);
  file[header + 0x18] = 0x00;
  file[header + 0x19] = 0x08;  // sh_offset 0x800
  REQUIRE(problem_codes(read_elf(file)) == "");

  const StripOutcome outcome = strip(file);
  CAPTURE(outcome.reason);
  REQUIRE(outcome.stripped());
  const ElfInfo after = read_elf(outcome.bytes);
  CHECK(problem_codes(after) == "");
  CHECK(has_section(after, ".dynamic"));
  CHECK(has_section(after, ".shstrtab"));
  CHECK_FALSE(has_section(after, ".debug_info"));
}

TEST_CASE("a symbol table that spells gigabytes with overlapping names is not given to LLVM") {
  // 2,000 symbols that share one name of 100 KB; the strip itself would need 200 MB for a file of 250 KB.
  FileBytes file = make_library({{"COMMENT", std::string(2 * 100'000, '4')}});
  const ElfInfo elf = read_elf(file);
  std::uint64_t headers = 0;
  for (int i = 7; i >= 0; --i) headers = headers << 8 | file[static_cast<std::size_t>(0x28 + i)];
  const auto header_of = [&](std::string_view name) {
    const auto found = std::ranges::find(elf.sections, name, &ElfSection::name);
    return headers + 64 * static_cast<std::size_t>(found - elf.sections.begin() + 1);
  };
  const auto store = [&](std::size_t offset, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) file[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  const auto comment = std::ranges::find(elf.sections, ".comment", &ElfSection::name);
  file[comment->offset + comment->size - 1] = 0;
  store(header_of(".strtab") + 0x18, comment->offset);
  store(header_of(".strtab") + 0x20, comment->size);
  const std::size_t symbols = (file.size() + 7) / 8 * 8;
  file.resize(symbols + 2'000 * 24);
  store(header_of(".symtab") + 0x18, symbols);
  store(header_of(".symtab") + 0x20, 2'000 * 24);
  const StripOutcome outcome = strip(file);
  CHECK_FALSE(outcome.stripped());
  CHECK(outcome.reason == "its symbol names overlap");
}
