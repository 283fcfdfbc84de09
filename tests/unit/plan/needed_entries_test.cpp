// Which needed entries may go, and every reason why one stays.
#include "plan/needed_entries.h"

#include <doctest/doctest.h>

#include "fake_function.h"
#include "plan/base_symbols.h"
#include "plan/check_bindings.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

using Names = std::vector<std::string>;

LibrarySpec program(Names needed, std::vector<SymbolSpec> symbols = {}) {
  return {.soname = {},
          .needed = std::move(needed),
          .symbols = std::move(symbols),
          .interpreter = "/lib64/ld-linux-x86-64.so.2"};
}

LibrarySpec shared(std::string soname, std::vector<SymbolSpec> symbols, Names needed = {}) {
  return {.soname = std::move(soname), .needed = std::move(needed), .symbols = std::move(symbols)};
}

// A program that uses one library and needs another for nothing.
FakeFunction over_linked(const LibrarySpec& idle = shared("libidle.so", {defines("idle_function")})) {
  FakeFunction function;
  function.options.level = Confidence::possible;
  function.target.runtime.libraries["/lib64"].push_back("libstdc++.so.6");
  function.rules.c_library_names = "free malloc poll";
  function.symbols("bootstrap", program({"libidle.so", "libused.so"}, {calls("f")}))
      .symbols("lib/libused.so", shared("libused.so", {defines("f")}))
      .symbols("lib/libidle.so", idle);
  return function;
}

struct Asked {
  NeededEntries entries;
  Names lines;  // "bootstrap drops libidle.so"; "lib/libidle.so stays: why"
};

Asked ask(FakeFunction& f, bool unknown_search_path = false) {
  f.done();
  const LoaderProfile profile = lambda_profile(f.target.runtime, f.env);
  const Mount mount;
  const Reach reach = f.reach();
  const Plan plan = f.plan();
  const BindingInput loads{f.package, f.inventory, profile, mount, binding_starts(f.inventory, reach), {}, 1};
  const auto bindings = resolve_bindings(loads);
  REQUIRE(bindings.has_value());
  auto found =
      find_needed_entries({loads, f.links, reach, f.target, *bindings, f.rules, plan, true, unknown_search_path});
  REQUIRE(found.has_value());
  Asked asked{*std::move(found), {}};
  for (const DroppedNeeds& dropped : asked.entries.drops)
    for (const std::string& name : dropped.names)
      asked.lines.push_back(f.package.files[dropped.file].path + " drops " + name);
  for (const KeptEntries& kept : asked.entries.kept)
    asked.lines.push_back(f.package.files[kept.library].path + " stays: " + kept.reason);
  return asked;
}

Names lines(FakeFunction function) {
  return ask(function).lines;
}

const Names kDropped = {"bootstrap drops libidle.so"};

Names stays(const std::string& reason) {
  return {"lib/libidle.so stays: " + reason};
}

}  // namespace

TEST_CASE("the entry of a library that nothing uses goes, and the library is loaded no more") {
  FakeFunction function = over_linked();
  const Asked asked = ask(function);
  CHECK(asked.lines == kDropped);
  REQUIRE(asked.entries.unloaded.size() == 1);
  CHECK(function.package.files[asked.entries.unloaded[0]].path == "lib/libidle.so");
  const Inventory edited = without_entries(function.inventory, asked.entries.drops);
  CHECK(edited.files[function.at("bootstrap")].elf->needed == Names{"libused.so"});
}

TEST_CASE("a library that anything is bound to, strongly or weakly, is no question") {
  for (const bool weak : {false, true}) {
    FakeFunction function = over_linked();
    SymbolSpec symbol = calls("idle_function");
    if (weak) symbol.binding = kBindingWeak;
    function.symbols("lib/libother.so", shared("libother.so", {symbol}));
    function.symbols("more", program({"libother.so", "libidle.so"}));
    const Names found = lines(std::move(function));
    CHECK(std::ranges::find(found, kDropped[0]) == found.end());
  }
}

TEST_CASE("libraries that only use each other go together, with all that only they bring") {
  FakeFunction function = over_linked(shared("libidle.so", {defines("idle_function"), calls("g")}, {"libdeep.so"}));
  function.symbols("lib/libdeep.so", shared("libdeep.so", {defines("g"), calls("idle_function")}, {"libidle.so"}));
  CHECK(lines(function) == kDropped);
  // Another program needs the second one by itself, for nothing: that entry goes too.
  function.symbols("other", program({"libused.so", "libdeep.so"}, {calls("f")}));
  CHECK(lines(function) == Names{"bootstrap drops libidle.so", "other drops libdeep.so"});
}

