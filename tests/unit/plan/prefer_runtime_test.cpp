// Which copies of the runtime's libraries could be left to the runtime, and why the others stay.
#include "plan/prefer_runtime.h"

#include <doctest/doctest.h>

#include "fake_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

struct Bound {
  std::string from, symbol, version, target;
};

// A program that finds libz.so.1 in vendor/ by its RPATH, although the runtime has one.
class Vendored : public FakeFunction {
 public:
  Vendored() {
    rules.files["exports/al2023/libz.so.1.toml"] =
        "library = \"libz.so.1\"\nname = \"zlib\"\nreleases = \"1.2.11\"\nsource = \"test\"\nneeds = []\n"
        "[symbols]\nbase = \"deflate inflate\"\n\"ZLIB_1.2.9\" = \"crc32_z\"\n";
    target.runtime.default_path = {"/lib64"};
    target.runtime.versions["/lib64/libz.so.1"] = {{"ZLIB_1.2.9"}, {}, false, {}, "test"};
    elf("vendor/libz.so.1", library("libz.so.1"));
  }

  ElfInfo program(std::vector<std::string> needed = {"libz.so.1"}) const {
    ElfInfo made = executable(std::move(needed));
    made.rpath = {"$ORIGIN/vendor"};
    return made;
  }

  Vendored& binds(std::string from, std::string symbol, std::string version = "",
                  std::string library = "vendor/libz.so.1") {
    bound_.push_back({std::move(from), std::move(symbol), std::move(version), std::move(library)});
    return *this;
  }

  std::vector<RuntimeCopy> copies() {
    done();
    Bindings bindings;
    for (std::size_t i = 0; i < package.files.size(); ++i) {
      if (!inventory.files[i].elf) continue;
      FileBindings file{i, false, {}};
      for (const Bound& each : bound_) {
        if (at(each.from) != i) continue;
        BoundSymbol symbol;
        symbol.name = bindings.add_text(each.symbol);
        if (!each.version.empty()) symbol.version = bindings.add_text(each.version);
        symbol.to = BoundTo::file;
        symbol.target = static_cast<std::uint32_t>(at(each.target));
        file.symbols.push_back(symbol);
      }
      bindings.files.push_back(file);
    }
    const Reach reached = reach();
    const ReachInput input{package, inventory, languages, links, target, rules, options.keep, env, false};
    const auto found = find_runtime_copies({input, reached, bindings, lambda_profile(target.runtime, env), options, 2});
    REQUIRE(found);
    return *found;
  }

  std::string refusal() {
    const auto found = copies();
    REQUIRE(found.size() >= 1);
    return found[0].refusal;
  }

 private:
  std::vector<Bound> bound_;
};

}  // namespace

TEST_CASE("a copy that an RPATH puts first can go when every symbol is known to be in the runtime's build") {
  Vendored f;
  f.elf("bootstrap", f.program());
  f.binds("bootstrap", "inflate").binds("bootstrap", "crc32_z", "ZLIB_1.2.9");
  const auto copies = f.copies();
  REQUIRE(copies.size() == 1);
  CHECK(copies[0].refusal.empty());
  CHECK(copies[0].confidence == Confidence::likely);
  CHECK(copies[0].stand_in.library == "/lib64/libz.so.1");
  CHECK(copies[0].stand_in.symbols ==
        std::vector<std::pair<std::string, std::string>>{{"crc32_z", "ZLIB_1.2.9"}, {"inflate", ""}});
  CHECK(copies[0].reason.contains(kCostOfPreferRuntime));
}

TEST_CASE("a library that the runtime lacks, or takes itself already, is no copy") {
  Vendored renamed;
  renamed.elf("vendor/libz-8f3a1b2c.so.1", library("libz-8f3a1b2c.so.1"));
  renamed.elf("bootstrap", renamed.program({"libz-8f3a1b2c.so.1"}));
  CHECK(renamed.copies().empty());

  Vendored shadowed;
  shadowed.elf("bootstrap", executable({"libz.so.1"}));
  CHECK(shadowed.copies().empty());
}

TEST_CASE("a copy stays when a symbol, or a version, is not known to be in the runtime's build") {
  Vendored unknown;
  unknown.elf("bootstrap", unknown.program()).text("app.py", "");
  unknown.binds("bootstrap", "deflate_fast");
  CHECK(unknown.refusal() == "bootstrap binds deflate_fast to it, which /lib64/libz.so.1 is not known to have");

  // The name is there, but not with this version.
  Vendored other;
  other.elf("bootstrap", other.program());
  other.binds("bootstrap", "inflate", "ZLIB_1.2.9");
  CHECK(other.refusal().contains("binds inflate@ZLIB_1.2.9"));

  Vendored newer;
  ElfInfo program = newer.program();
  program.versions_needed = {{"libz.so.1", "ZLIB_1.3.1", false}};
  newer.elf("bootstrap", program);
  CHECK(newer.refusal() == "bootstrap needs ZLIB_1.3.1, which /lib64/libz.so.1 is not known to define");
}

TEST_CASE("a copy stays when no rule is about its library") {
  Vendored f;
  f.elf("bootstrap", f.program());
  f.rules.files.clear();
  CHECK(f.refusal() == "no rule says which symbols /lib64/libz.so.1 has");
}

