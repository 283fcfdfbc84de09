#include "languages/function_target.h"

#include <doctest/doctest.h>

#include "languages/detect_runtime.h"
#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

DetectedRuntime detect(const TestPackage& made) {
  const auto languages = read_languages(made.package, made.inventory, 1);
  const auto rules = load_rules("");
  REQUIRE(languages);
  REQUIRE(rules);
  const auto detected = detect_runtime(made.package, made.inventory, *languages, *rules);
  REQUIRE(detected);
  return *detected;
}

FunctionTarget target_of(const TestPackage& made, const TargetRequest& request = {}) {
  const auto languages = read_languages(made.package, made.inventory, 1);
  const auto rules = load_rules("");
  REQUIRE(languages);
  REQUIRE(rules);
  const auto target = detect_target(made.package, made.inventory, *languages, *rules, request);
  REQUIRE_MESSAGE(target, (target ? std::string() : to_string(target.error())));
  return *target;
}

std::string class_file(std::uint8_t major) {
  return std::string("\xCA\xFE\xBA\xBE\0\0\0", 7) + static_cast<char>(major);
}

}  // namespace

TEST_CASE("the tag that most extension modules have names the Python version") {
  const TestPackage made = MakePackage()
                               .file("app.py", "def handler(e, c): pass\n")
                               .elf("a/_x.cpython-311-x86_64-linux-gnu.so")
                               .elf("a/_y.cpython-311-x86_64-linux-gnu.so")
                               .elf("b/_z.cpython-312-x86_64-linux-gnu.so")
                               .make();
  CHECK(detect(made).id == "python3.11");
  CHECK(detect(made).from == "cpython-311 in the names of 2 extension modules");
}

TEST_CASE("without extension modules, wheel tags, then the layer folder, then bytecode name the Python version") {
  const TestPackage wheels = MakePackage()
                                 .file("x-1.dist-info/METADATA", "Name: x\nVersion: 1\n")
                                 .file("x-1.dist-info/WHEEL", "Tag: cp312-cp312-manylinux_2_17_x86_64\n")
                                 .file("y-1.dist-info/METADATA", "Name: y\nVersion: 1\n")
                                 .file("y-1.dist-info/WHEEL", "Tag: cp37-abi3-manylinux_2_17_x86_64\n")
                                 .file("app.py", "")
                                 .make();
  CHECK(detect(wheels).id == "python3.12");
  const TestPackage layer = MakePackage().file("python/lib/python3.10/site-packages/x.py", "").make();
  CHECK(detect(layer).id == "python3.10");
  const TestPackage bytecode = MakePackage().file("app.py", "").file("__pycache__/app.cpython-313.pyc", "").make();
  CHECK(detect(bytecode).id == "python3.13");
}

TEST_CASE("Python files that name no version get the newest runtime that is no preview, and the reason says so") {
  const auto detected = detect(MakePackage().file("app.py", "print()\n").make());
  CHECK(detected.id == "python3.14");
  CHECK(detected.from.contains("newest"));
}

TEST_CASE("a version without a runtime gets the nearest one, and the reason says so") {
  const auto detected = detect(MakePackage().elf("_x.cpython-38-x86_64-linux-gnu.so").make());
  CHECK(detected.id == "python3.9");
  CHECK(detected.from.contains("no runtime"));
}

TEST_CASE("engines.node picks the newest runtime in its range") {
  const TestPackage made = MakePackage()
                               .file("index.js", "exports.handler = 1")
                               .file("package.json", R"({"engines": {"node": "^20 || ^22"}})")
                               .make();
  CHECK(detect(made).id == "nodejs22.x");
  CHECK(detect(MakePackage().file("index.mjs", "export const handler = 1").make()).id == "nodejs24.x");
}

TEST_CASE("a Python function with some JavaScript in a distribution is a Python function") {
  const TestPackage made = MakePackage()
                               .file("app.py", "def handler(e, c): pass\n")
                               .file("nb/static/package.json", "{}")
                               .file("nb/static/node_modules/x/package.json", "{}")
                               .make();
  CHECK(detect(made).id.starts_with("python"));
}

