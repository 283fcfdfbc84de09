#include "apply/apply_plan.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "elf/read_elf.h"
#include "elf/strip_elf.h"
#include "package/raw_zip.h"
#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

Plan keep_all(const TestPackage& made) {
  Plan plan;
  plan.decisions.resize(made.package.files.size());
  for (std::size_t i = 0; i < plan.decisions.size(); ++i) plan.decisions[i].file = i;
  return plan;
}

Applied apply(const TestPackage& made, Plan plan) {
  Progress progress(false);
  auto applied = apply_plan(made.package, made.inventory, std::move(plan), 2, progress);
  REQUIRE(applied);
  return *std::move(applied);
}

std::vector<std::string> paths(const Package& package) {
  std::vector<std::string> paths;
  for (const PackageFile& file : package.files) paths.push_back(file.path);
  return paths;
}

std::vector<std::uint8_t> this_program() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("dropped files go, linked ones become links, all others keep their bytes and order") {
  const TestPackage made = MakePackage()
                               .file("app.py", "print()\n")
                               .file("gone/a.so", "aaaa")
                               .folder("empty")
                               .elf("lib/libx.so")
                               .elf("lib/libx.so.1")
                               .make();
  Plan plan = keep_all(made);
  plan.decisions[made.at("gone/a.so")].action = Action::drop;
  plan.decisions[made.at("lib/libx.so")].action = Action::link;
  plan.decisions[made.at("lib/libx.so")].link_target = "libx.so.1";
  const Applied applied = apply(made, plan);

  CHECK(paths(applied.package) == std::vector<std::string>{"app.py", "empty", "lib/libx.so", "lib/libx.so.1"});
  CHECK(applied.old_index == std::vector<std::size_t>{made.at("app.py"), made.at("empty"), made.at("lib/libx.so"),
                                                      made.at("lib/libx.so.1")});
  CHECK(applied.package.files[1].kind == FileKind::directory);
  const PackageFile& link = applied.package.files[2];
  CHECK(link.kind == FileKind::symlink);
  CHECK(link.mode == 0777);
  CHECK(link.link_target == "libx.so.1");
  CHECK(link.size() == 0);
  CHECK(as_text(applied.package.files[0].content.read().value()) == "print()\n");
  CHECK(applied.plan.decisions[made.at("gone/a.so")].saved == 4);
  CHECK(applied.plan.decisions[made.at("lib/libx.so")].saved == 4);
  CHECK(made.package.files.size() == 5);
  CHECK(made.package.files[made.at("lib/libx.so")].kind == FileKind::regular);
}

TEST_CASE("a stripped file is smaller by what its decision says, loads the same, and the input keeps its bytes") {
  std::vector<std::uint8_t> program = this_program();
  const ElfInfo info = read_elf(program);
  REQUIRE(info.symtab_bytes > 0);
  const std::size_t size = program.size();
  const TestPackage made = MakePackage().elf("bootstrap", info, std::move(program)).make();
  Plan plan = keep_all(made);
  plan.decisions[0].action = Action::strip;
  plan.decisions[0].rule = "strip-symbols";
  plan.decisions[0].saved = 1;
  const Applied applied = apply(made, plan);

  const PackageFile& stripped = applied.package.files[0];
  CHECK(applied.plan.decisions[0].action == Action::strip);
  CHECK(applied.plan.decisions[0].rule == "strip-symbols");
  CHECK(stripped.size() < size);
  CHECK(applied.plan.decisions[0].saved == size - stripped.size());
  CHECK(made.package.files[0].size() == size);
  CHECK(difference_for_loader(made.package.files[0].content.read().value(), stripped.content.read().value()).empty());
}

TEST_CASE("a strip that is not possible becomes a keep with the reason") {
  std::vector<std::uint8_t> program = this_program();
  program.insert(program.end(), 4096, 'x');  // as self-extracting programs append their payload
  const ElfInfo info = read_elf(program);
  const TestPackage made = MakePackage().elf("bootstrap", info, std::move(program)).file("text", "no ELF").make();
  Plan plan = keep_all(made);
  for (Decision& decision : plan.decisions) {
    decision.action = Action::strip;
    decision.saved = 1000;
  }
  const Applied applied = apply(made, plan);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(applied.plan.decisions[i].action == Action::keep);
    CHECK(applied.plan.decisions[i].saved == 0);
    CHECK(applied.plan.decisions[i].reason.starts_with("not stripped: "));
    CHECK(applied.package.files[i].size() == made.package.files[i].size());
  }
}

TEST_CASE("a link whose target is dropped, or that would lead to itself, stays the file it was") {
  const TestPackage made = MakePackage().elf("libx.so").elf("libx.so.1").elf("liby.so").make();
  Plan plan = keep_all(made);
  plan.decisions[made.at("libx.so")].action = Action::link;
  plan.decisions[made.at("libx.so")].link_target = "libx.so.1";
  plan.decisions[made.at("libx.so.1")].action = Action::drop;
  plan.decisions[made.at("liby.so")].action = Action::link;
  plan.decisions[made.at("liby.so")].link_target = "liby.so";
  const Applied applied = apply(made, plan);
  CHECK(paths(applied.package) == std::vector<std::string>{"libx.so", "liby.so"});
  for (const PackageFile& file : applied.package.files) CHECK(file.kind == FileKind::regular);
  CHECK(applied.plan.decisions[made.at("libx.so")].action == Action::keep);
  CHECK(applied.plan.decisions[made.at("libx.so")].saved == 0);
}

