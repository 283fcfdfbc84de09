// What a strip takes and leaves, and that the real loader takes the result.
#include "elf/strip_elf.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

#include "elf/elf_layout.h"
#include "elf/elf_samples.h"
#include "elf/read_elf.h"

#ifndef __has_feature  // clang's
#define __has_feature(x) 0
#endif

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
  std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(names->offset), names->size, std::uint8_t{0});
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

TEST_CASE("section headers that lie between loaded bytes stay as they are there, as in programs of Go's linker") {
  FileBytes file = make_library({{"COMMENT_ALIGN", "0x2000"}, {"DATA_FILESZ", "0x1700"}, {"DATA_MEMSZ", "0x1700"}});
  std::uint64_t headers = 0;
  for (int i = 7; i >= 0; --i) headers = headers << 8 | file[static_cast<std::size_t>(0x28 + i)];
  std::copy(file.begin() + static_cast<std::ptrdiff_t>(headers), file.end(), file.begin() + 0xc00);
  file.resize(headers);
  std::fill_n(file.begin() + 0x28, 8, std::uint8_t{0});
  file[0x29] = 0x0c;
  REQUIRE(problem_codes(read_elf(file)) == "");
  const StripOutcome outcome = strip(file);
  CAPTURE(outcome.reason);
  REQUIRE(outcome.stripped());
  CHECK(std::equal(file.begin() + 0xc00, file.begin() + 0x2000, outcome.bytes.begin() + 0xc00));
  CHECK_FALSE(has_section(read_elf(outcome.bytes), ".debug_info"));
}

