#include "elf/drop_needed_entries.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "elf/dynamic_table.h"
#include "elf/elf_format.h"
#include "elf/elf_samples.h"
#include "elf/read_elf.h"
#include "elf/strip_elf.h"
#include "elf/version_records.h"
#include "support/symbol_elf.h"

using namespace lambdapack;
using namespace lambdapack::elf_format;
using namespace lambdapack::test;

namespace {

using Names = std::vector<std::string>;

// Needs a version of each of three libraries; its own table of versions names them in that order.
LibrarySpec three_libraries() {
  return {.soname = "libme.so",
          .needed = {"liba.so", "libb.so", "libc.so"},
          .symbols = {calls("fa", "VA", "liba.so"), calls("fb", "VB", "libb.so"), calls("fc", "VC", "libc.so"),
                      defines("own")}};
}

std::size_t offset_of(const FileBytes& file, std::uint64_t tag) {
  const ElfLayout layout = read_layout(file);
  return *file_offset(layout, *read_dynamic_table(layout).value(tag));
}

// Makes every symbol one of no version, as if nothing asked for those that the records name.
FileBytes without_versions(FileBytes file) {
  const std::size_t versym = offset_of(file, kDtVersym);
  for (std::size_t i = 1; i <= 4; ++i) file[versym + 2 * i] = 1;
  return file;
}

std::string refusal(const FileBytes& file, const Names& names) {
  const DroppedEntries outcome = drop_needed_entries(file, read_elf(file), names);
  CHECK(!outcome.done());
  return outcome.reason;
}

std::string refusal(const LibrarySpec& spec) {
  return refusal(symbol_elf(spec), {"liba.so"});
}

LibrarySpec with_entry(std::uint64_t tag, std::uint64_t value) {
  LibrarySpec spec{.soname = "libme.so", .needed = {"liba.so", "libc.so"}, .symbols = {defines("own")}};
  spec.dynamic = {{tag, value}};
  return spec;
}

}  // namespace

TEST_CASE("the entries of a library go, the others stay in their order, and no other byte changes") {
  const FileBytes file = symbol_elf({.soname = "libme.so",
                                     .needed = {"liba.so", "libidle.so", "libb.so", "libidle.so", "libc.so"},
                                     .symbols = {calls("fa", "VA", "liba.so"), defines("own")}});
  const ElfInfo info = read_elf(file);
  const DroppedEntries outcome = drop_needed_entries(file, info, {"libidle.so"});
  REQUIRE_MESSAGE(outcome.done(), outcome.reason);
  CHECK(outcome.bytes.size() == file.size());
  const ElfInfo after = read_elf(outcome.bytes);
  CHECK(after.needed == Names{"liba.so", "libb.so", "libc.so"});
  CHECK(after.versions_needed == info.versions_needed);
  CHECK(after.problems.empty());
  CHECK(difference_beyond_needed(file, outcome.bytes, {"libidle.so"}) == "");
  CHECK(difference_for_loader(file, outcome.bytes) != "");

  const DynamicTable old_table = read_dynamic_table(read_layout(file));
  const DynamicTable new_table = read_dynamic_table(read_layout(outcome.bytes));
  CHECK(new_table.entries.size() == old_table.entries.size() - 2);
  for (std::size_t i = 0; i < file.size(); ++i)
    if (i < old_table.offset || i >= old_table.offset + 16 * old_table.entries.size())
      REQUIRE_MESSAGE(outcome.bytes[i] == file[i], i);
}

TEST_CASE("two libraries go at once") {
  const FileBytes file = without_versions(symbol_elf(three_libraries()));
  const DroppedEntries outcome = drop_needed_entries(file, read_elf(file), {"liba.so", "libb.so"});
  REQUIRE_MESSAGE(outcome.done(), outcome.reason);
  CHECK(read_elf(outcome.bytes).needed == Names{"libc.so"});
  CHECK(read_elf(outcome.bytes).versions_needed == std::vector<VersionNeed>{{"libc.so", "VC"}});
}

TEST_CASE("the versions of a library leave the chain from its start, its middle and its end") {
  const FileBytes file = without_versions(symbol_elf(three_libraries()));
  for (const std::string gone : {"liba.so", "libb.so", "libc.so"}) {
    CAPTURE(gone);
    const DroppedEntries outcome = drop_needed_entries(file, read_elf(file), {gone});
    REQUIRE_MESSAGE(outcome.done(), outcome.reason);
    const ElfLayout layout = read_layout(outcome.bytes);
    const DynamicTable table = read_dynamic_table(layout);
    CHECK(table.value(kDtVerneednum) == 2);
    CHECK(table.value(kDtVerneed) == read_dynamic_table(read_layout(file)).value(kDtVerneed));
    const auto records = read_version_records(layout, table);
    REQUIRE(records.has_value());
    Names libraries, versions;
    for (const VersionRecord& record : *records) {
      libraries.emplace_back(record.library);
      for (const NeededVersion& version : record.versions) versions.emplace_back(version.name);
    }
    Names expected = {"liba.so", "libb.so", "libc.so"}, expected_versions = {"VA", "VB", "VC"};
    const auto at = std::ranges::find(expected, gone) - expected.begin();
    expected.erase(expected.begin() + at);
    expected_versions.erase(expected_versions.begin() + at);
    CHECK(libraries == expected);
    CHECK(versions == expected_versions);
    CHECK(read_elf(outcome.bytes).problems.empty());
  }
}

