// Files for another Python, another Node.js or a better processor are found, with the severity that their absence would
// have; spare builds beside the right one are left in peace.
#include <doctest/doctest.h>

#include "plan/fake_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

FakeFunction python_function() {
  FakeFunction f;
  f.target.runtime.id = "python3.12";
  f.target.runtime.family = "python";
  f.target.runtime.version = "3.12";
  f.target.runtime.python_tag = "cp312";
  return f;
}

ElfInfo extension(std::string module) {
  ElfInfo elf = library("");
  elf.entry_points = {"PyInit_" + std::move(module)};
  return elf;
}

// Gives all files below its folders to a distribution with these WHEEL tags.
void own(FakeFunction& f, const std::string& folder, std::vector<std::string> tags) {
  Distribution distribution;
  distribution.name = folder;
  distribution.version = "1.0";
  distribution.info = folder + "-1.0.dist-info";
  distribution.tags = std::move(tags);
  for (std::size_t i = 0; i < f.package.files.size(); ++i) {
    if (!f.package.files[i].path.starts_with(folder)) continue;
    distribution.files.push_back(i);
    f.languages.distribution_of[i] = f.languages.distributions.size();
  }
  f.languages.distributions.push_back(std::move(distribution));
}

FakeFunction node_function() {
  FakeFunction f;
  f.target.runtime.id = "nodejs22.x";
  f.target.runtime.family = "nodejs";
  f.target.runtime.version = "22";
  f.target.runtime.node_module_version = 127;
  f.target.runtime.node_api_lacks = {"node_api_of_tomorrow"};
  return f;
}

ElfInfo addon(std::vector<std::string> entry_points) {
  ElfInfo elf = library("");
  elf.entry_points = std::move(entry_points);
  return elf;
}

ElfInfo with_code(ElfInfo elf, AboveBaseline code) {
  elf.above_baseline = std::move(code);
  return elf;
}

const AboveBaseline kNative{.feature = "AVX-512",
                            .function = "dot",
                            .at_load = "",
                            .read = 29,
                            .above = 4,
                            .vector = 9,
                            .sse = 0,
                            .chooses = false};

}  // namespace

TEST_CASE("the modules of a distribution for another Python are one error that says how to install it") {
  FakeFunction f = python_function();
  f.elf("fast/_a.cpython-310-x86_64-linux-gnu.so", extension("_a"));
  f.elf("fast/_b.cpython-310-x86_64-linux-gnu.so", extension("_b")).done();
  own(f, "fast", {"cp310-cp310-manylinux_2_17_x86_64"});
  const Finding finding = f.finding("python-extension-wrong-version");
  CHECK(finding.severity == Severity::error);
  CHECK(finding.path == "fast-1.0.dist-info");
  CHECK(finding.message.find("2 extension modules") != std::string::npos);
  CHECK(finding.message.find("CPython 3.10") != std::string::npos);
  CHECK(finding.help.find("--python-version 3.12") != std::string::npos);
  CHECK(finding.help.find("fast==1.0") != std::string::npos);
}

TEST_CASE("PyPy's, debug and free-threaded modules are another version's") {
  for (const char* name : {"_x.pypy310-pp73-x86_64-linux-gnu.so", "_x.cpython-312d-x86_64-linux-gnu.so",
                           "_x.cpython-312t-x86_64-linux-gnu.so"}) {
    FakeFunction f = python_function();
    f.elf(name, extension("_x")).done();
    CHECK(f.finding("python-extension-wrong-version").severity == Severity::error);
  }
}

TEST_CASE(
    "a module for musl, macOS or Windows is another platform's, and one for another machine is reported as that") {
  FakeFunction musl = python_function(), mac = python_function(), windows = python_function(), arm = python_function();
  musl.elf("m/_x.cpython-312-x86_64-linux-musl.so", library("", {"libc.musl-x86_64.so.1"})).done();
  mac.other("m/_x.cpython-312-darwin.so", FileType::mach_o, "\xcf\xfa\xed\xfe").done();
  windows.other("m/_x.cp312-win_amd64.pyd", FileType::pe, "MZ").done();
  ElfInfo elf = extension("_x");
  elf.machine = kMachineAArch64;
  arm.elf("m/_x.cpython-312-aarch64-linux-gnu.so", elf).done();
  for (const FakeFunction* f : {&musl, &mac, &windows})
    CHECK(f->finding("python-extension-wrong-platform").severity == Severity::error);
  // The content says more than the name, and once is enough.
  CHECK(arm.finding("wrong-machine").severity == Severity::error);
  CHECK(arm.finding("python-extension-wrong-platform").code == "none");
}

