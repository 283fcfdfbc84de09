// What is said of symbols that nothing defines, and of libraries that are needed for nothing.
#include "plan/check_bindings.h"

#include <doctest/doctest.h>

#include "fake_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

using Names = std::vector<std::string>;

constexpr const char* kLoader = "/lib64/ld-linux-x86-64.so.2";

LibrarySpec program(Names needed, std::vector<SymbolSpec> symbols) {
  return {.soname = {}, .needed = std::move(needed), .symbols = std::move(symbols), .interpreter = kLoader};
}

SymbolSpec weak(SymbolSpec symbol) {
  symbol.binding = kBindingWeak;
  return symbol;
}

// All that is asked of one package.
struct Asked {
  explicit Asked(FakeFunction& function) : f(function), reach(f.reach()) {
    const LoaderProfile profile = lambda_profile(f.target.runtime, f.env);
    auto found = resolve_bindings({f.package, f.inventory, profile, mount, binding_starts(f.inventory, reach), {}, 1});
    REQUIRE(found.has_value());
    bindings = *std::move(found);
  }

  BindingCheckInput input() const { return {f.package, f.inventory, f.links, reach, f.target, bindings}; }

  // "error bootstrap f: message"
  Names unresolved() const {
    Names lines;
    for (const Finding& finding : check_unresolved(input())) {
      CHECK(finding.code == "symbol-unresolved");
      lines.push_back(std::string(to_string(finding.severity)) + " " + finding.path + " " + finding.message);
    }
    return lines;
  }

  // "libidle.so by bootstrap with libonly.so: 123"
  Names idle() const {
    auto found = find_idle_libraries(input());
    REQUIRE(found.has_value());
    Names lines;
    for (const IdleLibrary& library : *found) {
      std::string line = f.package.files[library.file].path + " by";
      for (const std::size_t by : library.needed_by) line += " " + f.package.files[by].path;
      for (const std::size_t other : library.drags_in) line += " with " + f.package.files[other].path;
      std::uint64_t bytes = f.package.files[library.file].size();
      for (const std::size_t other : library.drags_in) bytes += f.package.files[other].size();
      CHECK(library.bytes == bytes);
      lines.push_back(std::move(line));
    }
    return lines;
  }

  const FakeFunction& f;
  const Mount mount{};
  Reach reach;
  Bindings bindings;
};

Names unresolved(FakeFunction& function) {
  return Asked(function.done()).unresolved();
}

Names idle(FakeFunction& function) {
  return Asked(function.done()).idle();
}

FakeFunction python() {
  FakeFunction function;
  function.target.runtime.id = "python3.12";
  function.target.runtime.family = "python";
  function.target.runtime.python_tag = "cp312";
  return function;
}

}  // namespace

TEST_CASE("a strong symbol that nothing of a program's own process defines stops the loader, or the call") {
  FakeFunction function;
  function.symbols("bootstrap", program({"liba.so"}, {calls("called"), points_to("pointed"), calls("fine")}))
      .symbols("lib/liba.so", {.soname = "liba.so", .symbols = {defines("fine")}});
  CHECK(
      unresolved(function) ==
      Names{"error bootstrap needs pointed, which nothing that is loaded with it defines; the loader stops there",
            "warning bootstrap calls called, which nothing that is loaded with it defines; the call ends the process"});
}

TEST_CASE("with BIND_NOW a call is looked up at once, and the loader stops") {
  FakeFunction function;
  LibrarySpec spec = program({"liba.so"}, {calls("called")});
  spec.dynamic = {{0x6ffffffb, 1}};
  function.symbols("bootstrap", spec).symbols("lib/liba.so", {.soname = "liba.so", .symbols = {defines("fine")}});
  CHECK(unresolved(function) ==
        Names{"error bootstrap needs called, which nothing that is loaded with it defines; the loader stops there"});
}

