// Symbol versions: what the loader would refuse is an error that names the way out, and what it takes is not.
#include <doctest/doctest.h>

#include "plan/fake_function.h"
#include "plan/symbol_version.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

FakeFunction with_lists() {
  FakeFunction f;
  f.target.runtime.libraries["/lib64"] = {"libc.so.6", "libcurl.so.4", "liblzma.so.5", "libm.so.6", "libstdc++.so.6"};
  auto& versions = f.target.runtime.versions;
  versions["/lib64/libc.so.6"] = {{"GLIBC_2.2.5", "GLIBC_2.33", "GLIBC_2.34", "GLIBC_PRIVATE"}, {}, true, "", "test"};
  versions["/lib64/libm.so.6"] = {{"GLIBC_2.2.5", "GLIBC_2.29"}, {}, true, "", "test"};
  versions["/lib64/libstdc++.so.6"] = {
      {"CXXABI_1.3", "GLIBCXX_3.4", "GLIBCXX_3.4.29", "GLIBCXX_3.4.30"}, {"GLIBCXX_3.4.30"}, true, "", "test"};
  versions["/lib64/liblzma.so.5"] = {{"XZ_5.0", "XZ_5.2"}, {}, false, "5.2.5", "test"};
  versions["/lib64/libcurl.so.4"] = {{}, {}, false, "", "test"};
  return f;
}

ElfInfo program(std::string library, std::string version, bool weak = false) {
  ElfInfo elf = executable({library});
  elf.undefined_symbols = {"function@" + version};
  elf.versions_needed = {{std::move(library), std::move(version), weak}};
  return elf;
}

VersionState state_of(const FakeFunction& f, std::string_view version, std::string_view library) {
  return judge_version(version, "/lib64/" + std::string(library), f.target.runtime).state;
}

// A program and the library that it finds in lib/ through its RPATH.
FakeFunction with_bundled(const std::string& version, ElfInfo bundled) {
  FakeFunction f;
  ElfInfo elf = program("libfoo.so.1", version);
  elf.rpath = {"$ORIGIN/lib"};
  f.elf("bootstrap", elf).elf("lib/libfoo.so.1", std::move(bundled)).done();
  return f;
}

}  // namespace

TEST_CASE("the library's list decides by exact name, however low the number") {
  const FakeFunction f = with_lists();
  CHECK(state_of(f, "GLIBC_2.34", "libc.so.6") == VersionState::present);
  CHECK(state_of(f, "GLIBC_2.33", "libm.so.6") == VersionState::too_new);
  CHECK(state_of(f, "GLIBC_2.19", "libc.so.6") == VersionState::too_new);
  CHECK(state_of(f, "GLIBC_ABI_DT_RELR", "libc.so.6") == VersionState::too_new);
  CHECK(state_of(f, "CXXABI_FLOAT128", "libstdc++.so.6") == VersionState::too_new);
  CHECK(state_of(f, "GLIBCXX_3.4.30", "libstdc++.so.6") == VersionState::above_floor);
  CHECK(state_of(f, "GLIBC_2.2.5", "libunknown.so.1") == VersionState::present);
}

TEST_CASE("of a list that may be short only higher numbers are certain") {
  const FakeFunction f = with_lists();
  CHECK(state_of(f, "XZ_5.4", "liblzma.so.5") == VersionState::too_new);
  CHECK(state_of(f, "XZ_5.2.2", "liblzma.so.5") == VersionState::unlisted);
  CHECK(state_of(f, "XZ_5.1.2alpha", "liblzma.so.5") == VersionState::unlisted);
  CHECK(state_of(f, "FOO_9", "liblzma.so.5") == VersionState::unlisted);
  CHECK(state_of(f, "CURL_OPENSSL_4", "libcurl.so.4") == VersionState::untagged);
}

TEST_CASE("the ceiling of the message is the newest of the same kind") {
  const FakeFunction f = with_lists();
  CHECK(judge_version("GLIBC_2.38", "/lib64/libc.so.6", f.target.runtime).ceiling == "GLIBC_2.34");
  CHECK(judge_version("GLIBC_ABI_DT_RELR", "/lib64/libc.so.6", f.target.runtime).ceiling.empty());
  CHECK(judge_version("GLIBCXX_3.4.30", "/lib64/libstdc++.so.6", f.target.runtime).ceiling == "GLIBCXX_3.4.29");
}

TEST_CASE("versions with underscores in their numbers are compared as numbers") {
  FakeFunction f;
  f.target.runtime.versions["/lib64/libblkid.so.1"] = {{"BLKID_2.30", "BLKID_2_36"}, {}, false, "2.37.4", "test"};
  CHECK(state_of(f, "BLKID_2_39", "libblkid.so.1") == VersionState::too_new);
  CHECK(state_of(f, "BLKID_2_37", "libblkid.so.1") == VersionState::unlisted);
}

TEST_CASE("a library without versions binds by name, and it is only said") {
  FakeFunction f = with_lists();
  f.elf("bootstrap", program("libcurl.so.4", "CURL_OPENSSL_4")).done();
  CHECK(f.finding("symbol-version-untagged").severity == Severity::info);
  CHECK(f.findings().size() == 1);
}

TEST_CASE("a version that is not on a short list is a warning") {
  FakeFunction f = with_lists();
  f.elf("bootstrap", program("liblzma.so.5", "XZ_5.2.2")).done();
  CHECK(f.finding("symbol-version-unlisted").severity == Severity::warning);
}