TEST_CASE("a module that another file beside it provides is no finding") {
  FakeFunction f = python_function();
  f.elf("m/_x.cpython-312-x86_64-linux-gnu.so", extension("_x"));
  f.elf("m/_x.cpython-310-x86_64-linux-gnu.so", extension("_x"));
  f.elf("m/_y.abi3.so", extension("_y"));
  f.elf("m/_y.cpython-39-x86_64-linux-gnu.so", extension("_y"));
  f.elf("m/_z.so", extension("_z"));
  f.elf("m/_z.cpython-313t-x86_64-linux-gnu.so", extension("_z")).done();
  CHECK(f.findings().empty());
}

TEST_CASE("with a Python module of the same name the function is only slower") {
  FakeFunction f = python_function();
  f.elf("m/md.cpython-310-x86_64-linux-gnu.so", extension("md")).text("m/md.py", "pass\n").done();
  const Finding finding = f.finding("python-extension-wrong-version");
  CHECK(finding.severity == Severity::info);
  CHECK(finding.message.find("slower") != std::string::npos);
}

TEST_CASE("a stray module in a distribution for the right Python is only noted") {
  FakeFunction f = python_function();
  f.elf("fast/_a.cpython-312-x86_64-linux-gnu.so", extension("_a"));
  f.elf("fast/_old.cpython-310-x86_64-linux-gnu.so", extension("_old"));
  f.other("fast/_win.pyd", FileType::pe, "MZ").done();
  own(f, "fast", {"cp312-cp312-manylinux_2_17_x86_64"});
  CHECK(f.finding("python-extension-wrong-version").severity == Severity::info);
  CHECK(f.finding("python-extension-wrong-platform").severity == Severity::info);
}

TEST_CASE("modules in another version's folder of a layer, and in other runtimes, are nobody's business") {
  FakeFunction layer = python_function();
  layer.elf("python/lib/python3.10/site-packages/_x.cpython-310-x86_64-linux-gnu.so", extension("_x")).done();
  CHECK(layer.finding("python-extension-wrong-version").code == "none");
  FakeFunction other;
  other.elf("bootstrap", executable()).elf("_x.cpython-310-x86_64-linux-gnu.so", extension("_x")).done();
  CHECK(other.finding("python-extension-wrong-version").code == "none");
}

TEST_CASE("a build for a later stable ABI is a warning, one for an earlier none") {
  FakeFunction later = python_function(), earlier = python_function();
  for (FakeFunction* f : {&later, &earlier}) f->elf("fast/_x.abi3.so", extension("_x")).done();
  own(later, "fast", {"cp313-abi3-manylinux_2_28_x86_64"});
  own(earlier, "fast", {"cp39-abi3-manylinux_2_28_x86_64"});
  const Finding finding = later.finding("python-abi3-too-new");
  CHECK(finding.severity == Severity::warning);
  CHECK(finding.detail == "cp313-abi3");
  CHECK(finding.message.find("CPython 3.13") != std::string::npos);
  CHECK(earlier.findings().empty());
}

