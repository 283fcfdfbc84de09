// The cross-check: what a build for one architecture lacks on the other.
#include <doctest/doctest.h>

#include "fake_function.h"
#include "plan/platform_build.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

ElfInfo for_x86_64(std::vector<std::string> entry_points = {}) {
  ElfInfo elf = library("");
  elf.is64 = true;
  elf.entry_points = std::move(entry_points);
  return elf;
}

ElfInfo for_arm64() {
  ElfInfo elf = for_x86_64();
  elf.machine = kMachineAArch64;
  return elf;
}

FakeFunction arm64_function() {
  FakeFunction f;
  f.target.arch = Arch::arm64;
  f.target.runtime.id = "python3.12";
  f.target.runtime.family = "python";
  f.target.runtime.version = "3.12";
  f.target.runtime.os = "al2023";
  return f;
}

void own_by(FakeFunction& f, const std::string& name, const std::string& version, std::string_view prefix) {
  Distribution distribution;
  distribution.name = name;
  distribution.version = version;
  distribution.info = name + "-" + version + ".dist-info";
  for (std::size_t i = 0; i < f.package.files.size(); ++i)
    if (f.package.files[i].path.starts_with(prefix)) f.languages.distribution_of[i] = f.languages.distributions.size();
  f.languages.distributions.push_back(std::move(distribution));
}

std::vector<Finding> with_code(const FakeFunction& f, std::string_view code) {
  const Reach reached = f.reach();
  auto findings = check_package(
      {f.package, f.inventory, f.languages, f.links, reached, f.target, f.rules, 0, false, 0, "2026-01-01"});
  std::erase_if(findings, [&](const Finding& finding) { return finding.code != code; });
  return findings;
}

NodePackage npm(std::string name, std::vector<std::string> cpu = {}) {
  NodePackage package;
  package.folder = "node_modules/" + name;
  package.name = std::move(name);
  package.version = "0.33.5";
  package.cpu = std::move(cpu);
  return package;
}

}  // namespace

TEST_CASE("a wheel for the other architecture is one finding, which names the wheel to install") {
  FakeFunction f = arm64_function();
  f.elf("numpy/_a.cpython-312-x86_64-linux-gnu.so", for_x86_64({"PyInit__a"}));
  f.elf("numpy/_b.cpython-312-x86_64-linux-gnu.so", for_x86_64({"PyInit__b"}));
  f.elf("numpy.libs/libopenblas-0123abcd.so", for_x86_64()).done();
  own_by(f, "numpy", "2.1.0", "numpy");
  const auto findings = with_code(f, "wrong-machine");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::error);
  CHECK(findings[0].path == "numpy-2.1.0.dist-info");
  CHECK(findings[0].message.contains("numpy 2.1.0: its 3 native files"));
  CHECK(findings[0].help.contains("--platform manylinux2014_aarch64"));
  CHECK(findings[0].help.contains("numpy==2.1.0"));
  CHECK(f.decision("numpy/_a.cpython-312-x86_64-linux-gnu.so").action != Action::drop);
}

TEST_CASE("a version from before the first arm64 wheel is told which release has one") {
  FakeFunction f = arm64_function();
  f.rules.arm_support = {{"pypi:numpy", "1.19.0", "test"}};
  f.elf("numpy/_a.cpython-312-x86_64-linux-gnu.so", for_x86_64({"PyInit__a"})).done();
  own_by(f, "numpy", "1.18.5", "numpy");
  CHECK(with_code(f, "wrong-machine").at(0).help.contains("the first release with a wheel for aarch64 is 1.19.0"));
  CHECK(first_arm64_release(f.rules, "pypi", "numpy", "1.19.0").empty());
  CHECK(first_arm64_release(f.rules, "pypi", "numpy", "2.0").empty());
  CHECK(first_arm64_release(f.rules, "pypi", "scipy", "1.0").empty());
}

TEST_CASE("packages without native code are said to be fine, when something else is not") {
  FakeFunction f = arm64_function();
  f.elf("numpy/_a.cpython-312-x86_64-linux-gnu.so", for_x86_64({"PyInit__a"})).text("six.py", "").done();
  own_by(f, "numpy", "2.1.0", "numpy");
  own_by(f, "six", "1.17.0", "six");
  CHECK(with_code(f, "no-native-code").at(0).message.contains("1 Python distribution have no native code"));
  FakeFunction pure = arm64_function();
  pure.text("six.py", "").done();
  own_by(pure, "six", "1.17.0", "six");
  CHECK(with_code(pure, "no-native-code").empty());
}

