// Ruby gems, .NET's native libraries and Go programs that are not what the runtime takes.
#include <doctest/doctest.h>

#include "fake_function.h"
#include "languages/dotnet_app.h"
#include "languages/gem_bundles.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

const std::string kBundle = "vendor/bundle/ruby/";

class RubyFunction : public FakeFunction {
 public:
  explicit RubyFunction(const std::string& version = "3.3") {
    target.runtime.id = "ruby" + version;
    target.runtime.family = "ruby";
    target.runtime.version = version;
    text("lambda_function.rb", "");
  }
};

class DotnetFunction : public FakeFunction {
 public:
  DotnetFunction() {
    target.runtime.id = "dotnet8";
    target.runtime.family = "dotnet";
    target.runtime.version = "8";
  }
  DotnetFunction& config(const std::string& framework, const std::string& more = "") {
    text("App.runtimeconfig.json", R"({"runtimeOptions":{)" + more + framework + "}}");
    return *this;
  }
};

std::string one(const std::string& name, const std::string& version) {
  return R"("framework":{"name":")" + name + R"(","version":")" + version + R"("})";
}

// "code path detail" of what these checks say.
std::vector<std::string> said(FakeFunction& function) {
  function.done();
  std::vector<std::string> lines;
  for (const Finding& finding : function.findings())
    if (finding.code.starts_with("gem") || finding.code.starts_with("dotnet"))
      lines.push_back(finding.code + " " + finding.path + " " + finding.detail);
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("gems for another Ruby are not found, unless those for the runtime's are there too") {
  RubyFunction f;
  f.text(kBundle + "3.2.0/gems/rack-3.1.0/lib/rack.rb", "");
  CHECK(said(f) == Lines{"gems-wrong-version vendor/bundle/ruby/3.2.0 3.2"});
  f.text(kBundle + "3.3.0/gems/rack-3.1.0/lib/rack.rb", "");
  CHECK(said(f).empty());
}

TEST_CASE("a gem for another platform is said, unless one of that version fits") {
  const std::string gems = kBundle + "3.3.0/gems/";
  RubyFunction arm;
  arm.text(gems + "nokogiri-1.18.0-aarch64-linux-gnu/lib/nokogiri/3.3/nokogiri.so", "");
  CHECK(said(arm) == Lines{"gem-wrong-platform " + gems + "nokogiri-1.18.0-aarch64-linux-gnu aarch64-linux-gnu"});
  arm.target.arch = Arch::arm64;
  CHECK(said(arm).empty());

  RubyFunction both;
  both.text(gems + "ffi-1.17.0-arm64-darwin/lib/3.3/ffi_c.bundle", "")
      .text(gems + "ffi-1.17.0-x86_64-linux-gnu/lib/3.3/ffi_c.so", "");
  CHECK(said(both).empty());

  RubyFunction plain;
  plain.text(gems + "json-2.9.0-java/lib/json.jar", "").text(gems + "json-2.9.0/lib/json.rb", "");
  CHECK(said(plain).empty());

  RubyFunction compiled;
  compiled.text(gems + "bcrypt-3.1.20/lib/bcrypt.rb", "")
      .text(kBundle + "3.3.0/extensions/aarch64-linux/3.3.0/bcrypt-3.1.20/bcrypt_ext.so", "");
  CHECK(said(compiled) ==
        Lines{"gem-wrong-platform " + kBundle + "3.3.0/extensions/aarch64-linux/3.3.0/bcrypt-3.1.20 aarch64-linux"});

  RubyFunction musl;
  musl.text(gems + "ffi-1.17.0-x86_64-linux-musl/lib/3.3/ffi_c.so", "");
  CHECK(said(musl).size() == 1);
}

TEST_CASE("a gem with ready libraries needs one for this Ruby") {
  RubyFunction f("3.4");
  const std::string gem = kBundle + "3.4.0/gems/ffi-1.16.0-x86_64-linux-gnu";
  f.text(gem + "/lib/3.2/ffi_c.so", "").text(gem + "/lib/3.3/ffi_c.so", "");
  CHECK(said(f) == Lines{"gem-extension-wrong-version " + gem + " 3.2, 3.3"});
  f.text(gem + "/lib/3.4/ffi_c.so", "");
  CHECK(said(f).empty());
}

TEST_CASE("libraries of gems stay, although nothing names them") {
  RubyFunction f;
  f.elf(kBundle + "3.3.0/gems/x-1.0/lib/x_ext.so", library("")).elf("lib/libidle.so.1", library("libidle.so.1")).done();
  CHECK(f.decision(kBundle + "3.3.0/gems/x-1.0/lib/x_ext.so").action != Action::drop);
  CHECK(f.decision("lib/libidle.so.1").action == Action::drop);
}

TEST_CASE("the names of a gem's folder are taken apart") {
  RubyFunction f;
  const std::string gems = kBundle + "3.3.0/gems/";
  f.text(gems + "google-protobuf-4.29.0-x86_64-linux/x.rb", "").text(gems + "rack-test-2.1.0/x.rb", "");
  f.text(gems + "x-1.0.0-arm64-darwin-23/x.rb", "").text("vendor/bundle/ruby/x", "").done();
  const auto bundles = list_gem_bundles(f.package, false);
  REQUIRE(bundles.size() == 1);
  CHECK(bundles[0].ruby == "3.3");
  REQUIRE(bundles[0].builds.size() == 3);
  CHECK(bundles[0].builds[0] ==
        GemBuild{"google-protobuf-4.29.0", "x86_64-linux", gems + "google-protobuf-4.29.0-x86_64-linux", {}});
  CHECK(bundles[0].builds[1] == GemBuild{"rack-test-2.1.0", "", gems + "rack-test-2.1.0", {}});
  CHECK(bundles[0].builds[2].platform == "arm64-darwin-23");
}

TEST_CASE("a framework that the runtime lacks is said, with what .NET rolls forward to") {
  const auto with = [](const std::string& framework, const std::string& more = "") {
    DotnetFunction f;
    return said(f.config(framework, more));
  };
  CHECK(with(one("Microsoft.NETCore.App", "8.0.0")).empty());
  CHECK(with(one("Microsoft.NETCore.App", "6.0.0")) ==
        Lines{"dotnet-framework-missing App.runtimeconfig.json Microsoft.NETCore.App 6.0.0"});
  CHECK(with(one("Microsoft.NETCore.App", "6.0.0"), R"("rollForward":"Major",)").empty());
  CHECK(with(one("Microsoft.NETCore.App", "10.0.0"), R"("rollForward":"Major",)").size() == 1);
  CHECK(with(R"("frameworks":[{"name":"Microsoft.NETCore.App","version":"8.0.0"},)"
             R"({"name":"Microsoft.AspNetCore.App","version":"9.0.0"}])") ==
        Lines{"dotnet-framework-missing App.runtimeconfig.json Microsoft.AspNetCore.App 9.0.0"});
  CHECK(with(one("Microsoft.WindowsDesktop.App", "8.0.0")).size() == 1);
  CHECK(with(R"("includedFrameworks":[{"name":"Microsoft.NETCore.App","version":"6.0.0"}])").empty());
  CHECK(with(R"("framework":7)").empty());
}

TEST_CASE("a program that was published for another platform is said") {
  const auto with = [](const std::string& rid, Arch arch) {
    DotnetFunction f;
    f.target.arch = arch;
    f.text("App.deps.json", R"({"runtimeTarget":{"name":".NETCoreApp,Version=v8.0)" + rid + R"("}})");
    return said(f);
  };
  CHECK(with("", Arch::x86_64).empty());
  CHECK(with("/linux-x64", Arch::x86_64).empty());
  CHECK(with("/linux-x64", Arch::arm64) == Lines{"dotnet-wrong-rid App.deps.json linux-x64"});
  CHECK(with("/linux-musl-x64", Arch::x86_64).size() == 1);
  CHECK(with("/win-x64", Arch::x86_64).size() == 1);
}

TEST_CASE("a native library that is there for another Linux only is missing; one for Windows only is not") {
  const auto with = [](const std::vector<std::string>& files) {
    DotnetFunction f;
    for (const std::string& file : files) f.text(file, "x");
    return said(f);
  };
  const std::string arm = "runtimes/linux-arm64/native/libskia.so", musl = "runtimes/linux-musl-x64/native/libskia.so";
  CHECK(with({arm, musl, "runtimes/win-x64/native/libskia.dll"}) ==
        Lines{"dotnet-native-missing " + arm + " linux-x64"});
  CHECK(with({arm, "runtimes/linux-x64/native/libskia.so"}).empty());
  CHECK(with({arm, "runtimes/unix/native/libskia.so"}).empty());
  CHECK(with({arm, "libskia.so"}).empty());
  CHECK(with({"runtimes/win-x64/native/sni.dll"}).empty());
}

TEST_CASE("native libraries of NuGet packages stay, although nothing names them") {
  DotnetFunction f;
  f.elf("runtimes/linux-x64/native/libskia.so", library("libskia.so")).done();
  CHECK(f.decision("runtimes/linux-x64/native/libskia.so").action != Action::drop);
  CHECK(native_rid("x/runtimes/unix/native/a.so") == "unix");
  CHECK_FALSE(native_rid("runtimes/linux-x64/lib/a.dll"));
  CHECK_FALSE(native_rid("xruntimes/linux-x64/native/a.so"));
}

TEST_CASE("a Go program with symbols says what may be left out of it, until it has none") {
  const auto with = [](std::uint64_t symbols, std::uint64_t debug) {
    FakeFunction f;
    ElfInfo go = executable();
    go.is_go = true;
    go.symtab_bytes = symbols;
    go.debug_bytes = debug;
    f.elf("bootstrap", go).done();
    return f.finding("go-symbols").code;
  };
  CHECK(with(100, 0) == "go-symbols");
  CHECK(with(0, 100) == "go-symbols");
  CHECK(with(0, 0) == "none");
}
