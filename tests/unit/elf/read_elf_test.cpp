// What read_elf says of sound files of each class and byte order, and of files a compiler made.
#include "elf/read_elf.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "elf/elf_samples.h"
#include "elf/read_dynamic.h"
#include "elf/read_notes.h"

using namespace lambdapack;
using namespace lambdapack::test;
using Names = std::vector<std::string>;

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& names) {
    std::string text = "[";
    for (const std::string& name : names) text += name + ", ";
    return (text + "]").c_str();
  }
};
}  // namespace doctest

namespace {

void check_library(const ElfInfo& elf) {
  CHECK(problem_codes(elf) == "");
  CHECK(elf.type == ElfType::shared);
  CHECK(elf.soname == "libdemo.so.1");
  CHECK(elf.needed == Names{"libc.so.6"});
  CHECK(elf.runpath == Names{"$ORIGIN/lib"});
  CHECK(elf.has_runpath);
  CHECK(elf.rpath.empty());
  CHECK(elf.build_id == "00112233445566778899aabbccddeeff00112233");
  CHECK(elf.versions_needed ==
        std::vector<VersionNeed>{{"libc.so.6", "GLIBC_2.2.5", false}, {"libc.so.6", "GLIBC_2.34", true}});
  CHECK(elf.versions_defined == Names{"DEMO_1.0"});
  CHECK(elf.undefined_symbols == Names{"dlopen@GLIBC_2.34", "puts@GLIBC_2.2.5"});
  CHECK(elf.entry_points == Names{"PyInit_demo"});
  CHECK(elf.calls_dlopen);
  CHECK(elf.debug_bytes == 0x1000);
  CHECK_FALSE(elf.is_executable());
  CHECK_FALSE(elf.is_static);
}

}  // namespace

TEST_CASE("a 64-bit little-endian library is read whole") {
  const ElfInfo elf = read_elf(make_library());
  check_library(elf);
  CHECK(elf.is64);
  CHECK(elf.little_endian);
  CHECK(elf.machine == kMachineX86_64);
  CHECK(elf.symtab_bytes == 2 * 24 + 14);
}

TEST_CASE("a 32-bit library is read whole") {
  const ElfInfo elf = read_elf(make_library_32());
  check_library(elf);
  CHECK_FALSE(elf.is64);
  CHECK(elf.machine == kMachine386);
}

TEST_CASE("a big-endian library is read whole") {
  const ElfInfo elf = read_elf(make_library_big_endian());
  check_library(elf);
  CHECK_FALSE(elf.little_endian);
  CHECK(elf.machine == 21);
}

TEST_CASE("a machine that nobody knows is read like any other") {
  check_library(read_elf(make_library({{"MACHINE", "0xfedc"}})));
  CHECK(machine_name(0xfedc) == "machine 65244");
  CHECK(machine_name(kMachineAArch64) == "arm64 (aarch64)");
}

TEST_CASE("a library without section headers is read from its segments alone") {
  FileBytes file = make_library();
  std::fill_n(file.begin() + 0x28, 8, 0);  // e_shoff
  std::fill_n(file.begin() + 0x3c, 4, 0);  // e_shnum, e_shstrndx
  file.resize(0xc00);                      // and nothing behind the segments
  const ElfInfo elf = read_elf(file);
  CHECK(elf.sections.empty());
  CHECK(problem_codes(elf) == "");
  CHECK(elf.soname == "libdemo.so.1");
  CHECK(elf.entry_points == Names{"PyInit_demo"});
  CHECK(elf.undefined_symbols.size() == 2);
}

TEST_CASE("an empty RUNPATH is there all the same") {
  const ElfInfo elf = read_elf(make_library({{"RUNPATH", "0"}}));
  CHECK(elf.has_runpath);
  CHECK(elf.runpath.empty());
}

TEST_CASE("bytes behind the last section are an appended payload, a few zero bytes are padding") {
  FileBytes file = make_library();
  CHECK(read_elf(file).trailing_bytes == 0);
  file.insert(file.end(), 3, 0);
  CHECK(read_elf(file).trailing_bytes == 0);
  file.insert(file.end(), {'P', 'K', 3, 4});
  CHECK(read_elf(file).trailing_bytes == 7);
}