TEST_CASE("a library that waits for --prefer-runtime stays, and loses its entries as others do") {
  FakeFunction function = over_linked();
  function.symbols("lib/libcopy.so", shared("libcopy.so", {defines("g")}, {"libused.so", "libidle.so"}))
      .symbols("other", program({"libcopy.so"}, {calls("g")}));
  function.done();
  function.runtime_copies = {{function.at("lib/libcopy.so"), {"/lib64/libcopy.so", {}}, {}, {}, {}, {}}};
  REQUIRE(function.decision("lib/libcopy.so").waiting);
  CHECK(lines(function) == Names{"bootstrap drops libidle.so", "lib/libcopy.so drops libidle.so"});
}

TEST_CASE("what a library brings and does something keeps it") {
  FakeFunction function = over_linked(shared("libidle.so", {defines("idle_function")}, {"libdeep.so"}));
  function.symbols("lib/libdeep.so", shared("libdeep.so", {{.name = "u", .binding = kBindingUnique}}));
  CHECK(lines(std::move(function)) ==
        Names{"lib/libdeep.so stays: it has symbols that are unique in the process",
              "lib/libidle.so stays: without it, other libraries would not be loaded, or not in the same order"});
}

TEST_CASE("what a library of the set uses and cannot go keeps it") {
  FakeFunction function =
      over_linked(shared("libidle.so", {{.name = "t", .type = kTypeTls}, calls("g")}, {"libdeep.so"}));
  function.symbols("lib/libdeep.so", shared("libdeep.so", {defines("g")}));
  CHECK(lines(std::move(function)) == Names{"lib/libdeep.so stays: lib/libidle.so uses it, and stays",
                                            "lib/libidle.so stays: it has thread-local storage"});
}

TEST_CASE("a library of the runtime that only this one brings keeps it") {
  CHECK(lines(over_linked(shared("libidle.so", {defines("idle_function")}, {"libc.so.6"}))) ==
        stays("without it, other libraries would not be loaded, or not in the same order"));
}

TEST_CASE("other libraries in another order keep it") {
  FakeFunction order = over_linked(shared("libidle.so", {defines("idle_function")}, {"liby.so", "libx.so"}));
  order.symbols("lib/libx.so", shared("libx.so", {defines("x")}))
      .symbols("lib/liby.so", shared("liby.so", {defines("y")}))
      .symbols("other", program({"libidle.so", "libz.so"}, {calls("x"), calls("y"), calls("z")}))
      .symbols("lib/libz.so", shared("libz.so", {defines("z")}, {"libx.so", "liby.so"}));
  CHECK(lines(std::move(order)) == stays("without it, other libraries would not be loaded, or not in the same order"));
}

TEST_CASE("constructors in another order keep it, though the libraries are loaded in the same") {
  // What the idle library needs is initialised before it, and so before what comes in front of it.
  const auto with_constructors = [](bool x_runs, bool y_runs) {
    LibrarySpec x = shared("libx.so", {defines("x")}), y = shared("liby.so", {defines("y")});
    if (x_runs) x.dynamic = {{12, 0x40}};  // DT_INIT
    if (y_runs) y.dynamic = {{12, 0x40}};
    FakeFunction function;
    function.options.level = Confidence::possible;
    function.symbols("bootstrap", program({"libx.so", "liby.so", "libidle.so"}, {calls("x"), calls("y")}))
        .symbols("lib/libx.so", x)
        .symbols("lib/liby.so", y)
        .symbols("lib/libidle.so", shared("libidle.so", {defines("idle_function")}, {"libx.so"}));
    return lines(std::move(function));
  };
  CHECK(with_constructors(true, true) ==
        stays("without it, other libraries would not be loaded, or not in the same order"));
  CHECK(with_constructors(true, false) == kDropped);
  CHECK(with_constructors(false, true) == kDropped);
}

TEST_CASE("of the C library's and GCC's libraries it is known what they may use") {
  const auto with_base = [](std::vector<SymbolSpec> symbols) {
    FakeFunction function = over_linked(shared("libidle.so", std::move(symbols)));
    function.symbols("other", program({"libstdc++.so.6", "libidle.so", "libc.so.6"}));
    return lines(std::move(function));
  };
  const Names both = {"bootstrap drops libidle.so", "other drops libidle.so"};
  CHECK(with_base({defines("crc32_combine")}) == both);
  CHECK(with_base({defines("malloc", "IDLE_1")}) == both);
  CHECK(with_base({defines("malloc")}) == stays("/lib64/libstdc++.so.6 is loaded with it, and may use its malloc"));
  CHECK(with_base({defines("_Znwm")}) == stays("/lib64/libstdc++.so.6 is loaded with it, and may use its _Znwm"));
}

TEST_CASE("another library of the runtime that is loaded with it keeps it") {
  FakeFunction function = over_linked();
  function.symbols("other", program({"libz.so.1", "libidle.so"}));
  CHECK(lines(std::move(function)) == stays("/lib64/libz.so.1 is loaded with it, and what that uses is not known"));
}

