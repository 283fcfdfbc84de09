// What would fail on Lambda is found, with its severity; and what would not is left in peace.
#include <doctest/doctest.h>

#include "plan/fake_function.h"
#include "plan/symbol_version.h"

using namespace lambdapack;
using namespace lambdapack::test;

TEST_CASE("versions are compared number by number") {
  CHECK(compare_versions("2.4", "2.34") < 0);
  CHECK(compare_versions("2.34", "2.34") == 0);
  CHECK(compare_versions("3.4.30", "3.4.29") > 0);
  CHECK(compare_versions("2.34.1", "2.34") > 0);
}

TEST_CASE("a version is judged by the ceiling of its prefix, named glibc versions by the release that brought them") {
  const std::vector<Ceiling> ceilings{{"GLIBC", "2.34", "2.34", ""}, {"GLIBCXX", "3.4.33", "3.4.29", ""}};
  CHECK(judge_version("GLIBC_2.34", ceilings).state == VersionState::present);
  CHECK(judge_version("GLIBC_2.35", ceilings).state == VersionState::too_new);
  CHECK(judge_version("GLIBCXX_3.4.30", ceilings).state == VersionState::above_floor);
  CHECK(judge_version("GLIBCXX_3.4.34", ceilings).state == VersionState::too_new);
  CHECK(judge_version("GLIBC_ABI_DT_RELR", ceilings).state == VersionState::too_new);
  CHECK(judge_version("GLIBC_PRIVATE", ceilings).state == VersionState::unknown);
  CHECK(judge_version("OPENSSL_3.0.0", ceilings).state == VersionState::unknown);
}

TEST_CASE("a symbol version above the ceiling names the symbol, the file and the ceiling") {
  FakeFunction f;
  ElfInfo elf = executable({"libc.so.6"});
  elf.versions_needed = {{"libc.so.6", "GLIBC_2.38", false}};
  elf.undefined_symbols = {"__isoc23_strtol@GLIBC_2.38"};
  f.elf("bootstrap", elf).done();
  const Finding finding = f.finding("symbol-version-too-new");
  CHECK(finding.severity == Severity::error);
  CHECK(finding.path == "bootstrap");
  CHECK(finding.message.find("GLIBC_2.38") != std::string::npos);
  CHECK(finding.message.find("GLIBC_2.34") != std::string::npos);
  CHECK(finding.message.find("__isoc23_strtol") != std::string::npos);
}

TEST_CASE("a weak need above the ceiling is a warning") {
  FakeFunction f;
  ElfInfo elf = executable({"libc.so.6"});
  elf.versions_needed = {{"libc.so.6", "GLIBC_2.38", true}};
  f.elf("bootstrap", elf).done();
  CHECK(f.finding("symbol-version-too-new").severity == Severity::warning);
}

TEST_CASE("a library that neither the package nor the runtime has is missing") {
  FakeFunction f;
  f.elf("bootstrap", executable({"libgone.so.3"})).done();
  const Finding finding = f.finding("missing-library");
  CHECK(finding.severity == Severity::error);
  CHECK(finding.detail == "libgone.so.3");
}

TEST_CASE("a musl binary in a glibc runtime is an error") {
  FakeFunction f;
  f.elf("bootstrap", executable()).elf("addon.node", library("", {"libc.musl-x86_64.so.1"})).done();
  CHECK(f.finding("musl-binary").path == "addon.node");
}

TEST_CASE("a Solaris library among a jar's natives is dropped for its C library") {
  FakeFunction f;
  f.target.runtime.family = "java";
  f.elf("native/SunOS/x86_64/libjni.so", library("libjni.so", {"libm.so.2", "libc.so.1"})).done();
  CHECK(f.decision("native/SunOS/x86_64/libjni.so").action == Action::drop);
  CHECK(f.findings().empty());
}

TEST_CASE("bootstrap must be there and executable") {
  FakeFunction none, plain, fine;
  none.text("main.sh", "#!/bin/sh\n").done();
  plain.text("bootstrap", "#!/bin/sh\n", 0644).done();
  fine.text("bootstrap", "#!/bin/sh\n", 0755).done();
  CHECK(none.finding("bootstrap-missing").severity == Severity::error);
  CHECK(plain.finding("bootstrap-not-executable").severity == Severity::error);
  CHECK(fine.findings().empty());
}

TEST_CASE("a bootstrap whose interpreter the runtime lacks is an error") {
  FakeFunction nix, crlf, env, elf;
  nix.text("bootstrap", "#!/nix/store/abc-bash/bin/bash\n", 0755).done();
  crlf.text("bootstrap", "#!/bin/sh\r\n", 0755).done();
  env.text("bootstrap", "#!/usr/bin/env python3\n", 0755).done();
  ElfInfo brew = executable();
  brew.interpreter = "/home/linuxbrew/.linuxbrew/lib/ld.so";
  elf.elf("bootstrap", brew).done();
  CHECK(nix.finding("bad-interpreter").message.find("/nix/store") != std::string::npos);
  CHECK(crlf.finding("bad-interpreter").message.find("CRLF") != std::string::npos);
  CHECK(env.finding("bad-interpreter").message.find("python3") != std::string::npos);
  CHECK(elf.finding("bad-interpreter").message.find("linuxbrew") != std::string::npos);
}

TEST_CASE("a bundled interpreter by its path on Lambda is fine") {
  FakeFunction f;
  f.text("bootstrap", "#!/var/task/bin/mysh\n", 0755).elf("bin/mysh", executable()).done();
  CHECK(f.findings().empty());
}

TEST_CASE("files that other users cannot read are a warning") {
  FakeFunction f;
  f.text("bootstrap", "#!/bin/sh\n", 0755).text("data.txt", "x", 0600).done();
  CHECK(f.finding("not-world-readable").path == "data.txt");
}

TEST_CASE("the limits count function and layers together") {
  FakeFunction f;
  f.text("bootstrap", "#!/bin/sh\n", 0755).done();
  f.layers_bytes = 262'144'000 - f.package.total_size();
  CHECK(f.finding("unzipped-too-large").code == "none");
  ++f.layers_bytes;
  CHECK(f.finding("unzipped-too-large").severity == Severity::error);
  f.zip_bytes = 52'428'801;
  CHECK(f.finding("zip-too-large").severity == Severity::warning);
}

TEST_CASE("a zip may have as many bytes as the user allows, and not one more") {
  CHECK_FALSE(check_zip_budget(1000, std::nullopt));
  CHECK_FALSE(check_zip_budget(1000, 1000));
  const auto finding = check_zip_budget(1001, 1000);
  REQUIRE(finding);
  CHECK(finding->code == "zip-too-large");
  CHECK(finding->severity == Severity::error);
  CHECK(finding->message == "the zip is 1,001 bytes, --max-zip-size allows 1,000");
}

TEST_CASE("a runtime past its deprecation is a warning, past the block of updates an error") {
  FakeFunction f;
  f.text("bootstrap", "#!/bin/sh\n", 0755).done();
  f.target.runtime.deprecation = "2026-07-31";
  f.target.runtime.block_update = "2027-03-03";
  CHECK(f.finding("deprecated-runtime", "2026-07-30").code == "none");
  CHECK(f.finding("deprecated-runtime", "2026-07-31").severity == Severity::warning);
  CHECK(f.finding("runtime-blocked", "2027-03-03").severity == Severity::error);
}