TEST_CASE("weak symbols, the toolchain's own, and what an unknown library may have are fine") {
  FakeFunction function;
  function.symbols("bootstrap", program({"liba.so"}, {weak(calls("w")), calls("__gmon_start__"), points_to("environ")}))
      .symbols("lib/liba.so", {.soname = "liba.so", .symbols = {defines("fine")}});
  CHECK(unresolved(function).empty());
  FakeFunction unknown;
  unknown.symbols("bootstrap", program({"libz.so.1"}, {points_to("deflate")}));
  CHECK(unresolved(unknown).empty());
}

TEST_CASE("many symbols make one finding that names the first three") {
  FakeFunction function;
  function
      .symbols("bootstrap",
               program({"liba.so"}, {points_to("e"), points_to("d"), points_to("c"), points_to("b"), points_to("a")}))
      .symbols("lib/liba.so", {.soname = "liba.so", .symbols = {defines("fine")}});
  CHECK(unresolved(function) == Names{"error bootstrap needs a, b, c and 2 more, which nothing that is loaded with it "
                                      "defines; the loader stops there"});
}

TEST_CASE("python's process has no C++ symbols but the standard library's, and may have any C symbol") {
  FakeFunction function = python();
  function.symbols("m.cpython-312-x86_64-linux-gnu.so",
                   {.soname = {},
                    .symbols = {defines("PyInit_m"), points_to("_ZN5absl7HexpintEv"), points_to("PyLong_FromLong"),
                                points_to("_ZNSt6stringC1Ev"), points_to("_ZN10__cxxabiv1E")}});
  CHECK(unresolved(function) == Names{"warning m.cpython-312-x86_64-linux-gnu.so needs _ZN5absl7HexpintEv, which no "
                                      "library that is loaded with it defines, nor python3.12 as far as is known"});
}

TEST_CASE("a library that nothing is bound to is idle, and what only it brings counts with it") {
  FakeFunction function;
  function.symbols("bootstrap", program({"libused.so", "libidle.so"}, {calls("f")}))
      .symbols("lib/libused.so", {.soname = "libused.so", .symbols = {defines("f")}})
      .symbols("lib/libidle.so", {.soname = "libidle.so",
                                  .needed = {"libonly.so", "libused.so"},
                                  .symbols = {defines("g"), calls("h"), calls("f")}})
      .symbols("lib/libonly.so", {.soname = "libonly.so", .symbols = {defines("h")}});
  CHECK(idle(function) == Names{"lib/libidle.so by bootstrap with lib/libonly.so"});
}

TEST_CASE("a weak reference that is bound makes a library used, one that is interposed does not") {
  FakeFunction function;
  function.symbols("bootstrap", program({"libfirst.so", "libsecond.so"}, {weak(calls("f"))}))
      .symbols("lib/libfirst.so", {.soname = "libfirst.so", .symbols = {defines("f")}})
      .symbols("lib/libsecond.so", {.soname = "libsecond.so", .symbols = {defines("f")}});
  CHECK(idle(function) == Names{"lib/libsecond.so by bootstrap"});
}

TEST_CASE("plugins and what is opened by itself are not idle") {
  FakeFunction function = python();
  function
      .symbols("a.cpython-312-x86_64-linux-gnu.so",
               {.soname = {}, .needed = {"libplugin.so", "b.so"}, .symbols = {defines("PyInit_a")}})
      .symbols("lib/libplugin.so", {.soname = "libplugin.so", .symbols = {defines("JNI_OnLoad")}})
      .symbols("b.so", {.soname = "b.so", .symbols = {defines("PyInit_b")}});
  CHECK(idle(function).empty());
}

TEST_CASE("loads that were not all followed say nothing about idle libraries") {
  FakeFunction function;
  function.symbols("bootstrap", program({"libidle.so"}, {})).symbols("lib/libidle.so", {.soname = "libidle.so"});
  Asked asked(function.done());
  REQUIRE(asked.idle().size() == 1);
  asked.bindings.complete = false;
  CHECK(asked.idle().empty());
}