TEST_CASE("compressed debug info is told from plain") {
  CHECK_FALSE(read_elf(make_library()).debug_compressed);
  CHECK(read_elf(make_library({{"DEBUG_FLAGS", "0x800"}})).debug_compressed);
}

TEST_CASE("the library that the build made has soname, runpath, versions, constructor and notes") {
  const FileBytes file = read_file(LP_ELF_ANSWER);
  const ElfInfo elf = read_elf(file);
  CHECK(problem_codes(elf) == "");
  CHECK(elf.soname == "libanswer.so.1");
  CHECK(elf.runpath == Names{"$ORIGIN/lib"});
  CHECK(elf.versions_defined == Names{"ANSWER_1.0"});
  CHECK(elf.entry_points == Names{"PyInit_answer"});
  CHECK(elf.calls_dlopen);
  CHECK(elf.has_init);
  CHECK(elf.build_id.size() == 40);
  CHECK(std::ranges::count(elf.needed, "libc.so.6") == 1);
  REQUIRE(elf.dlopen_notes.size() == 1);
  CHECK(elf.dlopen_notes[0].sonames == Names{"libz.so.1"});
  CHECK(elf.dlopen_notes[0].priority == "suggested");
  CHECK(elf.debug_bytes > 0);
  CHECK(elf.symtab_bytes > 0);
}

TEST_CASE("programs are told by how they are linked") {
  const FileBytes pie = read_file(LP_ELF_HELLO), plain = read_file(LP_ELF_HELLO_STATIC);
  const ElfInfo dynamic = read_elf(pie), fixed = read_elf(plain);
  CHECK(dynamic.pie);
  CHECK(dynamic.is_executable());
  CHECK_FALSE(dynamic.is_static);
  CHECK(dynamic.interpreter.find("ld") != std::string::npos);
  CHECK(fixed.is_static);
  CHECK(fixed.interpreter.empty());
  CHECK(problem_codes(dynamic) == "");
  CHECK(problem_codes(fixed) == "");
}

TEST_CASE("a .note.dlopen may name several libraries, in any JSON layout") {
  const auto notes = parse_dlopen_note(
      " [ {\"soname\" : [\"libfoo.so.1\", \"libfoo.so.0\"], \"extra\": {\"a\": [1, -2.5e3, true, null]}},\n"
      "{\"priority\":\"required\",\"soname\":[\"lib\\u0062ar.so\"],\"feature\":\"a \\\"b\\\"\"} ] ");
  REQUIRE(notes.has_value());
  REQUIRE(notes->size() == 2);
  CHECK((*notes)[0].sonames == Names{"libfoo.so.1", "libfoo.so.0"});
  CHECK((*notes)[0].priority == "recommended");  // the specification's default
  CHECK((*notes)[1].sonames == Names{"libbar.so"});
  CHECK((*notes)[1].feature == "a \"b\"");
}

TEST_CASE("what is not the JSON of a .note.dlopen is refused") {
  for (const char* text : {"", "{}", "[", "[{]", "[{\"soname\":\"x\"}]", "[{\"soname\":[\"x\"}]", "[{}] x",
                           "[{\"a\":}]", "[{\"soname\":[\"x\\"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_dlopen_note(text).has_value());
  }
  CHECK_FALSE(parse_dlopen_note("[{\"a\":" + std::string(100'000, '[')).has_value());
}

TEST_CASE("symbols that plugin loaders look up are told from ordinary ones") {
  CHECK(is_entry_point("PyInit_numpy", true));
  CHECK(is_entry_point("Java_org_sqlite_core_NativeDB_step", true));
  CHECK(is_entry_point("sqlite3_vec_init", true));
  CHECK_FALSE(is_entry_point("sqlite3_os_init", true));  // SQLite's own
  CHECK_FALSE(is_entry_point("sqlite3_open", true));
  CHECK_FALSE(is_entry_point("PyInit_numpy", false));    // an import offers nothing
  CHECK(is_entry_point("napi_module_register", false));  // but an addon that registers itself only imports
  CHECK_FALSE(is_entry_point("printf", true));
  CHECK_FALSE(is_entry_point("", true));
}
