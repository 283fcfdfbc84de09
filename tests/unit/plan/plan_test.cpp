// One decision per file, and which level applies it.
#include <doctest/doctest.h>

#include "plan/explain.h"
#include "plan/fake_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

TEST_CASE("an unused library is dropped by default, waits under --safe, and --keep wins") {
  FakeFunction f;
  f.elf("bootstrap", executable()).elf("lib/libidle.so.1", library("libidle.so.1")).done();
  CHECK(f.decision("lib/libidle.so.1").action == Action::drop);
  CHECK(f.decision("lib/libidle.so.1").rule == "drop-unused-library");
  f.options.level = Confidence::proven;
  CHECK(f.decision("lib/libidle.so.1").action != Action::drop);
  CHECK(f.decision("lib/libidle.so.1").waiting.has_value());
  f.options.level = Confidence::likely;
  f.options.keep = {"lib/*"};
  CHECK(f.decision("lib/libidle.so.1").action == Action::keep);
  CHECK(f.decision("lib/libidle.so.1").rule == "keep-user");
}

TEST_CASE("a possible drop waits for --aggressive, and the file is stripped meanwhile") {
  FakeFunction f;
  ElfInfo opener = executable();
  opener.calls_dlopen = true;
  f.elf("bootstrap", opener).elf("lib/libidle.so.1", library("libidle.so.1")).done();
  const Decision waits = f.decision("lib/libidle.so.1");
  CHECK(waits.action == Action::strip);
  REQUIRE(waits.waiting.has_value());
  CHECK(waits.waiting->rule == "drop-unused-library");
  f.options.level = Confidence::possible;
  CHECK(f.decision("lib/libidle.so.1").action == Action::drop);
}

TEST_CASE("section headers go only with --aggressive, and not when the rule is disabled") {
  FakeFunction f;
  f.elf("bootstrap", executable()).done();
  f.inventory.files[0].elf->sections[1].offset = 50'000;  // .symtab: not in the segment
  CHECK(!f.decision("bootstrap").drop_headers);
  f.options.level = Confidence::possible;
  CHECK(f.decision("bootstrap").drop_headers);
  CHECK(f.decision("bootstrap").action == Action::strip);
  f.options.disabled_rules = {"drop-section-headers"};
  CHECK(!f.decision("bootstrap").drop_headers);
  f.options.disabled_rules = {};
  f.options.strip = false;
  CHECK(!f.decision("bootstrap").drop_headers);
}

TEST_CASE("a shadowed library and one that nobody asks for by name are told apart") {
  FakeFunction f;
  f.elf("bootstrap", executable({"libz.so.1"}))
      .elf("lib/libz.so.1", library("libz.so.1"))
      .elf("lib/libc.so.6", library("libc.so.6"))
      .done();
  CHECK(f.decision("lib/libz.so.1").rule == "drop-shadowed-library");
  CHECK(f.decision("lib/libc.so.6").rule == "drop-runtime-library");
}

TEST_CASE("a proposed drop is applied when the level allows it, and the first that it allows names the rule") {
  FakeFunction f;
  f.text("pkg/tests/a.py", "").text("pkg/b.py", "").done();
  f.proposed = {{f.at("pkg/tests/a.py"), "guess", "nothing imports it", Confidence::possible},
                {f.at("pkg/tests/a.py"), "tests", "a folder of tests", Confidence::likely},
                {f.at("pkg/b.py"), "guess", "nothing imports it", Confidence::possible}};
  CHECK(f.decision("pkg/tests/a.py").action == Action::drop);
  CHECK(f.decision("pkg/tests/a.py").rule == "tests");
  CHECK(f.decision("pkg/b.py").action == Action::keep);
  REQUIRE(f.decision("pkg/b.py").waiting.has_value());
  CHECK(f.decision("pkg/b.py").waiting->rule == "guess");
  f.options.keep = {"pkg/tests/*"};
  CHECK(f.decision("pkg/tests/a.py").action == Action::keep);
  f.options.level = Confidence::possible;
  f.options.disabled_rules = {"guess"};
  CHECK(f.decision("pkg/b.py").action == Action::keep);
}