TEST_CASE(
    "binaries in folders per platform are alternatives when one is for this function, and a warning when none is") {
  FakeFunction both = arm64_function();
  both.elf("node_modules/x/prebuilds/linux-x64/x.node", for_x86_64());
  both.elf("node_modules/x/prebuilds/linux-arm64/x.node", for_arm64()).done().own(npm("x"));
  CHECK(with_code(both, "wrong-machine").empty());
  CHECK(both.decision("node_modules/x/prebuilds/linux-x64/x.node").action == Action::drop);

  FakeFunction one = arm64_function();
  one.elf("node_modules/x/prebuilds/linux-x64/x.node", for_x86_64()).done().own(npm("x"));
  REQUIRE(with_code(one, "wrong-machine").size() == 1);
  CHECK(with_code(one, "wrong-machine")[0].severity == Severity::warning);
  CHECK(with_code(one, "wrong-machine")[0].help.contains("--cpu=arm64"));
  CHECK(one.decision("node_modules/x/prebuilds/linux-x64/x.node").action != Action::drop);
}

TEST_CASE("an npm package of which only another platform's native package is there is said by name") {
  FakeFunction f = arm64_function();
  f.text("node_modules/sharp/index.js", "");
  f.elf("node_modules/@img/sharp-linux-x64/lib/sharp.node", for_x86_64()).done();
  NodePackage sharp = npm("sharp");
  sharp.optional = {{"@img/sharp-darwin-arm64", "0.33.5"},
                    {"@img/sharp-linux-arm64", "0.33.5"},
                    {"@img/sharp-linux-x64", "0.33.5"},
                    {"@img/sharp-linuxmusl-arm64", "0.33.5"}};
  f.own(sharp).own(npm("@img/sharp-linux-x64", {"x64"}));
  const auto findings = with_code(f, "platform-package-missing");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].path == "node_modules/sharp");
  CHECK(findings[0].message.contains("@img/sharp-linux-arm64@0.33.5"));
  CHECK_FALSE(findings[0].message.contains("linuxmusl"));
  CHECK(findings[0].help.contains("npm install --os=linux --cpu=arm64 --libc=glibc"));

  f.target.arch = Arch::x86_64;
  CHECK(with_code(f, "platform-package-missing").empty());
}

TEST_CASE("the names of npm packages for a platform are told apart") {
  CHECK(is_platform_package("@esbuild/linux-arm64", Arch::arm64));
  CHECK(is_platform_package("@swc/core-linux-x64-gnu", Arch::x86_64));
  CHECK_FALSE(is_platform_package("@swc/core-linux-x64-musl", Arch::x86_64));
  CHECK_FALSE(is_platform_package("@esbuild/linux-arm", Arch::arm64));
  CHECK_FALSE(is_platform_package("@esbuild/linux-arm64", Arch::x86_64));
  CHECK_FALSE(is_platform_package("@esbuild/android-arm64", Arch::arm64));
}

TEST_CASE("a program is told how to be built for the function, by its language") {
  ElfInfo go = for_x86_64();
  go.is_go = true;
  ElfInfo rust = for_x86_64();
  rust.is_rust = true;
  CHECK(program_build_hint(go, Arch::arm64).contains("GOARCH=arm64"));
  CHECK(program_build_hint(rust, Arch::arm64).contains("aarch64-unknown-linux-gnu"));
  CHECK(program_build_hint(for_arm64(), Arch::x86_64).contains("x86_64-linux-gnu-g++"));
}

TEST_CASE("a native library's path names glibc Linux on one architecture, or nothing that we know") {
  CHECK(native_linux_arch("org/sqlite/native/Linux/x86_64/libsqlitejdbc.so") == Arch::x86_64);
  CHECK(native_linux_arch("META-INF/native/libnetty_transport_native_epoll_aarch_64.so") == Arch::arm64);
  CHECK(native_linux_arch("com/sun/jna/linux-x86-64/libjnidispatch.so") == Arch::x86_64);
  CHECK_FALSE(native_linux_arch("org/sqlite/native/Linux-Musl/x86_64/libsqlitejdbc.so"));
  CHECK_FALSE(native_linux_arch("com/sun/jna/freebsd-x86-64/libjnidispatch.so"));
  CHECK_FALSE(native_linux_arch("org/sqlite/native/Mac/aarch64/libsqlitejdbc.dylib"));
  CHECK_FALSE(native_linux_arch("com/sun/jna/linux-x86/libjnidispatch.so"));
}