TEST_CASE("a symbol with a version of the library keeps the entry, whether or not anything asks for it") {
  CHECK(refusal(symbol_elf(three_libraries()), {"libb.so"}) == "has a symbol with a version of the library");
  LibrarySpec unasked = three_libraries();
  unasked.symbols[1].relocation = 0;
  CHECK(refusal(symbol_elf(unasked), {"libb.so"}) == "has a symbol with a version of the library");
}

TEST_CASE("what is unusual keeps its entries, with the reason") {
  CHECK(refusal(symbol_elf(three_libraries()), {"libx.so"}) == "has no such needed entry");
  CHECK(refusal({.soname = "libme.so", .needed = {"liba.so"}, .symbols = {defines("own")}}) ==
        "would need no library any more");
  CHECK(refusal(with_entry(0x6ffffdf5, 1)) == "has a dynamic entry of kind 0x6ffffdf5");  // DT_GNU_PRELINKED
  CHECK(refusal(with_entry(0x6ffffdfd, 1)) == "has a dynamic entry of kind 0x6ffffdfd");  // DT_POSFLAG_1
  CHECK(refusal(with_entry(kDtStrtab, 0x40)) == "has two dynamic entries of kind 0x5");
  CHECK(refusal(with_entry(kDtFilter, 1)) == "is a filter for other libraries");
  CHECK(refusal(with_entry(kDtVerneed, 0x40)) == "has needed versions without their number");
  CHECK(refusal(make_library_32(), {"libc.so.6"}) == "is not for one of Lambda's processors");
  CHECK(refusal(make_library_big_endian(), {"libc.so.6"}) == "is not for one of Lambda's processors");

  FileBytes only =
      without_versions(symbol_elf({.soname = "libme.so",
                                   .needed = {"liba.so", "libc.so"},
                                   .symbols = {calls("fa", "VA", "liba.so"), defines("a"), defines("b")}}));
  CHECK(refusal(only, {"liba.so"}) == "would have no needed versions left");
}

TEST_CASE("records of versions that lie keep the entries") {
  const FileBytes sound = without_versions(symbol_elf(three_libraries()));
  const std::size_t records = offset_of(sound, kDtVerneed);
  const auto lie = [&](std::size_t at, std::uint8_t value) {
    FileBytes file = sound;
    file[records + at] = value;
    return refusal(file, {"libb.so"});
  };
  CHECK(lie(2, 2) == "has another number of needed versions than it says");              // vn_cnt
  CHECK(lie(12, 0) == "has another number of needed versions than it says");             // vn_next
  CHECK(lie(0, 2) == "has needed versions past the end of their segment, or too many");  // vn_version
  CHECK(lie(8, 8) != "");    // vn_aux: the version lies over its record
  CHECK(lie(8, 32) != "");   // or over the next one
  CHECK(lie(12, 40) != "");  // vn_next: into the record behind
}

TEST_CASE("a relocation that changes the dynamic section keeps the entries") {
  LibrarySpec spec = with_entry(kDtFlags1, 0);
  spec.symbols.push_back(points_to("data"));
  FileBytes file = symbol_elf(spec);
  const DynamicTable table = read_dynamic_table(read_layout(file));
  REQUIRE(drop_needed_entries(file, read_elf(file), {"liba.so"}).done());
  const std::size_t relocation = offset_of(file, kDtRela);
  for (const std::uint64_t address :
       {table.address, table.address - 4, table.address + 16 * table.entries.size() + 8}) {
    for (unsigned i = 0; i < 8; ++i) file[relocation + i] = static_cast<std::uint8_t>(address >> (8 * i));
    CHECK(refusal(file, {"liba.so"}) == "has relocations in its dynamic section");
  }
}

TEST_CASE("no change but the declared one passes the proof") {
  const FileBytes file = without_versions(symbol_elf(three_libraries()));
  const Names names = {"libb.so"};
  const FileBytes done = drop_needed_entries(file, read_elf(file), names).bytes;
  REQUIRE(difference_beyond_needed(file, done, names) == "");
  CHECK(difference_beyond_needed(file, file, names) != "");
  CHECK(difference_beyond_needed(file, drop_needed_entries(file, read_elf(file), {"liba.so"}).bytes, names) != "");
  CHECK(difference_beyond_needed(file, Bytes(done).first(done.size() - 1), names) != "");
  CHECK(difference_beyond_needed(file, Bytes(done).first(3), names) == "is no ELF file");
  // Every byte of the file but those behind the table's new end and those of the record that is in no chain any more.
  std::size_t passed = 0;
  for (std::size_t i = 0; i < done.size(); ++i) {
    FileBytes other = done;
    other[i] ^= 1;
    if (difference_beyond_needed(file, other, names).empty()) ++passed;
  }
  CHECK(passed == 16 + 16 + 8);
}

TEST_CASE("cut at any byte, a file is refused or changed as declared") {
  const FileBytes file = without_versions(symbol_elf(three_libraries()));
  for (std::size_t size = 0; size < file.size(); ++size) {
    const FileBytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    if (!has_elf_magic(cut)) continue;
    const DroppedEntries outcome = drop_needed_entries(cut, read_elf(cut), {"libb.so"});
    CHECK(outcome.done() == outcome.reason.empty());
  }
}