TEST_CASE("a disabled rule decides nothing") {
  FakeFunction f;
  f.options.disabled_rules = {"drop-unused-library"};
  f.elf("bootstrap", executable()).elf("lib/libidle.so.1", library("libidle.so.1")).done();
  CHECK(f.decision("lib/libidle.so.1").action == Action::strip);
}

TEST_CASE("another platform's binary goes when its path or npm package says so, and stays as a finding when not") {
  FakeFunction f;
  ElfInfo arm = library("");
  arm.machine = kMachineAArch64;
  f.elf("bootstrap", executable())
      .elf("prebuilds/linux-x64/a.node", library(""))
      .elf("prebuilds/linux-arm64/a.node", arm)
      .elf("lib/libwrong.so", arm)
      .elf("node_modules/x-arm/a.node", arm)
      .text("node_modules/x-arm/package.json", "{}")
      .other("prebuilds/darwin-x64/a.node", FileType::mach_o, "\xcf\xfa\xed\xfe")
      .done();
  NodePackage npm;
  npm.name = "x-arm";
  npm.folder = "node_modules/x-arm";
  npm.cpu = {"arm64"};
  f.own(npm);
  CHECK(f.decision("prebuilds/linux-arm64/a.node").action == Action::drop);
  CHECK(f.decision("prebuilds/linux-arm64/a.node").confidence == Confidence::proven);
  CHECK(f.decision("prebuilds/darwin-x64/a.node").action == Action::drop);
  CHECK(f.decision("node_modules/x-arm/package.json").action == Action::drop);
  CHECK(f.decision("lib/libwrong.so").action != Action::drop);
  const Finding finding = f.finding("wrong-machine");
  CHECK(finding.path == "lib/libwrong.so");
  CHECK(finding.severity == Severity::error);
}

TEST_CASE("platform words count only between separators and never against the function's own platform") {
  CHECK(foreign_path_part("prebuilds/linux-x64/node.napi.musl.node", Arch::x86_64) == "musl");
  CHECK(foreign_path_part("org/sqlite/native/Linux/x86_64/libsqlitejdbc.so", Arch::x86_64).empty());
  CHECK(foreign_path_part("org/sqlite/native/Linux/aarch64/libsqlitejdbc.so", Arch::arm64).empty());
  CHECK(foreign_path_part("org/sqlite/native/Linux/x86/libsqlitejdbc.so", Arch::x86_64) == "x86");
  CHECK(foreign_path_part("org/sqlite/native/Windows/x86_64/sqlitejdbc.dll", Arch::x86_64) == "windows");
  CHECK(foreign_path_part("swimming/charmer/windowing.so", Arch::x86_64).empty());
}

TEST_CASE("a Windows file with .NET code is not native, and one without is") {
  std::string managed(600, '\0');
  managed[0] = 'M';
  managed[1] = 'Z';
  managed[0x3c] = 0x40;
  const std::size_t optional_header = 0x40 + 24;
  managed[optional_header] = 0x0b;
  managed[optional_header + 1] = 0x02;
  std::string native = managed;
  managed[optional_header + 112 + 14 * 8] = 1;
  FakeFunction f;
  f.other("win32-x64/managed.dll", FileType::pe, managed).other("win32-x64/native.dll", FileType::pe, native).done();
  CHECK(f.decision("win32-x64/managed.dll").action == Action::keep);
  CHECK(f.decision("win32-x64/native.dll").action == Action::drop);
}

TEST_CASE("identical copies of a library under its version names become links to the longest name") {
  FakeFunction f;
  f.elf("bootstrap", executable({"libfoo.so.1"}))
      .elf("lib/libfoo.so", library("libfoo.so.1"), "names foo")
      .elf("lib/libfoo.so.1", library("libfoo.so.1"), "names foo")
      .elf("lib/libfoo.so.1.2", library("libfoo.so.1"), "names foo")
      .done();
  CHECK(f.decision("lib/libfoo.so.1").action == Action::link);
  CHECK(f.decision("lib/libfoo.so.1").link_target == "libfoo.so.1.2");
  CHECK(f.decision("lib/libfoo.so.1.2").action == Action::strip);
}