TEST_CASE("a distribution whose wheel was for something else is one finding, unless its files say it already") {
  const auto found = [](std::vector<std::string> tags, const char* module = "fast/_x.so") {
    FakeFunction f = python_function();
    f.target.runtime.manylinux = "2_34";
    f.elf(module, extension("_x")).done();
    own(f, "fast", std::move(tags));
    std::string codes;
    for (const Finding& finding : f.findings()) codes += finding.code + " " + std::string(to_string(finding.severity));
    return codes;
  };
  CHECK(found({"cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-manylinux2014_x86_64"}) == "");
  CHECK(found({"py2-none-any", "py3-none-any"}) == "");
  for (const char* tag :
       {"cp310-cp310-manylinux_2_17_x86_64", "cp312-cp312-musllinux_1_2_x86_64", "py2-none-any",
        "cp312-cp312-macosx_11_0_arm64", "cp312-cp312-manylinux_2_17_aarch64", "cp312-cp312-win_amd64"})
    CHECK_MESSAGE(found({tag}) == "wheel-wrong-tag warning", tag);
  CHECK(found({"cp310-cp310-manylinux_2_17_x86_64"}, "fast/_x.cpython-310-x86_64-linux-gnu.so") ==
        "python-extension-wrong-version error");
  CHECK(found({"cp313-abi3-manylinux_2_28_x86_64"}, "fast/_x.abi3.so") == "python-abi3-too-new warning");
  CHECK(found({"cp312-cp312-manylinux_2_39_x86_64"}) == "wheel-glibc-too-new info");
  CHECK(found({"cp312-cp312-manylinux_2_39_x86_64", "cp312-cp312-manylinux_2_28_x86_64"}) == "");
  CHECK(found({"no tag"}) == "");
}

TEST_CASE("an addon for another NODE_MODULE_VERSION is an error, by symbol, by structure or by name") {
  FakeFunction symbol = node_function(), structure = node_function(), name = node_function(), folder = node_function();
  symbol.elf("node_modules/a/build/Release/a.node", addon({"node_register_module_v108"})).done();
  ElfInfo registers = addon({"node_module_register"});
  registers.node_versions = {108};
  structure.elf("node_modules/a/build/Release/a.node", registers).done();
  name.elf("node_modules/a/prebuilds/linux-x64/node.abi108.node", addon({})).done();
  folder.elf("node_modules/a/lib/binding/node-v108-linux-x64/a.node", addon({})).done();
  for (const FakeFunction* f : {&symbol, &structure, &name, &folder}) {
    const Finding finding = f->finding("node-addon-wrong-version");
    CHECK(finding.severity == Severity::error);
    CHECK(finding.detail == "108");
    CHECK(finding.message.find("127") != std::string::npos);
  }
}

TEST_CASE("an addon with an initializer for this Node.js among others is fine, and so is one on Node-API") {
  FakeFunction f = node_function();
  f.elf("a.node", addon({"node_register_module_v108", "node_register_module_v127"}));
  f.elf("b.node", addon({"napi_register_module_v1"}));
  f.elf("c.node", addon({"napi_module_register"})).done();
  CHECK(f.findings().empty());
}

TEST_CASE("prebuilt addons for other versions are spare when one fits, and Electron's are nobody's") {
  FakeFunction f = node_function();
  f.elf("node_modules/a/prebuilds/linux-x64/node.abi108.node", addon({"node_register_module_v108"}));
  f.elf("node_modules/a/prebuilds/linux-x64/node.abi127.node", addon({"node_register_module_v127"}));
  f.elf("node_modules/a/prebuilds/linux-x64/electron.abi110.node", addon({"node_register_module_v110"}));
  f.elf("node_modules/b/lib/binding/node-v108-linux-x64/b.node", addon({"node_register_module_v108"}));
  f.elf("node_modules/b/lib/binding/node-v127-linux-x64/b.node", addon({"node_register_module_v127"})).done();
  f.own({"a", "1.0", "node_modules/a", {}, {}, {}, {}, {}, {}, {}})
      .own({"b", "1.0", "node_modules/b", {}, {}, {}, {}, {}, {}, {}});
  CHECK(f.findings().empty());
}

TEST_CASE("builds of one addon for several versions, none of which fits, are one finding") {
  FakeFunction f = node_function();
  f.elf("node_modules/a/prebuilds/linux-x64/node.abi93.node", addon({"node_register_module_v93"}));
  f.elf("node_modules/a/prebuilds/linux-x64/node.abi108.node", addon({"node_register_module_v108"})).done();
  f.own({"a", "1.0", "node_modules/a", {}, {}, {}, {}, {}, {}, {}});
  CHECK(f.findings().size() == 1);
  CHECK(f.finding("node-addon-wrong-version").detail == "93, 108");
}