TEST_CASE("a symbol that comes from nowhere known and is called like one of the library's keeps it") {
  FakeFunction function = over_linked();
  function.symbols("other", program({"libused.so"}, {calls("idle_function")}));
  CHECK(lines(std::move(function)) ==
        stays("something may use its idle_function, of which it is not known where it comes from"));
}

TEST_CASE("who else asks for the library by any of its names keeps it") {
  FakeFunction missing = over_linked();
  LibrarySpec asks = program({"libused.so"}, {calls("f")});
  asks.symbols.push_back(calls("f2", "V", "libidle.so"));
  asks.symbols.back().relocation = 0;
  missing.symbols("other", asks);
  CHECK(lines(std::move(missing)) == stays("other needs a version of it"));

  FakeFunction elsewhere = over_linked();
  elsewhere.options.keep = {"plugins/**"};
  elsewhere.symbols("plugins/libplugin.so", shared("libplugin.so", {defines("PyInit_p")}, {"libidle.so"}))
      .symbols("plugins/libidle.so", shared("libidle.so", {defines("idle_function")}));
  FileRecord& plugin = elsewhere.inventory.files[elsewhere.at("plugins/libplugin.so")];
  plugin.elf->runpath = {"$ORIGIN"};
  plugin.elf->has_runpath = true;
  const Names found = lines(std::move(elsewhere));
  CHECK(std::ranges::find(found, kDropped[0]) == found.end());
}

TEST_CASE("a file that must not change keeps the library") {
  FakeFunction function = over_linked();
  function.options.keep = {"bootstrap"};
  CHECK(lines(std::move(function)) == stays("bootstrap needs it and must not change: --keep bootstrap"));

  FakeFunction alone = over_linked();
  alone.symbols("other", program({"libidle.so"}));
  CHECK(lines(std::move(alone)) == stays("other needs it and must not change: it would need no library any more"));
}

TEST_CASE("a layer, and a search path that is not known, keep every library") {
  FakeFunction layer = over_linked();
  layer.target.is_layer = true;
  for (const std::string& line : lines(std::move(layer))) CHECK(line.find(" drops ") == std::string::npos);
  FakeFunction function = over_linked();
  CHECK(ask(function, true).lines ==
        stays("the function's configuration sets the search path to something that is not known"));
  FakeFunction script = over_linked();
  script.target.search_path_doubt = "start.sh does what is not understood";
  CHECK(lines(std::move(script)) == stays("start.sh does what is not understood"));
}

TEST_CASE("anything reached that opens libraries or looks for symbols by name keeps every library") {
  FakeFunction symbol = over_linked();
  symbol.symbols("other", program({"libused.so", "libc.so.6"}, {calls("dlsym", "GLIBC_2.34", "libc.so.6")}));
  CHECK(lines(std::move(symbol)) == stays("other opens libraries or looks for symbols by name"));
  FakeFunction script = over_linked();
  script.text("app.py", "import ctypes\n");
  CHECK(lines(std::move(script)) == stays("app.py may open libraries while it runs"));
  FakeFunction known = over_linked();
  known.rules.rules.push_back(opener_rule("opener-app", {"app.py"}, {"nothing.so"}));
  known.text("app.py", "import ctypes\n");
  CHECK(lines(std::move(known)) == stays("app.py may open libraries while it runs"));
  FakeFunction path = over_linked();
  path.text("run.sh", "#!/bin/sh\nexport LD_LIBRARY_PATH=/tmp\n");
  CHECK(lines(std::move(path)) == stays("run.sh mentions LD_LIBRARY_PATH"));
}

TEST_CASE("names that the base libraries may look up") {
  const std::vector<std::string> names = c_library_names(load_rules("").value());
  CHECK(names.size() > 2000);
  for (const char* name : {"malloc", "free", "poll", "_Znwm", "_ZdlPv", "_ZNSt6vectorIiE1fEv", "_ZSt4cout",
                           "_ZTISt9exception", "_ZTIi", "_ZN10__cxxabiv117__class_type_infoE", "_ZN9__gnu_cxx3fooEv",
                           "__libc_start_main", "_res", "_ITM_registerTMCloneTable", "__gmon_start__"})
    CHECK_MESSAGE(base_libraries_may_use(name, "", names), name);
  for (const char* name : {"crc32", "XML_Parse", "_ZN4absl3fooEv", "_ZNK4absl3barEv", "_Z3foov", "_ZTVN4absl1CE",
                           "_ZTI1C", "_ZGVN4absl1xE", "_init", "_end"})
    CHECK_MESSAGE(!base_libraries_may_use(name, "", names), name);
  CHECK(!base_libraries_may_use("malloc", "MINE_1", names));
  CHECK(base_libraries_may_use("malloc", "GLIBC_2.2.5", names));
  CHECK(base_libraries_may_use("_ITM_registerTMCloneTable", "MINE_1", names));
}