TEST_CASE("a symbol table that spells gigabytes with overlapping names is not given to LLVM") {
  // 2,000 symbols that share one name of 100 KB; the strip itself would need 200 MB for a file of 250 KB. The table
  // stays because a section that must stay has its name.
  FileBytes file = make_library({{"KEPT", "'.symtab (1)'"}, {"COMMENT", std::string(2 * 100'000, '4')}});
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
  for (const ElfSection& section : elf.sections)  // or they are bytes that no header describes
    if (section.name == ".strtab" || section.type == 2)
      std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(section.offset), section.size, std::uint8_t{0});
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

TEST_CASE("debug info goes in every form: plain, compressed by zlib or zstd, split, GNU's old names") {
  const FileBytes sound = strip(make_library()).bytes;
  REQUIRE_FALSE(sound.empty());
  for (const auto& [name, flags, says] :
       std::vector<std::array<std::string, 3>>{{".debug_info", "<none>", "debug info"},
                                               {".debug_info", "0x800", "compressed debug info"},
                                               {".zdebug_info", "<none>", "compressed debug info"},
                                               {".debug_info.dwo", "<none>", "split debug info"},
                                               {".debug_info.dwo", "0x800", "split debug info"},
                                               {".gdb_index", "<none>", "debug info"},
                                               {".gnu_debugdata", "<none>", "debug info"},
                                               {".stabstr", "<none>", "debug info"}}) {
    CAPTURE(name);
    const FileBytes file = make_library({{"DEBUG", name}, {"DEBUG_FLAGS", flags}});
    const StripOutcome outcome = strip(file);
    CHECK(outcome.bytes == sound);
    CHECK(outcome.reason == says + ", symbol table, compiler notes");
    CHECK(what_strip_removes(read_elf(file)) == outcome.reason);
  }
  for (const std::string path : {LP_ELF_ANSWER_ZLIB, LP_ELF_ANSWER_ZSTD}) {
    if (path.empty()) {
      MESSAGE("skipped: this linker cannot compress debug info so");
      continue;
    }
    CAPTURE(path);
    const FileBytes file = read_file(path);
    REQUIRE(read_elf(file).debug_compressed);
    const StripOutcome outcome = strip(file);
    REQUIRE(outcome.stripped());
    CHECK(outcome.reason == "compressed debug info, symbol table, compiler notes");
    CHECK(read_elf(outcome.bytes).stripped());
    const TemporaryFolder folder;
    CHECK(load_and_call(folder.write("after.so", outcome.bytes), "answer") == 42);
  }
}

TEST_CASE(
    "a stripped file that names a file of shared debug info is already stripped: 60 bytes are no reason to write it") {
  FileBytes file = strip(make_library({{"KEPT", ".gnu_debugaltlin_"}})).bytes;
  constexpr std::string_view kName = ".gnu_debugaltlin_";
  const auto name = std::search(file.begin(), file.end(), kName.begin(), kName.end());
  REQUIRE(name != file.end());
  name[static_cast<std::ptrdiff_t>(kName.size()) - 1] = 'k';
  REQUIRE(has_section(read_elf(file), ".gnu_debugaltlink"));
  CHECK(strip(file).reason == kAlreadyStripped);
  // Beside debug info it goes with it.
  const StripOutcome outcome = strip(make_library({{"KEPT", ".gnu_debugaltlink"}}));
  CHECK_FALSE(has_section(read_elf(outcome.bytes), ".gnu_debugaltlink"));
}

TEST_CASE("sections with a reader stay, whatever they are called") {
  for (const char* name : {".note.stapsdt", ".note.package", ".note.dlopen", ".note.gnu.property", ".note.ABI-tag",
                           ".note.go.buildid", ".go.buildinfo", ".gopclntab", ".dep-v0", ".gnu_debuglink", ".rustc",
                           ".debugger_state", ".app.data", ".llvm_faultmaps"}) {
    CAPTURE(name);
    const FileBytes file = make_library({{"KEPT", name}});
    const StripOutcome outcome = strip(file);
    REQUIRE(outcome.stripped());
    const ElfInfo after = read_elf(outcome.bytes);
    const auto section = std::ranges::find(after.sections, name, &ElfSection::name);
    REQUIRE(section != after.sections.end());
    const auto content = outcome.bytes.begin() + static_cast<std::ptrdiff_t>(section->offset);
    CHECK(std::string(content, content + static_cast<std::ptrdiff_t>(section->size)) == "mine");
  }
}

TEST_CASE("loaded bytes that lie in no section stay, as in single-file executables") {
  FileBytes file = make_library();
  const std::string payload = "\"use strict\"; run()";
  std::ranges::copy(payload, file.begin() + 0xa80);  // between .dynamic and .data, in the second PT_LOAD
  const StripOutcome outcome = strip(file);
  REQUIRE(outcome.stripped());
  CHECK(std::string(outcome.bytes.begin() + 0xa80, outcome.bytes.begin() + 0xa80 + 19) == payload);
}

TEST_CASE("a damaged note does not keep a file from being stripped, and stays as it is") {
  const FileBytes file = make_library({{"NOTE_FILESZ", "0x22"}});
  REQUIRE(problem_codes(read_elf(file)) == "elf-bad-notes");
  const StripOutcome outcome = strip(file);
  REQUIRE(outcome.stripped());
  CHECK(std::equal(file.begin() + 0x200, file.begin() + 0x224, outcome.bytes.begin() + 0x200));
}

TEST_CASE("bytes before the end that no header describes keep a file from being stripped") {
  FileBytes file = make_library({{"COMMENT_ALIGN", "0x1000"}});
  REQUIRE(strip(file).stripped());
  std::fill_n(file.begin() + 0xc80, 100, std::uint8_t{'x'});  // behind the segments, in front of .comment
  const StripOutcome outcome = strip(file);
  CHECK_FALSE(outcome.stripped());
  CHECK(outcome.reason == "has 100 bytes that no header describes");
}

TEST_CASE("the section headers that patchelf leaves behind are no payload, and anything else in their place is") {
  FileBytes file = make_library({{"COMMENT_ALIGN", "0x1000"}});
  REQUIRE(strip(file).stripped());
  const ElfLayout layout = read_layout(file);
  const std::uint64_t from = layout.header.section_headers;
  constexpr std::size_t kOld = 0xc40, kEntry = 64, kCount = 6;  // behind the segments, in front of .comment
  const auto leave_behind = [&](std::size_t count) {
    FileBytes with = file;
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(from), count * kEntry, with.begin() + kOld);
    return with;
  };
  const FileBytes patched = leave_behind(kCount);
  CHECK(read_elf(patched).undescribed_bytes == 0);
  CHECK(strip(patched).bytes == strip(file).bytes);
  CHECK(read_elf(leave_behind(3)).undescribed_bytes > 0);  // section 0 and two more: too few to be sure
  FileBytes broken = patched;
  broken[kOld + 2 * kEntry + 4] = 0x7f;  // a type that no section has
  CHECK(read_elf(broken).undescribed_bytes > 0);
  FileBytes followed = patched;
  followed[kOld + kCount * kEntry + 20] = 'x';
  CHECK(read_elf(followed).undescribed_bytes > 0);
}

TEST_CASE("a library for arm64 is stripped on any machine, and arm64's own loader takes it") {
  if (std::string(LP_ELF_ARM64_ANSWER).empty()) {
    MESSAGE("skipped: needs aarch64-linux-gnu-g++ and qemu-aarch64-static (tools/setup --tests)");
    return;
  }
  const TemporaryFolder folder;
  const auto answer_of = [&](const char* name, Bytes bytes) {
    return run_command({LP_QEMU_AARCH64, "-L", "/usr/aarch64-linux-gnu", LP_ELF_ARM64_CALLER,
                        folder.write(name, bytes).string(), "answer"});
  };
  const FileBytes file = read_file(LP_ELF_ARM64_ANSWER);
  REQUIRE(read_elf(file).machine == kMachineAArch64);
  REQUIRE(answer_of("before.so", file) == 42);
  const StripOutcome outcome = strip(file);
  REQUIRE(outcome.stripped());
  CHECK(answer_of("after.so", outcome.bytes) == 42);
  FileBytes broken = outcome.bytes;
  std::ranges::fill(broken, std::uint8_t{0});
  CHECK(answer_of("broken.so", broken) != 42);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
TEST_CASE("a strip takes at most three times the memory of the file, the file included") {
  // Mostly code, and a symbol table that LLVM would make four times its size of: the worst real mixture.
  const StripPeak peak = peak_of_strip(LP_ELF_LARGE);
  REQUIRE(peak.file > 20'000'000);
  CHECK(peak.saved > 4'000'000);
  CHECK(peak.bytes > peak.file);
  CAPTURE(static_cast<double>(peak.bytes) / static_cast<double>(peak.file));
  CHECK(peak.bytes <= 3 * peak.file);
}
#endif
#endif
