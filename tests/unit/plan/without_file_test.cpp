// What breaks without a file: the loader's rules are asked again, so that a second copy counts as what it is.
#include "plan/without_file.h"

#include <doctest/doctest.h>

#include "fake_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

struct Asked {
  explicit Asked(const FakeFunction& function) : f(function), reach(function.reach()) {}
  PlanInput input() const {
    return {f.package, f.inventory, f.languages, f.links, reach, f.target, f.rules, f.sdk_sets};
  }
  LoaderProfile profile() const { return lambda_profile(f.target.runtime, f.env); }
  WithoutFile without(std::string_view path) const { return without_file(input(), profile(), Mount{}, f.at(path)); }
  std::string words(std::string_view path) const {
    std::string text;
    for (const std::string& line : explain_without(input(), profile(), Mount{}, f.at(path))) text += line + "\n";
    return text;
  }
  const FakeFunction& f;
  Reach reach;
};

}  // namespace

TEST_CASE("without a library, what needs it breaks, and what needs that, nearest first") {
  FakeFunction f;
  f.elf("bootstrap", executable({"liba.so"}))
      .elf("lib/liba.so", library("liba.so", {"libb.so"}))
      .elf("lib/libb.so", library("libb.so"))
      .elf("lib/libother.so", library("libother.so"))
      .done();
  const WithoutFile without = Asked(f).without("lib/libb.so");
  REQUIRE(without.broken.size() == 2);
  CHECK(without.broken[0].file == f.at("lib/liba.so"));
  CHECK(without.broken[0].distance == 1);
  CHECK_FALSE(without.broken[0].via.has_value());
  CHECK(without.broken[1].file == f.at("bootstrap"));
  CHECK(without.broken[1].via == f.at("lib/liba.so"));
  CHECK(without.rebound.empty());
  CHECK(Asked(f).words("lib/libb.so") ==
        "  2 files could not be loaded, 1 of them started or imported directly\n"
        "    lib/liba.so needs libb.so\n"
        "    bootstrap needs liba.so, so it needs it too\n");
}

TEST_CASE("without a library that another copy replaces nothing breaks, and the other copy is named") {
  FakeFunction f;
  ElfInfo program = executable({"libz.so.1", "libx.so"});
  program.rpath = {"$ORIGIN/own"};
  f.elf("bootstrap", program)
      .elf("own/libz.so.1", library("libz.so.1"))  // the runtime has one too
      .elf("own/libx.so", library("libx.so"))
      .elf("lib/libx.so", library("libx.so"))
      .done();
  CHECK(Asked(f).words("own/libz.so.1") == "  bootstrap needs libz.so.1 and would get /lib64/libz.so.1\n");
  CHECK(Asked(f).words("own/libx.so") == "  bootstrap needs libx.so and would get lib/libx.so\n");
  CHECK(Asked(f).words("lib/libx.so") == "  nothing that the loader loads would break or change\n");
}

TEST_CASE("without a link the name that it was is missing") {
  FakeFunction f;
  f.elf("bootstrap", executable({"libx.so.1"}))
      .elf("lib/libx.so.1.2", library("libx.so.1"))
      .link("lib/libx.so.1", "libx.so.1.2")
      .done();
  CHECK(Asked(f).without("lib/libx.so.1").broken.size() == 1);
}

TEST_CASE("what opens a library by name is named, not called broken") {
  FakeFunction f;
  f.elf("bootstrap", executable(), "opens libplugin.so\0")
      .elf("lib/libplugin.so", library("libplugin.so", {"libdeep.so"}))
      .elf("lib/libdeep.so", library("libdeep.so"))
      .done();
  const WithoutFile without = Asked(f).without("lib/libdeep.so");
  REQUIRE(without.broken.size() == 1);
  CHECK(without.broken[0].file == f.at("lib/libplugin.so"));
  CHECK(without.name_it == std::vector<std::size_t>{f.at("bootstrap")});
}

TEST_CASE("libraries that need each other end the search") {
  FakeFunction f;
  f.elf("bootstrap", executable({"liba.so"}))
      .elf("lib/liba.so", library("liba.so", {"libb.so"}))
      .elf("lib/libb.so", library("libb.so", {"liba.so"}))
      .done();
  CHECK(Asked(f).without("lib/libb.so").broken.size() == 2);
}

TEST_CASE("an optional library that goes breaks nothing") {
  FakeFunction f;
  ElfInfo program = executable();
  program.auxiliaries = {"libaux.so"};
  f.elf("bootstrap", program).elf("lib/libaux.so", library("libaux.so")).done();
  CHECK(Asked(f).without("lib/libaux.so").broken.empty());
}
