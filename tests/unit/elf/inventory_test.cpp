// What every file of a package is, told by its content.
#include "elf/inventory.h"

#include <doctest/doctest.h>

#include <string>

#include "elf/elf_samples.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

PackageFile text_file(std::string path, std::string_view text) {
  return {.path = std::move(path), .link_target = {}, .content = Content::from_text(text)};
}

Inventory look_at(std::vector<PackageFile> files) {
  Package package;
  package.files = std::move(files);
  Progress silent(false);
  auto inventory = take_inventory(package, 2, silent);
  REQUIRE(inventory.has_value());
  REQUIRE(inventory->files.size() == package.files.size());
  return *std::move(inventory);
}

FileType type_of(std::string_view content) {
  return look_at({text_file("file", content)}).files[0].type;
}

std::string code_of(std::string path, std::string_view content) {
  const Inventory inventory = look_at({text_file(std::move(path), content)});
  if (inventory.findings.empty()) return "";
  CHECK(inventory.findings.size() == 1);
  return inventory.findings[0].code;
}

}  // namespace

TEST_CASE("files are told by their first bytes") {
  using std::string_view_literals::operator""sv;
  CHECK(type_of("#!/bin/sh\n") == FileType::script);
  CHECK(type_of("PK\3\4....") == FileType::archive);
  CHECK(type_of("!<arch>\nfoo.o/") == FileType::static_archive);
  CHECK(type_of("\xcf\xfa\xed\xfe\x07\0\0\1"sv) == FileType::mach_o);
  CHECK(type_of("!<arch>\n/               0           0") == FileType::static_archive);
  CHECK(type_of("!<arch>\n") == FileType::static_archive);
  CHECK(type_of("!<arch>\ndebian-binary   1") == FileType::other);
  CHECK(type_of("import os\n") == FileType::other);
  CHECK(type_of("") == FileType::other);
  CHECK(type_of("\x7f") == FileType::other);
}

TEST_CASE("a Java class is not taken for a Mach-O universal binary, though both start with CAFEBABE") {
  using std::string_view_literals::operator""sv;
  CHECK(type_of("\xca\xfe\xba\xbe\0\0\0\x41"sv) == FileType::other);  // Java 21
  CHECK(type_of("\xca\xfe\xba\xbe\0\0\0\x2d"sv) == FileType::other);  // JDK 1.1, the oldest
  CHECK(type_of("\xca\xfe\xba\xbe\0\0\0\2"sv) == FileType::mach_o);   // two architectures
}

TEST_CASE("MZ makes a Windows binary only together with a PE header") {
  std::string binary = "MZ" + std::string(62, '\0') + std::string("PE\0\0", 4);
  binary[0x3c] = 64;
  CHECK(type_of(binary) == FileType::pe);
  binary[64] = 'X';
  CHECK(type_of(binary) == FileType::other);
  CHECK(type_of("MZ is how some text starts, and it goes on for more than sixty-four bytes") == FileType::other);
}

TEST_CASE("a script's first line is kept as it is, with its carriage return") {
  const Inventory inventory = look_at({text_file("run", "#!/usr/bin/env node\r\nmain()")});
  CHECK(inventory.files[0].shebang == "/usr/bin/env node\r");
}

TEST_CASE("folders and links are not opened") {
  const Inventory inventory = look_at({
      {.path = "empty", .kind = FileKind::directory, .link_target = {}, .content = {}},
      {.path = "link.so", .kind = FileKind::symlink, .link_target = "lib.so", .content = {}},
  });
  CHECK(inventory.files[0].type == FileType::directory);
  CHECK(inventory.files[1].type == FileType::symlink);
  CHECK(inventory.findings.empty());
}

TEST_CASE("ELF files are read whatever their name, and their problems are findings") {
  PackageFile sound{.path = "data.bin", .link_target = {}, .content = Content::from_bytes(make_library())};
  PackageFile broken{
      .path = "z.so", .link_target = {}, .content = Content::from_bytes(make_library({{"LOAD_ALIGN", "0x10"}}))};
  const Inventory inventory = look_at({sound, broken});
  REQUIRE(inventory.files[0].elf.has_value());
  CHECK(inventory.files[0].elf->soname == "libdemo.so.1");
  REQUIRE(inventory.findings.size() == 1);
  CHECK(inventory.findings[0].code == "elf-misaligned-segment");
  CHECK(inventory.findings[0].path == "z.so");
  CHECK(inventory.findings[0].severity == Severity::error);
  CHECK_FALSE(inventory.findings[0].help.empty());
}

TEST_CASE("what only looks like a library by name is reported") {
  CHECK(code_of("libfoo.so", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n") ==
        "git-lfs-pointer");
  CHECK(code_of("libc.so", "/* GNU ld script */\nGROUP ( /lib/libc.so.6 )") == "linker-script");
  CHECK(code_of("libcurses.so", "INPUT(-lncurses)\n") == "linker-script");
  CHECK(code_of("lib/libfoo.so.1.2", "") == "empty-library");
  CHECK(code_of("lib/libfoo.so", "libfoo.so.1.2") == "link-stored-as-text");
  CHECK(code_of("lib/libfoo.so.1", "../real/libfoo.so.1.2\r\n") == "link-stored-as-text");
  CHECK(code_of("lib/libfoo.so", "see libfoo.so.1") == "library-not-elf");
  CHECK(code_of("lib/libfoo.so", "libfoo.dll") == "library-not-elf");
  CHECK(code_of("addon.node", "not here") == "library-not-elf");
  CHECK(code_of("model.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n") ==
        "git-lfs-pointer");
}

TEST_CASE("other files may have any content") {
  CHECK(code_of("empty.txt", "") == "");
  CHECK(code_of("notes.so.txt", "INPUT(x)") == "");
  CHECK(code_of("what.some", "text") == "");
  CHECK(code_of(".so", "text") == "");
}

TEST_CASE("a file that cannot be read is an error") {
  Package package;
  package.files = {{.path = "gone", .link_target = {}, .content = Content::from_file("/nonexistent/lambdapack", 7)}};
  Progress silent(false);
  CHECK_FALSE(take_inventory(package, 1, silent).has_value());
}