TEST_CASE("copies in different folders, or with other bytes, are not linked") {
  FakeFunction f;
  f.elf("bootstrap", executable({"libfoo.so.1"}), "libfoo.so")
      .elf("a/libfoo.so", library("libfoo.so.1"), "foo")
      .elf("lib/libfoo.so.1", library("libfoo.so.1"), "foo")
      .elf("lib/libfoo.so", library("libfoo.so.1"), "FOO")
      .done();
  for (const Decision& decision : f.plan().decisions) CHECK(decision.action != Action::link);
}

TEST_CASE("a library with an integrity file beside it is not stripped") {
  FakeFunction f;
  f.elf("bootstrap", executable({"libseal.so.1"}))
      .elf("lib/libseal.so.1", library("libseal.so.1"))
      .text("lib/.libseal.so.1.hmac", "00")
      .done();
  CHECK(f.decision("lib/libseal.so.1").action == Action::keep);
  CHECK(f.decision("lib/libseal.so.1").reason.find("hmac") != std::string::npos);
  CHECK(f.decision("lib/libseal.so.1").rule == "keep-sealed");
}

TEST_CASE("a signed file, and a FIPS module, keep every byte") {
  FakeFunction f;
  f.elf("bootstrap", executable({"libsigned.so", "libfips.so"}))
      .elf("lib/libsigned.so", library("libsigned.so"))
      .text("lib/libsigned.so.sig", "\3\2")
      .elf("lib/libfips.so", library("libfips.so"))
      .done();
  CHECK(f.decision("lib/libsigned.so").action == Action::keep);
  CHECK(f.decision("lib/libsigned.so").rule == "keep-sealed");
  CHECK(f.decision("lib/libfips.so").action == Action::keep);
  CHECK(f.decision("bootstrap").action == Action::strip);
}

TEST_CASE("every ELF file that stays says what is removed from it, or why nothing is") {
  FakeFunction f;
  ElfInfo bare = library("libbare.so"), payload = library("libpayload.so"), headless = library("libheadless.so");
  bare.symtab_bytes = 0;
  payload.trailing_bytes = 12;
  f.elf("bootstrap", executable({"libbare.so", "libpayload.so", "libheadless.so"}))
      .elf("lib/libbare.so", bare)
      .elf("lib/libpayload.so", payload)
      .done();
  CHECK(f.decision("bootstrap").reason == "symbol table");
  CHECK(f.decision("lib/libpayload.so").reason == "not stripped: appended payload of 12 bytes");
  f.inventory.files[f.at("lib/libbare.so")].elf->sections.pop_back();
  f.inventory.files[f.at("lib/libbare.so")].elf->file_size = 200;
  CHECK(f.decision("lib/libbare.so").reason == "already stripped");
  f.options.strip = false;
  CHECK(f.decision("bootstrap").reason == "not stripped: --no-strip");
}

TEST_CASE("what no loader takes is dropped, and waits when a kept file names it") {
  FakeFunction f;
  ElfInfo object = library(""), core = library(""), debug = library(""), dwo = library(""), bpf = library("");
  object.type = dwo.type = bpf.type = ElfType::relocatable;
  core.type = ElfType::core;
  debug.debug_file = true;
  bpf.machine = 247;
  f.elf("bootstrap", executable())
      .elf("build/addon.o", object)
      .elf("crt1.o", object)
      .elf("core.17", core)
      .elf("lib/libfoo.so.debug", debug)
      .elf("probe.bpf.o", bpf)
      .other("lib/libfoo.a", FileType::static_archive, "!<arch>\n")
      .text("link.py", "run('ld', 'crt1.o')")
      .done();
  for (const char* path : {"build/addon.o", "core.17", "lib/libfoo.so.debug", "lib/libfoo.a"}) {
    CAPTURE(path);
    CHECK(f.decision(path).action == Action::drop);
    CHECK(f.decision(path).rule == "drop-not-loadable");
    CHECK(f.decision(path).confidence == Confidence::likely);
  }
  CHECK(f.decision("probe.bpf.o").action == Action::keep);
  const Decision named = f.decision("crt1.o");
  CHECK(named.action == Action::keep);
  REQUIRE(named.waiting.has_value());
  CHECK(named.waiting->reason.find("link.py names it") != std::string::npos);
  f.options.level = Confidence::proven;
  CHECK(f.decision("build/addon.o").action == Action::keep);
  CHECK(f.decision("build/addon.o").reason.find("object file") != std::string::npos);
  f.options.level = Confidence::likely;
  f.target.is_layer = true;
  CHECK(f.decision("lib/libfoo.a").action == Action::keep);
}