TEST_CASE("another addon of the package that fits does not make up for one that does not") {
  FakeFunction f = node_function();
  f.elf("node_modules/a/build/Release/a.node", addon({"node_register_module_v108"}));
  f.elf("node_modules/a/build/Release/other.node", addon({"napi_register_module_v1"})).done();
  f.own({"a", "1.0", "node_modules/a", {}, {}, {}, {}, {}, {}, {}});
  CHECK(f.finding("node-addon-wrong-version").path == "node_modules/a/build/Release/a.node");
}

TEST_CASE("a Node-API function of a later Node.js ends the process when called, and the loading when bound at once") {
  FakeFunction lazy = node_function(), now = node_function();
  ElfInfo elf = addon({"napi_register_module_v1"});
  elf.node_api = {"napi_create_object", "node_api_of_tomorrow"};
  lazy.elf("a.node", elf).done();
  elf.bind_now = true;
  now.elf("a.node", elf).done();
  CHECK(lazy.finding("node-api-too-new").severity == Severity::warning);
  CHECK(lazy.finding("node-api-too-new").detail == "node_api_of_tomorrow");
  CHECK(now.finding("node-api-too-new").severity == Severity::error);
}

TEST_CASE("a file that says it needs x86-64-v4 is refused by Amazon Linux 2023's loader, one for v3 is not") {
  FakeFunction v4, v3, al2, go;
  ElfInfo elf = executable();
  elf.x86_levels_needed = 0b1001;
  v4.elf("bootstrap", elf).done();
  al2.target.runtime.os = "al2";
  al2.elf("bootstrap", elf).done();
  elf.x86_levels_needed = 0b0111;
  v3.elf("bootstrap", elf).done();
  elf.x86_levels_needed = 0;
  elf.go_level = "v4";
  go.elf("bootstrap", elf).done();
  CHECK(v4.finding("processor-level-too-high").severity == Severity::error);
  CHECK(al2.finding("processor-level-too-high").severity == Severity::warning);
  CHECK(v3.findings().empty());
  CHECK(go.finding("processor-level-too-high").message.find("GOAMD64=v4") != std::string::npos);
}

TEST_CASE("code that was built for a better processor and asks nothing is a warning") {
  FakeFunction f;
  f.elf("bootstrap", with_code(executable(), kNative)).done();
  const Finding finding = f.finding("processor-instructions");
  CHECK(finding.severity == Severity::warning);
  CHECK(finding.detail == "AVX-512");
  CHECK(finding.message.find("4 of 29 functions") != std::string::npos);
  CHECK(finding.message.find("dot") != std::string::npos);
  CHECK(finding.help.find("x86-64-v3") != std::string::npos);
}

TEST_CASE("code that asks the processor is fine, unless it runs at every start") {
  AboveBaseline code = kNative;
  code.chooses = true;
  FakeFunction asks, at_load;
  asks.elf("bootstrap", with_code(executable(), code)).done();
  code.at_load = "a constructor";
  at_load.elf("bootstrap", with_code(executable(), code)).done();
  CHECK(asks.findings().empty());
  CHECK(at_load.finding("processor-instructions").severity == Severity::warning);
  CHECK(at_load.finding("processor-instructions").message.find("a constructor") != std::string::npos);
}

TEST_CASE("a few functions for better processors among ordinary ones, or a file named for them, are only noted") {
  AboveBaseline code = kNative;
  code.sse = 6;
  FakeFunction mixed, named;
  mixed.elf("bootstrap", with_code(executable(), code)).done();
  named.elf("bootstrap", executable({"libkernels_avx512.so"}));
  named.elf("lib/libkernels_avx512.so", with_code(library("libkernels_avx512.so"), kNative)).done();
  CHECK(mixed.finding("processor-instructions").severity == Severity::info);
  CHECK(named.finding("processor-instructions").severity == Severity::info);
}

TEST_CASE("a 32-bit library for x32 is not called a 64-bit one") {
  FakeFunction f;
  ElfInfo elf = library("libx.so");
  elf.is64 = false;
  f.elf("bootstrap", executable()).elf("lib/libx.so", elf).done();
  CHECK(f.finding("wrong-machine").message.find("32-bit") != std::string::npos);
}
