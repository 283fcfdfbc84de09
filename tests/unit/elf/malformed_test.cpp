// One lie per test file: each field of fixtures/elf/library.yaml that can be wrong, and what read_elf says of it.
// "!" marks what the loader refuses.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "elf/elf_samples.h"
#include "elf/read_elf.h"
#include "elf/strip_elf.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

struct Lie {
  std::string field, value, problems;
};

const std::vector<Lie> kLies = {
    // header and tables
    {"EPHENTSIZE", "0x10", "elf-bad-program-headers!"},
    {"EPHNUM", "0xffff", "elf-bad-program-headers!"},
    {"EPHNUM", "0x4000",
     "elf-bad-notes elf-bad-program-headers elf-misaligned-segment! elf-no-dynamic! elf-truncated!"},
    {"EPHOFF", "0xfffffffffffffff0", "elf-bad-program-headers! elf-truncated!"},
    {"ESHENTSIZE", "0x8", "elf-bad-sections"},
    {"ESHNUM", "0x7fff", "elf-bad-sections"},
    {"ESHOFF", "0xfffffffffffffff0", "elf-bad-sections"},
    {"ESHSTRNDX", "0x7000", "elf-bad-sections"},
    {"MACHINE", "EM_NONE", "elf-bad-header"},
    // segments
    {"LOAD_OFFSET", "0x10", "elf-bad-versions! elf-misaligned-segment!"},
    {"LOAD_ALIGN", "0x10", "elf-misaligned-segment!"},
    {"DATA_ALIGN", "0x200000", "elf-misaligned-segment!"},
    {"LOAD_ALIGN", "0x3000", "elf-bad-program-headers"},
    {"LOAD_FILESZ", "0xfffffffffffffff", "elf-bad-dynamic! elf-bad-program-headers elf-truncated!"},
    {"LOAD_MEMSZ", "0x10", "elf-bad-program-headers"},
    {"DATA_FILESZ", "0x100000000", "elf-bad-program-headers elf-truncated!"},
    {"DATA_MEMSZ", "0xffffffffffffffff", "elf-bad-program-headers!"},
    {"EXTRA_TYPE", "PT_LOAD", "elf-bad-program-headers elf-misaligned-segment!"},  // p_align 1
    {"EXTRA_FILESZ", "0xfffffff", "elf-bad-program-headers"},
    {"EXTRA_OFFSET", "0xffffffffffffff00", ""},  // of no bytes: says nothing
    {"EXTRA_TYPE", "PT_INTERP", "elf-bad-program-headers!"},
    {"NOTE_FILESZ", "0x22", "elf-bad-notes"},
    // dynamic section
    {"DYNAMIC_VADDR", "0x9900", "elf-bad-dynamic!"},
    {"DYNAMIC_FILESZ", "0xd0", "elf-bad-dynamic"},
    {"STRTAB", "0x99999999", "elf-bad-dynamic!"},
    {"STRSZ", "0xffffffff", "elf-bad-dynamic"},
    {"NEEDED", "0xffffffff", "elf-bad-dynamic!"},
    {"SONAME", "92", "elf-bad-dynamic!"},
    {"RUNPATH", "0xfffffffffffffff", "elf-bad-dynamic!"},
    // symbols and versions
    {"SYMENT", "23", "elf-bad-symbols"},
    {"SYMBOL_NAME", "0xfffff", "elf-bad-symbols"},
    {"NCHAIN", "0xffffffff", "elf-bad-symbols"},
    {"VERNEED_AT", "0x99999999", "elf-bad-versions!"},
    {"VERDEF_AT", "0x99999999", "elf-bad-versions!"},
    {"VERNEED", "010001000100000010000000000000000100000000000300ffffff0000000000", "elf-bad-versions!"},
    {"VERNEED", "01000100010000000000ffff00000000", "elf-bad-versions"},
    {"VERDEF", "0100000001000100341200000000ffff00000000", "elf-bad-versions"},
    // sections
    {"COMMENT_NAME", "0xffffff", "elf-bad-sections"},
    {"COMMENT_OFFSET", "0xffffffffffffff00", "elf-bad-sections"},
    {"COMMENT_SIZE", "0xffffffffffffffff", "elf-bad-sections"},
    {"SYMTAB_OFFSET", "0xffffffffffffff00", "elf-bad-sections"},
    {"SYMTAB_SIZE", "0xffffffffffffffff", "elf-bad-sections"},
    {"KEPT_OFFSET", "0xffffffffffffff00", "elf-bad-sections"},
    {"DEBUG_OFFSET", "0xffffffffffffff00", "elf-bad-sections"},
};

}  // namespace