TEST_CASE("decisions that the level leaves alone change nothing") {
  const TestPackage made = MakePackage().elf("libx.so").elf("libx.so.1").file("a", "a").make();
  Plan plan = keep_all(made);
  for (Decision& decision : plan.decisions) decision.applied = false;
  plan.decisions[made.at("a")].action = Action::drop;
  plan.decisions[made.at("libx.so")].action = Action::link;
  plan.decisions[made.at("libx.so")].link_target = "libx.so.1";
  plan.decisions[made.at("libx.so.1")].action = Action::strip;
  const Applied applied = apply(made, plan);
  CHECK(paths(applied.package) == paths(made.package));
  for (const PackageFile& file : applied.package.files) CHECK(file.kind == FileKind::regular);
  CHECK(applied.plan.decisions[made.at("a")].action == Action::drop);
}

TEST_CASE("what reading noticed about a dropped file goes with it") {
  TestPackage made = MakePackage().file("a", "a").file("b", "b").make();
  made.package.findings = {
      {.code = "x", .severity = Severity::info, .path = "a", .detail = {}, .message = {}, .help = {}},
      {.code = "x", .severity = Severity::info, .path = "b", .detail = {}, .message = {}, .help = {}},
      {.code = "y", .severity = Severity::info, .path = "", .detail = {}, .message = {}, .help = {}}};
  Plan plan = keep_all(made);
  plan.decisions[made.at("a")].action = Action::drop;
  const Applied applied = apply(made, plan);
  REQUIRE(applied.package.findings.size() == 2);
  CHECK(applied.package.findings[0].path == "b");
}

TEST_CASE("a rewritten file has other first bytes, and is written anew") {
  TestPackage made = MakePackage().file("a.txt", "0123456789").file("b.txt", "0123456789").make();
  for (PackageFile& file : made.package.files) file.packed_size = 7;
  Plan plan = keep_all(made);
  for (Decision& decision : plan.decisions) {
    decision.action = Action::rewrite;
    decision.head = {'A', 'B'};
  }
  plan.decisions[made.at("b.txt")].applied = false;
  const Applied applied = apply(made, plan);
  CHECK(as_text(*applied.package.find("a.txt")->content.read()) == "AB23456789");
  CHECK(applied.package.find("a.txt")->packed_size == 0);
  CHECK(as_text(*applied.package.find("b.txt")->content.read()) == "0123456789");
  CHECK(applied.package.find("b.txt")->packed_size == 7);
}

TEST_CASE("a jar loses what the plan says, is stored where that is smaller, and keeps all else") {
  RawZip zip;
  zip.add(stored("n/Mac/libn.dylib", std::string(300, 'n')));
  std::string common;
  for (unsigned i = 0, x = 1; i < 600; ++i, x = x * 1103515245 + 12345) common += "0123456789abcdef"[x >> 16 & 15];
  for (int i = 0; i < 40; ++i)
    zip.add(deflated("demo/Class" + std::to_string(i) + ".class", common + std::to_string(i)));
  const TestPackage made = MakePackage().file("lib/a.jar", zip.bytes()).file("lib/b.jar", "no zip").make();
  Plan plan = keep_all(made);
  for (const char* path : {"lib/a.jar", "lib/b.jar"}) {
    plan.decisions[made.at(path)].action = Action::rewrite;
    plan.decisions[made.at(path)].rule = "drop-jar-natives";
    plan.decisions[made.at(path)].jar = JarChange{{"n/Mac/libn.dylib"}, true};
  }
  const Applied applied = apply(made, plan);
  const auto bytes = applied.package.files[0].content.read();
  REQUIRE(bytes);
  const auto old = made.package.files[0].content.read();
  REQUIRE(old);
  CHECK(is_rewritten_jar("a.jar", *old, *bytes, {"n/Mac/libn.dylib"}) == true);
  CHECK(deflated_size(*bytes, Level::normal) < deflated_size(*old, Level::normal));
  CHECK(applied.plan.decisions[0].reason.contains("less in the zip"));
  // What cannot be read as a jar stays as it is.
  CHECK(applied.plan.decisions[1].action == Action::keep);
  CHECK(applied.plan.decisions[1].reason.contains("not changed"));
  CHECK(applied.package.files[1].size() == 6);
}

TEST_CASE("a jar that is not smaller stored stays as it is") {
  RawZip zip;
  zip.add(deflated("one/Large.class", std::string(50'000, 'x')));
  const TestPackage made = MakePackage().file("lib/a.jar", zip.bytes()).make();
  Plan plan = keep_all(made);
  plan.decisions[0].action = Action::rewrite;
  plan.decisions[0].jar = JarChange{{}, true};
  const Applied applied = apply(made, plan);
  CHECK(applied.plan.decisions[0].action == Action::keep);
  CHECK(applied.plan.decisions[0].reason.contains("would not get smaller"));
  CHECK(applied.package.files[0].size() == made.package.files[0].size());
}