TEST_CASE("a copy stays when a text names it: a script, a program, or data of whatever format") {
  Vendored script;
  script.elf("bootstrap", script.program()).text("run.py", "CDLL('libz.so.1')");
  CHECK(script.refusal() == "run.py names it");

  Vendored path;
  path.elf("bootstrap", path.program(), "/var/task/vendor/libz.so.1");
  CHECK(path.refusal() == "bootstrap names it");

  Vendored opener;
  opener.elf("bootstrap", opener.program()).elf("plugin", executable(), "libz.so.1");
  CHECK(opener.refusal().contains("plugin names it without needing it"));

  Vendored data;
  data.elf("bootstrap", data.program()).text("list.dat", "vendor/libz.so.1\n");
  CHECK(data.refusal() == "list.dat names it");

  Vendored record;
  record.elf("bootstrap", record.program()).text("x-1.dist-info/RECORD", "vendor/libz.so.1,sha256=x,1\n");
  CHECK(record.refusal().empty());

  Vendored configured;
  configured.elf("bootstrap", configured.program());
  configured.env["PLUGIN"] = "/var/task/vendor/libz.so.1";
  CHECK(configured.refusal() == "PLUGIN in the function's configuration names it");
}

TEST_CASE("a copy stays when somebody asks for it by another name than its soname") {
  Vendored f;
  f.elf("bootstrap", f.program({"libz.so"})).link("vendor/libz.so", "libz.so.1");
  CHECK(f.refusal() == "bootstrap asks for it as libz.so");
}

TEST_CASE("copies of one soname go together or stay together, since a process loads only one of them") {
  Vendored f;
  f.elf("bootstrap", f.program());
  ElfInfo tool = executable({"libz.so.1"});
  tool.rpath = {"$ORIGIN/lib"};
  f.elf("tools/tool", tool).elf("tools/lib/libz.so.1", library("libz.so.1"));
  f.binds("tools/tool", "deflate_fast", "", "tools/lib/libz.so.1");
  const auto copies = f.copies();
  REQUIRE(copies.size() == 2);
  CHECK(copies[0].refusal.contains("binds deflate_fast"));
  CHECK(copies[1].refusal == "tools/lib/libz.so.1 stays, and a process has only one libz.so.1");
}

TEST_CASE("another copy that nothing uses counts as staying when the plan does not drop it") {
  const auto refusal = [](auto&& set) {
    Vendored f;
    set(f.options);
    f.elf("bootstrap", f.program()).elf("old/libz.so.1", library("libz.so.1"));
    const auto copies = f.copies();
    REQUIRE(copies.size() == 1);
    return copies[0].refusal;
  };
  const std::string stays = "old/libz.so.1 stays, and a process has only one libz.so.1";
  CHECK(refusal([](PlanOptions&) {}).empty());
  CHECK(refusal([](PlanOptions& options) { options.level = Confidence::proven; }) == stays);
  CHECK(refusal([](PlanOptions& options) { options.disabled_rules = {"drop-runtime-library"}; }) == stays);
  CHECK(refusal([](PlanOptions& options) { options.disabled_rules = {"drop-unused-library"}; }).empty());
  CHECK(refusal([](PlanOptions& options) { options.keep = {"old/*"}; }) == stays);
}

TEST_CASE("what only another copy needs is no obstacle when that copy goes too") {
  const auto refusals = [](bool other_has_rule) {
    Vendored f;
    f.target.runtime.libraries["/lib64"].push_back("libpng.so.1");
    std::ranges::sort(f.target.runtime.libraries["/lib64"]);
    if (other_has_rule)
      f.rules.files["exports/al2023/libpng.so.1.toml"] =
          "library = \"libpng.so.1\"\nname = \"png\"\nreleases = \"1\"\nsource = \"test\"\nneeds = [\"libz.so.1\"]\n"
          "[symbols]\nbase = \"png_read\"\n";
    f.elf("bootstrap", f.program({"libpng.so.1"})).elf("vendor/libpng.so.1", library("libpng.so.1", {"libz.so.1"}));
    f.binds("vendor/libpng.so.1", "deflate_fast").binds("bootstrap", "png_read", "", "vendor/libpng.so.1");
    std::vector<std::string> whys;
    for (const RuntimeCopy& copy : f.copies()) whys.push_back(copy.refusal);
    return whys;
  };
  CHECK(refusals(true) == std::vector<std::string>{"", ""});
  CHECK(refusals(false) ==
        std::vector<std::string>{
            "no rule says which symbols /lib64/libpng.so.1 has",
            "vendor/libpng.so.1 binds deflate_fast to it, which /lib64/libz.so.1 is not known to have"});
}

TEST_CASE("a copy stays when the runtime's build may need another library that the package has") {
  Vendored f;
  f.rules.files["exports/al2023/libz.so.1.toml"].replace(
      f.rules.files["exports/al2023/libz.so.1.toml"].find("needs = []"), 10, "needs = [\"libmine.so.1\"]");
  f.elf("bootstrap", f.program({"libz.so.1", "libmine.so.1"})).elf("vendor/libmine.so.1", library("libmine.so.1"));
  CHECK(f.refusal() == "/lib64/libz.so.1 may need libmine.so.1, and would get vendor/libmine.so.1");
}

TEST_CASE("a copy is only possible when something opens libraries that no rule lists") {
  Vendored f;
  ElfInfo opener = f.program();
  opener.calls_dlopen = true;
  f.elf("bootstrap", opener);
  const auto copies = f.copies();
  REQUIRE(copies.size() == 1);
  CHECK(copies[0].refusal.empty());
  CHECK(copies[0].confidence == Confidence::possible);
}

TEST_CASE("in a layer, and beside a C library of the package's own, there is nothing to leave to the runtime") {
  Vendored layer;
  layer.elf("bootstrap", layer.program());
  layer.target.is_layer = true;
  CHECK(layer.copies().empty());

  Vendored libc;
  libc.elf("bootstrap", libc.program());
  libc.target.brings_libc = true;
  CHECK(libc.copies().empty());
}
