// What is reached, and how sure it is that the rest is not.
#include <doctest/doctest.h>

#include "plan/fake_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

const UnusedFile* unused(const Reach& reach, std::size_t file) {
  for (const UnusedFile& entry : reach.unused) {
    if (entry.file == file) return &entry;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("a library that bootstrap needs is reached, and one that nothing needs is likely unused") {
  FakeFunction f;
  f.elf("bootstrap", executable({"libused.so.1"}))
      .elf("lib/libused.so.1", library("libused.so.1"))
      .elf("lib/libidle.so.1", library("libidle.so.1"))
      .done();
  const Reach reach = f.reach();
  CHECK(reach.steps[f.at("lib/libused.so.1")].kind == ReachKind::needed);
  CHECK(reach.steps[f.at("lib/libused.so.1")].from == f.at("bootstrap"));
  REQUIRE(unused(reach, f.at("lib/libidle.so.1")) != nullptr);
  CHECK(unused(reach, f.at("lib/libidle.so.1"))->confidence == Confidence::likely);
  CHECK(unused(reach, f.at("lib/libidle.so.1"))->rule == "drop-unused-library");
}

TEST_CASE("a library's name or stem in the mapped bytes of a reached file keeps it") {
  FakeFunction by_name, by_stem;
  by_name.elf("bootstrap", executable(), "open libplug.so.2 now")
      .elf("lib/libplug.so.2", library("libplug.so.2"))
      .done();
  by_stem.elf("bootstrap", executable(), "backend=plug;").elf("lib/libplug.so.2", library("libplug.so.2")).done();
  CHECK(by_name.reach().steps[by_name.at("lib/libplug.so.2")].kind == ReachKind::evidence);
  CHECK(by_stem.reach().steps[by_stem.at("lib/libplug.so.2")].kind == ReachKind::evidence);
}

TEST_CASE("a name that only stands in bytes the loader does not map is no evidence") {
  FakeFunction f;
  f.elf("bootstrap", executable(), "xxxxlibplug.so.2").elf("lib/libplug.so.2", library("libplug.so.2")).done();
  f.inventory.files[f.at("bootstrap")].elf->segments[0].file_size = 6;
  CHECK(unused(f.reach(), f.at("lib/libplug.so.2")) != nullptr);
}

TEST_CASE("what a library reached by evidence names is reached too") {
  FakeFunction f;
  f.elf("bootstrap", executable(), "loads libfirst.so")
      .elf("lib/libfirst.so", library("libfirst.so"), "then libsecond.so")
      .elf("lib/libsecond.so", library("libsecond.so"))
      .done();
  CHECK(f.reach().unused.empty());
}

TEST_CASE("an opener without a rule makes unused libraries only possible, and names itself") {
  FakeFunction f;
  ElfInfo opener = executable();
  opener.calls_dlopen = true;
  f.elf("bootstrap", opener).elf("lib/libidle.so.1", library("libidle.so.1"), "12345").done();
  const Reach reach = f.reach();
  REQUIRE(unused(reach, f.at("lib/libidle.so.1")) != nullptr);
  CHECK(unused(reach, f.at("lib/libidle.so.1"))->confidence == Confidence::possible);
  CHECK(reach.unknown_openers == std::vector<std::size_t>{f.at("bootstrap")});
  CHECK(reach.waiting_bytes == f.package.files[f.at("lib/libidle.so.1")].size());
}

TEST_CASE("a known opener reaches what its rule lists and leaves the rest unused") {
  FakeFunction f;
  ElfInfo opener = library("libopen.so.1");
  opener.calls_dlopen = true;
  f.rules.rules.push_back(opener_rule("opener-test", {"libopen.so*"}, {"plugins/*.so"}));
  f.elf("bootstrap", executable({"libopen.so.1"}))
      .elf("lib/libopen.so.1", opener)
      .elf("plugins/a-one.so", library(""))
      .elf("lib/libidle.so.1", library("libidle.so.1"))
      .done();
  const Reach reach = f.reach();
  CHECK(reach.steps[f.at("plugins/a-one.so")].kind == ReachKind::evidence);
  REQUIRE(unused(reach, f.at("lib/libidle.so.1")) != nullptr);
  CHECK(unused(reach, f.at("lib/libidle.so.1"))->confidence == Confidence::likely);
}

TEST_CASE("a script that uses ctypes is an unknown opener") {
  FakeFunction f;
  f.text("app.py", "import ctypes\nctypes.CDLL(name)\n").elf("lib/libidle.so.1", library("libidle.so.1")).done();
  const Reach reach = f.reach();
  REQUIRE(unused(reach, f.at("lib/libidle.so.1")) != nullptr);
  CHECK(unused(reach, f.at("lib/libidle.so.1"))->confidence == Confidence::possible);
}

TEST_CASE("a library with a plugin entry point is only possibly unused") {
  FakeFunction f;
  Rule plugin;
  plugin.id = "plugin-test";
  plugin.kind = RuleKind::plugin_entry;
  plugin.symbols = {"JNI_OnLoad"};
  f.rules.rules.push_back(plugin);
  ElfInfo jni = library("libjni.so");
  jni.entry_points = {"JNI_OnLoad"};
  f.elf("bootstrap", executable()).elf("lib/libjni.so", jni).done();
  REQUIRE(unused(f.reach(), f.at("lib/libjni.so")) != nullptr);
  CHECK(unused(f.reach(), f.at("lib/libjni.so"))->confidence == Confidence::possible);
}

TEST_CASE("what a possibly used library needs is no surer to be unused than the library itself") {
  FakeFunction f;
  ElfInfo plugin = library("libplugin.so", {"libdeep.so.1"});
  plugin.entry_points = {"JNI_OnLoad"};
  Rule rule;
  rule.id = "plugin-test";
  rule.kind = RuleKind::plugin_entry;
  rule.symbols = {"JNI_OnLoad"};
  f.rules.rules.push_back(rule);
  f.elf("bootstrap", executable())
      .elf("lib/libplugin.so", plugin)
      .elf("lib/libdeep.so.1", library("libdeep.so.1"))
      .done();
  REQUIRE(unused(f.reach(), f.at("lib/libdeep.so.1")) != nullptr);
  CHECK(unused(f.reach(), f.at("lib/libdeep.so.1"))->confidence == Confidence::possible);
}

TEST_CASE("a library that the runtime shadows is likely dead, unless the package touches the search path") {
  FakeFunction plain, wrapper;
  plain.elf("bootstrap", executable({"libz.so.1"})).elf("lib/libz.so.1", library("libz.so.1")).done();
  wrapper.text("bootstrap", "#!/bin/sh\nLD_LIBRARY_PATH=$LAMBDA_TASK_ROOT/lib exec ./main\n", 0755)
      .elf("main", executable({"libz.so.1"}))
      .elf("lib/libz.so.1", library("libz.so.1"))
      .done();
  REQUIRE(unused(plain.reach(), plain.at("lib/libz.so.1")) != nullptr);
  CHECK(unused(plain.reach(), plain.at("lib/libz.so.1"))->rule == "drop-shadowed-library");
  CHECK(unused(plain.reach(), plain.at("lib/libz.so.1"))->confidence == Confidence::likely);
  REQUIRE(unused(wrapper.reach(), wrapper.at("lib/libz.so.1")) != nullptr);
  CHECK(unused(wrapper.reach(), wrapper.at("lib/libz.so.1"))->confidence == Confidence::possible);
}

TEST_CASE("a shadowed library that a kept file names by path is only possibly dead") {
  FakeFunction f;
  f.elf("bootstrap", executable({"libz.so.1"}), "/var/task/lib/libz.so.1")
      .elf("lib/libz.so.1", library("libz.so.1"))
      .done();
  REQUIRE(unused(f.reach(), f.at("lib/libz.so.1")) != nullptr);
  CHECK(unused(f.reach(), f.at("lib/libz.so.1"))->confidence == Confidence::possible);
}

TEST_CASE("in a layer every file is a root") {
  FakeFunction f;
  f.target.is_layer = true;
  f.elf("lib/libidle.so.1", library("libidle.so.1")).done();
  CHECK(f.reach().unused.empty());
}

TEST_CASE("--keep makes a library a root, and what it needs is reached") {
  FakeFunction f;
  f.options.keep = {"lib/libmine.so"};
  f.elf("bootstrap", executable())
      .elf("lib/libmine.so", library("libmine.so", {"libdeep.so.1"}))
      .elf("lib/libdeep.so.1", library("libdeep.so.1"))
      .done();
  CHECK(f.reach().unused.empty());
}

TEST_CASE("an extension module is a root only for the interpreter whose tag it carries") {
  FakeFunction f;
  f.target.runtime.family = "python";
  f.target.runtime.python_tag = "cp312";
  ElfInfo module = library("");
  module.entry_points = {"PyInit_fast"};
  f.elf("fast.cpython-312-x86_64-linux-gnu.so", module).elf("fast.cpython-310-x86_64-linux-gnu.so", module).done();
  const Reach reach = f.reach();
  CHECK(reach.steps[f.at("fast.cpython-312-x86_64-linux-gnu.so")].kind == ReachKind::root);
  CHECK(reach.steps[f.at("fast.cpython-310-x86_64-linux-gnu.so")].kind != ReachKind::root);
}

TEST_CASE("LD_PRELOAD in --env reaches the library that it names") {
  FakeFunction f;
  f.env["LD_PRELOAD"] = "/var/task/lib/libhook.so";
  f.elf("bootstrap", executable()).elf("lib/libhook.so", library("libhook.so")).done();
  CHECK(f.reach().steps[f.at("lib/libhook.so")].kind == ReachKind::root);
}

TEST_CASE("when not every chain of loaders was followed, nothing is more than possibly unused") {
  FakeFunction f;
  f.elf("bootstrap", executable())
      .elf("lib/libidle.so.1", library("libidle.so.1"))
      .elf("lib/libz.so.1", library("libz.so.1"))
      .done();
  f.links.complete = false;
  for (const UnusedFile& entry : f.reach().unused) CHECK(entry.confidence == Confidence::possible);
  CHECK(f.reach().unused.size() == 2);
}