TEST_CASE("a file that was given alone stays, whatever it is, and a library among what was added to it does not") {
  FakeFunction f, object;
  f.elf("libgiven.so.1", library("libgiven.so.1")).elf("lib/libidle.so.1", library("libidle.so.1")).done();
  f.package.kind = InputKind::elf;
  f.package.source = "/usr/lib/libgiven.so.1";
  CHECK(f.decision("libgiven.so.1").action == Action::strip);
  CHECK(f.decision("lib/libidle.so.1").action == Action::drop);
  CHECK(f.finding("bootstrap-missing").help.find("alone it is packed as it is") != std::string::npos);
  ElfInfo relocatable = library("");
  relocatable.type = ElfType::relocatable;
  object.elf("a.o", relocatable).done();
  CHECK(object.decision("a.o").action == Action::drop);
  object.package.kind = InputKind::elf;
  object.package.source = "a.o";
  CHECK(object.decision("a.o").action == Action::keep);
}

TEST_CASE("an SDK goes as a whole, and one kept file keeps all of it") {
  FakeFunction f;
  f.text("boto3/__init__.py", "").text("botocore/__init__.py", "").text("app.py", "").done();
  SdkSet sdk;
  sdk.name = "boto3";
  sdk.droppable = true;
  sdk.files = {f.at("boto3/__init__.py"), f.at("botocore/__init__.py")};
  f.sdk_sets = {sdk};
  CHECK(f.decision("boto3/__init__.py").action == Action::drop);
  CHECK(f.decision("app.py").action == Action::keep);
  f.options.keep = {"botocore/**"};
  CHECK(f.decision("boto3/__init__.py").action == Action::keep);
  f.options.keep.clear();
  f.options.drop_sdk = false;
  CHECK(f.decision("boto3/__init__.py").action == Action::keep);
}

TEST_CASE("a --keep pattern that matches nothing is said") {
  FakeFunction f;
  f.text("app.py", "").done();
  f.options.keep = {"nothing/**"};
  CHECK(f.plan().unmatched_keeps == std::vector<std::string>{"nothing/**"});
}

TEST_CASE("explain names the chain from a root, and a unique end of a path is enough") {
  FakeFunction f;
  f.elf("bootstrap", executable({"libused.so.1"})).elf("lib/libused.so.1", library("libused.so.1")).done();
  const Reach reach = f.reach();
  const Plan plan = f.plan();
  const PlanInput input{f.package, f.inventory, f.languages, f.links, reach, f.target, f.rules, f.sdk_sets};
  const auto file = find_explained_file(f.package, "libused.so.1");
  REQUIRE(file.has_value());
  std::string text;
  const auto lines = explain_file(input, plan, *file);
  REQUIRE(lines.has_value());
  for (const std::string& line : *lines) text += line + "\n";
  CHECK(text.find("reached from bootstrap") != std::string::npos);
  CHECK(text.find("bootstrap, which Lambda starts") != std::string::npos);
  CHECK_FALSE(find_explained_file(f.package, "no-such-file").has_value());
}

TEST_CASE("a link goes with the library that it leads to, and stays with one that stays") {
  FakeFunction f;
  f.elf("bootstrap", executable({"libused.so.1"}))
      .elf("lib/libidle.so.1.2", library("libidle.so.1"))
      .link("lib/libidle.so.1", "libidle.so.1.2")
      .elf("lib/libused.so.1.2", library("libused.so.1"))
      .link("lib/libused.so.1", "libused.so.1.2")
      .done();
  CHECK(f.decision("lib/libidle.so.1").action == Action::drop);
  CHECK(f.decision("lib/libidle.so.1.2").action == Action::drop);
  CHECK(f.decision("lib/libused.so.1").action == Action::keep);
  CHECK(f.decision("lib/libused.so.1.2").action == Action::strip);
}