TEST_CASE("every field that lies is reported, and only the loader's own are fatal") {
  for (const Lie& lie : kLies) {
    CAPTURE(lie.field);
    CAPTURE(lie.value);
    const FileBytes file = make_library({{lie.field, lie.value}});
    const ElfInfo elf = read_elf(file);
    CHECK(problem_codes(elf) == lie.problems);
    if (lie.problems.empty() || lie.problems == "elf-bad-notes") continue;
    CHECK_FALSE(why_not_strip(elf).empty());
    CHECK_FALSE(strip_elf(file, elf).stripped());
  }
}

TEST_CASE("a version list that points at itself ends") {
  // vn_cnt 65535 with every vna_next 0 or 16, and a DT_VERNEEDNUM of billions.
  const ElfInfo elf = read_elf(make_library({{"VERNEEDNUM", "0xffffffff"}, {"VERDEFNUM", "0xffffffff"}}));
  CHECK(problem_codes(elf) == "");
  CHECK(elf.versions_needed.size() == 2);
}

TEST_CASE("an unknown class or byte order is a bad header") {
  FileBytes file = make_library();
  file[4] = 7;
  CHECK(problem_codes(read_elf(file)).find("elf-bad-header!") != std::string::npos);
  file = make_library();
  file[5] = 0;
  CHECK(problem_codes(read_elf(file)).find("elf-bad-header!") != std::string::npos);
}

TEST_CASE("object files and core dumps have nothing that a loader could refuse") {
  for (const char* type : {"ET_REL", "ET_CORE"}) {
    const ElfInfo elf = read_elf(make_library({{"TYPE", type}, {"LOAD_ALIGN", "1"}, {"LOAD_OFFSET", "0x10"}}));
    CHECK(problem_codes(elf) == "");
    CHECK_FALSE(why_not_strip(elf).empty());
  }
}

TEST_CASE("alignments that make LLVM write gigabytes keep a file from being stripped") {
  for (const auto& [field, value] : std::vector<std::pair<const char*, const char*>>{
           {"RODATA_ALIGN", "0x40000000"}, {"COMMENT_ALIGN", "0x40000000"}, {"COMMENT_ALIGN", "0x30"}}) {
    const FileBytes file = make_library({{field, value}});
    const ElfInfo elf = read_elf(file);
    CHECK(why_not_strip(elf) == "has an alignment that is no power of two up to 2 MB");
    CHECK_FALSE(strip_elf(file, elf).stripped());
  }
}

TEST_CASE("a compressed section that is too short for its header is kept from LLVM") {
  const FileBytes file = make_library({{"KEPT_FLAGS", "0x800"}, {"COMMENT", std::string(8000, '0')}});
  const StripOutcome outcome = strip_elf(file, read_elf(file));
  CHECK_FALSE(outcome.stripped());
  CHECK(outcome.reason == "has a compressed section without its header");
}