TEST_CASE("a bundled library without the version stops the loader, unless the need is weak") {
  ElfInfo other = library("libfoo.so.1");
  other.versions_defined = {"FOO_2"};
  CHECK(with_bundled("FOO_1", other).finding("symbol-version-missing").severity == Severity::error);
  CHECK(with_bundled("FOO_2", other).findings().empty());
  // The base definition bears the soname, but no symbol.
  CHECK(with_bundled("libfoo.so.1", other).finding("symbol-version-missing").severity == Severity::error);
  FakeFunction weak;
  ElfInfo elf = program("libfoo.so.1", "FOO_1", true);
  elf.rpath = {"$ORIGIN/lib"};
  weak.elf("bootstrap", elf).elf("lib/libfoo.so.1", other).done();
  CHECK(weak.finding("symbol-version-missing").severity == Severity::warning);
}

TEST_CASE("a bundled library that defines no versions is taken when it has a version table") {
  ElfInfo with_table = library("libfoo.so.1");
  with_table.versions_needed = {{"libc.so.6", "GLIBC_2.2.5", false}};
  CHECK(with_bundled("FOO_1", with_table).finding("symbol-version-untagged").severity == Severity::info);
  CHECK(with_bundled("FOO_1", library("libfoo.so.1")).finding("symbol-version-missing").severity == Severity::error);
}

TEST_CASE("a shadowed library that the function was built for is an error with the fix, and stays") {
  FakeFunction f = with_lists();
  ElfInfo newer = library("libstdc++.so.6");
  newer.versions_defined = {"GLIBCXX_3.4", "GLIBCXX_3.4.33"};
  f.elf("bootstrap", program("libstdc++.so.6", "GLIBCXX_3.4.33")).elf("lib/libstdc++.so.6", newer).done();
  const Finding finding = f.finding("shadowed-library-needed");
  CHECK(finding.severity == Severity::error);
  CHECK(finding.message.find("lib/libstdc++.so.6 defines") != std::string::npos);
  CHECK(finding.help.find("soname") != std::string::npos);
  CHECK(finding.help.find("RPATH") != std::string::npos);
  CHECK(f.finding("symbol-version-too-new").code == "none");
  CHECK(f.decision("lib/libstdc++.so.6").action != Action::drop);
}

TEST_CASE("a shadowed library goes when the runtime's has all that is needed") {
  FakeFunction f = with_lists();
  ElfInfo newer = library("libstdc++.so.6");
  newer.versions_defined = {"GLIBCXX_3.4", "GLIBCXX_3.4.33"};
  f.elf("bootstrap", program("libstdc++.so.6", "GLIBCXX_3.4")).elf("lib/libstdc++.so.6", newer).done();
  CHECK(f.findings().empty());
  CHECK(f.decision("lib/libstdc++.so.6").action == Action::drop);
}

TEST_CASE("an RPATH is no way out for a library that the runtime has loaded already") {
  FakeFunction f = with_lists();
  f.target.runtime.family = "nodejs";
  f.target.runtime.preloaded = {"libstdc++.so.6"};
  ElfInfo newer = library("libstdc++.so.6"), addon = program("libstdc++.so.6", "GLIBCXX_3.4.33");
  newer.versions_defined = {"GLIBCXX_3.4.33"};
  addon.pie = false, addon.interpreter.clear(), addon.entry_points = {"napi_register_module_v1"};
  f.elf("addon.node", addon).elf("lib/libstdc++.so.6", newer).done();
  CHECK(f.finding("shadowed-library-needed").help.find("does not help") != std::string::npos);
}

TEST_CASE("what configuration may change is not called an error") {
  FakeFunction f = with_lists();
  f.target.search_path_doubt = "bootstrap changes LD_LIBRARY_PATH";
  ElfInfo newer = library("libstdc++.so.6");
  newer.versions_defined = {"GLIBCXX_3.4.33"};
  f.elf("bootstrap", program("libstdc++.so.6", "GLIBCXX_3.4.33")).elf("lib/libstdc++.so.6", newer).done();
  CHECK(f.finding("shadowed-library-needed").severity == Severity::warning);
}

TEST_CASE("a file that wants what glibc keeps private belongs to another glibc") {
  FakeFunction f = with_lists();
  f.elf("bootstrap", program("libc.so.6", "GLIBC_PRIVATE")).done();
  CHECK(f.finding("glibc-private-symbols").severity == Severity::warning);
}

TEST_CASE("relative relocations that the loader does not know are an error, unless it refuses the file anyway") {
  FakeFunction without, with, newer, own;
  ElfInfo elf = program("libc.so.6", "GLIBC_2.2.5");
  elf.has_dt_relr = true;
  for (FakeFunction* f : {&without, &with}) f->target.runtime.glibc = "2.34";
  newer.target.runtime.glibc = "2.40";
  without.elf("bootstrap", elf).done();
  CHECK(without.finding("relative-relocations-ignored").severity == Severity::error);
  newer.elf("bootstrap", elf).done();
  CHECK(newer.finding("relative-relocations-refused").severity == Severity::error);
  ElfInfo careful = elf;
  careful.versions_needed.push_back({"libc.so.6", "GLIBC_ABI_DT_RELR", false});
  with.elf("bootstrap", careful).done();
  CHECK(with.finding("relative-relocations-ignored").code == "none");
  CHECK(with.finding("symbol-version-too-new").detail == "GLIBC_ABI_DT_RELR of libc.so.6");
  CHECK(with.finding("symbol-version-too-new").help.find("nopack-relative-relocs") != std::string::npos);
  ElfInfo alone = elf;
  alone.needed.clear(), alone.versions_needed.clear(), alone.interpreter.clear(), alone.is_static = true;
  own.target.runtime.glibc = "2.34";
  own.elf("bootstrap", alone).done();
  CHECK(own.findings().empty());
}