TEST_CASE("the newest class file names the Java version, but not those for newer Javas in META-INF/versions") {
  const TestPackage made = MakePackage()
                               .file("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
                               .file("META-INF/versions/21/com/A.class", class_file(65))
                               .file("com/A.class", class_file(52))
                               .file("com/B.class", class_file(61))
                               .file("module-info.class", class_file(65))
                               .make();
  CHECK(detect(made).id == "java17");
  CHECK(detect(made).from.contains("Java 17"));
  CHECK(detect(MakePackage().file("lib/a.jar", "PK").make()).id == "java25");
}

TEST_CASE("Ruby's bundle folder and .NET's runtimeconfig name their versions") {
  CHECK(detect(MakePackage().file("vendor/bundle/ruby/3.3.0/gems/x/x.rb", "").file("Gemfile", "").make()).id ==
        "ruby3.3");
  const TestPackage net = MakePackage()
                              .file("F.runtimeconfig.json", R"({"runtimeOptions": {"tfm": "net8.0"}})")
                              .file("F.deps.json", "{}")
                              .make();
  CHECK(detect(net).id == "dotnet8");
  CHECK(detect(MakePackage().file("F.runtimeconfig.json", "{\"runtimeOptions\": 3}").make()).id == "dotnet10");
}

TEST_CASE("a bootstrap decides whatever else is there, and so does a single ELF file") {
  CHECK(detect(MakePackage().file("bootstrap", "#!/bin/sh\n", 0755).file("app.py", "def handler(e, c): pass\n").make())
            .id == "provided.al2023");
  CHECK(detect(MakePackage().elf("libx.so").kind(InputKind::elf).make()).id == "provided.al2023");
  CHECK(detect(MakePackage().folder("empty").make()).from.contains("no sign of a language"));
}

TEST_CASE("the architecture is that of most native modules, before that of other ELF files") {
  const TestPackage made = MakePackage()
                               .file("app.py", "def handler(e, c): pass\n")
                               .elf_for(kMachineAArch64, "_a.cpython-312-aarch64-linux-gnu.so")
                               .elf_for(kMachineX86_64, "x.libs/one.so")
                               .elf_for(kMachineX86_64, "x.libs/two.so")
                               .make();
  const FunctionTarget target = target_of(made);
  CHECK(target.arch == Arch::arm64);
  CHECK(target.runtime.arch == Arch::arm64);
  CHECK(target.runtime.id == "python3.12");
  CHECK(target.arch_from.contains("native module"));
}

TEST_CASE("one library of another machine does not turn the architecture over") {
  const TestPackage made = MakePackage()
                               .elf_for(kMachineAArch64, "lib/a.so")
                               .elf_for(kMachineAArch64, "lib/b.so")
                               .elf_for(kMachineX86_64, "lib/c.so")
                               .file("index.js", "")
                               .make();
  CHECK(target_of(made).arch == Arch::arm64);
  CHECK(target_of(made).arch_from == "2 of 3 ELF files are " + machine_name(kMachineAArch64));
}

TEST_CASE("without native code the architecture is Lambda's default, and the reason says so") {
  const FunctionTarget target = target_of(MakePackage().file("app.py", "def handler(e, c): pass\n").make());
  CHECK(target.arch == Arch::x86_64);
  CHECK(target.arch_from.contains("no native code"));
  CHECK(target.handlers == std::vector<std::string>{"app.handler"});
}

TEST_CASE("several candidates for the handler leave it open") {
  const TestPackage made =
      MakePackage().file("a.py", "def handler(e, c): pass\n").file("b.py", "def handler(e, c): pass\n").make();
  CHECK(target_of(made).handlers.empty());
  CHECK(target_of(made).handler_from.contains("2 candidates"));
}

TEST_CASE("what the user says wins, and is named as the source") {
  const TestPackage made = MakePackage().file("app.py", "def handler(e, c): pass\n").make();
  const FunctionTarget target =
      target_of(made, {.runtime = "nodejs22.x", .arch = "aarch64", .handlers = {"x.y"}, .layer = "python"});
  CHECK(target.runtime.id == "nodejs22.x");
  CHECK(target.runtime_from == "--runtime");
  CHECK(target.arch == Arch::arm64);
  CHECK(target.arch_from == "--arch");
  CHECK(target.handlers == std::vector<std::string>{"x.y"});
  CHECK(target.is_layer);
}

TEST_CASE("a runtime or an architecture that does not exist is an error") {
  const TestPackage made = MakePackage().file("app.py", "").make();
  const auto languages = read_languages(made.package, made.inventory, 1);
  const auto rules = load_rules("");
  REQUIRE(rules);
  const auto arch = detect_target(made.package, made.inventory, *languages, *rules,
                                  {.runtime = {}, .arch = "sparc", .handlers = {}, .layer = {}});
  REQUIRE_FALSE(arch);
  CHECK(arch.error().subject == "--arch");
  CHECK_FALSE(detect_target(made.package, made.inventory, *languages, *rules,
                            {.runtime = "python9", .arch = {}, .handlers = {}, .layer = {}}));
}

TEST_CASE("a package of nothing but a layer's folders is a layer, a jar-only lib folder is a function") {
  CHECK(target_of(MakePackage().file("python/x.py", "").elf("lib/x.so").make()).is_layer);
  CHECK(target_of(MakePackage().elf("lib/x.so").make()).is_layer);
  CHECK_FALSE(target_of(MakePackage().file("lib/app.jar", "PK").make()).is_layer);
  CHECK_FALSE(target_of(MakePackage().file("python/x.py", "").file("app.py", "").make()).is_layer);
  CHECK_FALSE(target_of(MakePackage().elf("bootstrap").elf("lib/x.so").make()).is_layer);
}