TEST_CASE("what is wrong inside a section that goes does not keep it") {
  // A compressed section without its header; a symbol table whose links, counts and names lie.
  const FileBytes sound = strip_elf(make_library(), read_elf(make_library())).bytes;
  REQUIRE_FALSE(sound.empty());
  for (const auto& [field, value] : std::vector<std::pair<const char*, const char*>>{{"DEBUG_FLAGS", "0x800"},
                                                                                     {"SYMTAB_LINK", "0x7777"},
                                                                                     {"SYMTAB_INFO", "0xffffffff"},
                                                                                     {"SYMTAB_ENTSIZE", "0x7"}}) {
    CAPTURE(field);
    const FileBytes file = make_library({{field, value}, {"DEBUG_SIZE", "0x1003"}});
    const StripOutcome outcome = strip_elf(file, read_elf(file));
    CAPTURE(outcome.reason);
    CHECK(outcome.bytes == sound);
  }
}

TEST_CASE("every lie is survived in the other class and byte order too") {
  for (const auto& other : std::vector<std::map<std::string, std::string>>{
           {{"CLASS", "ELFCLASS32"}, {"MACHINE", "EM_386"}, {"SYMENT", "16"}},
           {{"DATA", "ELFDATA2MSB"}, {"MACHINE", "EM_PPC64"}},
           {{"MACHINE", "0xfedc"}}})
    for (const Lie& lie : kLies) {
      std::map<std::string, std::string> fields = other;
      // The 32-bit reader refuses numbers that its fields cannot hold.
      fields[lie.field] = other.contains("CLASS") && lie.value.size() > 10 && lie.field.find("VER") != 0
                              ? "0x" + lie.value.substr(lie.value.size() - 8)
                              : lie.value;
      CAPTURE(lie.field);
      CAPTURE(lie.value);
      const FileBytes file = make_library(fields);
      const ElfInfo elf = read_elf(file);
      const StripOutcome outcome = strip_elf(file, elf);
      if (outcome.stripped())
        CHECK(difference_for_loader(file, outcome.bytes) == "");
      else
        CHECK_FALSE(outcome.reason.empty());
    }
}

TEST_CASE("segments that overlap or hold one another are stripped into what the loader maps the same, or not at all") {
  for (const auto& fields : std::vector<std::map<std::string, std::string>>{
           // a PT_LOAD over the second half of the first one, one around everything, one that is the first again
           {{"EXTRA_TYPE", "PT_LOAD"},
            {"EXTRA_OFFSET", "0x400"},
            {"EXTRA_VADDR", "0x10400"},
            {"EXTRA_FILESZ", "0x600"}},
           {{"EXTRA_TYPE", "PT_LOAD"}, {"EXTRA_OFFSET", "0x0"}, {"EXTRA_VADDR", "0x10000"}, {"EXTRA_FILESZ", "0xc00"}},
           {{"EXTRA_TYPE", "PT_LOAD"}, {"EXTRA_OFFSET", "0x0"}, {"EXTRA_VADDR", "0x0"}, {"EXTRA_FILESZ", "0x900"}},
           // and one that also loads debug info, which then must stay
           {{"EXTRA_TYPE", "PT_LOAD"}, {"EXTRA_OFFSET", "0x0"}, {"EXTRA_VADDR", "0x10000"}, {"EXTRA_FILESZ", "0x1200"}},
       }) {
    std::map<std::string, std::string> aligned = fields;
    aligned["EXTRA_ALIGN"] = "0x1000";
    aligned["EXTRA_MEMSZ"] = fields.at("EXTRA_FILESZ");
    CAPTURE(aligned["EXTRA_OFFSET"]);
    CAPTURE(aligned["EXTRA_FILESZ"]);
    const FileBytes file = make_library(aligned);
    const ElfInfo elf = read_elf(file);
    const StripOutcome outcome = strip_elf(file, elf);
    if (!outcome.stripped()) {
      CHECK_FALSE(outcome.reason.empty());
      continue;
    }
    CHECK(difference_for_loader(file, outcome.bytes) == "");
    CHECK((read_elf(outcome.bytes).debug_bytes > 0) == (aligned["EXTRA_FILESZ"] == "0x1200"));
  }
}
