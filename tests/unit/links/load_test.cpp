// Whole loads: cycles, several loaders, filters, LD_PRELOAD; and what is read off the finished graph.
#include <doctest/doctest.h>

#include "test_package.h"

using namespace lambdapack;

TEST_CASE("libraries that need each other are each loaded once") {
  TestPackage files;
  files.elf("lib/liba.so", library({"libb.so"})).elf("lib/libb.so", library({"liba.so", "libb.so"}));
  CHECK(files.edges("lib/liba.so") == Lines{"libb.so bundled lib/libb.so [LD_LIBRARY_PATH]"});
  CHECK(files.edges("lib/libb.so") ==
        Lines{"liba.so bundled lib/liba.so [LD_LIBRARY_PATH]", "libb.so bundled lib/libb.so [LD_LIBRARY_PATH]"});
}

TEST_CASE("a library with two loaders has an edge for each that answers differently, in path order") {
  TestPackage files;
  files.elf("a/app.so", with_rpath(library({"libshared.so"}), {"$ORIGIN/own", "$ORIGIN/../common"}))
      .elf("b/app.so", with_rpath(library({"libshared.so"}), {"$ORIGIN/own", "$ORIGIN/../common"}))
      .elf("a/own/libx.so", library())
      .elf("b/own/libx.so", library())
      .elf("common/libshared.so", library({"libx.so"}));
  CHECK(files.edges("common/libshared.so") ==
        Lines{"libx.so bundled a/own/libx.so [rpath]", "libx.so bundled b/own/libx.so [rpath]"});
}

TEST_CASE("a library that works only below its loader is not called broken") {
  TestPackage files;
  files.elf("app.so", with_rpath(library({"liba.so"}), {"$ORIGIN/own"}))
      .elf("own/liba.so", library({"libb.so"}))
      .elf("own/libb.so", library());
  CHECK(files.edges("own/liba.so") == Lines{"libb.so bundled own/libb.so [rpath]"});
}

TEST_CASE("a plugin that fails when opened on its own is called broken although another file's load saves it") {
  TestPackage files;
  ElfInfo plugin = library({"libb.so"});
  plugin.entry_points = {"PyInit_plugin"};
  files.elf("app.so", with_rpath(library({"plugin.so"}), {"$ORIGIN/own"}))
      .elf("own/plugin.so", plugin)
      .elf("own/libb.so", library());
  CHECK(files.edges("own/plugin.so") == Lines{"libb.so bundled own/libb.so [rpath]", "libb.so missing"});
}

TEST_CASE("filters must be there, auxiliaries need not") {
  TestPackage files;
  ElfInfo elf = library({"liba.so"});
  elf.filters = {"libf.so"};
  elf.auxiliaries = {"libx.so", "$ORIGIN/own/liby.so"};
  files.elf("app.so", elf).elf("liba.so", library()).elf("own/liby.so", library());
  CHECK(files.edges("app.so") == Lines{"liba.so bundled liba.so [LD_LIBRARY_PATH]", "libf.so missing",
                                       "libx.so missing",
                                       "$ORIGIN/own/liby.so bundled own/liby.so [path in the name]"});
  const LinkGraph graph = files.graph();
  const auto edges = edges_of(graph, files.index("app.so"));
  CHECK_FALSE(edges[1].optional);
  CHECK(edges[2].optional);
}

TEST_CASE("a filter's target comes before it in the order of symbols, and its needs before the filter's siblings'") {
  TestPackage files;
  ElfInfo filter = library();
  filter.filters = {"libtarget.so"};
  files.elf("app.so", library({"libfilter.so", "libother.so"}))
      .elf("libfilter.so", filter)
      .elf("libother.so", library({"libsecond.so"}))
      .elf("libtarget.so", library({"libfirst.so"}))
      .elf("libfirst.so", library())
      .elf("libsecond.so", library());
  const LoadTrace trace =
      trace_load(files.package(), files.inventory(), files.profile, files.mount, files.index("app.so"));
  Lines order;
  for (const LoadedObject& object : trace.objects) order.push_back(object.path);
  CHECK(order == Lines{"/var/task/app.so", "/var/task/libtarget.so", "/var/task/libfilter.so", "/var/task/libother.so",
                       "/var/task/libfirst.so", "/var/task/libsecond.so"});
}

TEST_CASE("LD_PRELOAD is loaded first, into the runtime's process and into programs") {
  TestPackage files;
  files.profile.preload = {"/var/task/own/libx.so.1", "libgone.so"};
  files.elf("app.so", library({"libx.so"}))
      .elf("bootstrap", program({"libx.so"}))
      .elf("own/libx.so.1", with_soname(library({"liby.so"}), "libx.so"))
      .elf("lib/libx.so", library())
      .elf("lib/liby.so", library());
  const LinkGraph graph = files.graph();
  REQUIRE(graph.preloads.size() == 2);
  CHECK(files.describe(graph.preloads[0]) == "/var/task/own/libx.so.1 bundled own/libx.so.1 [LD_PRELOAD]");
  CHECK(files.describe(graph.preloads[1]) == "libgone.so missing [LD_PRELOAD]");
  CHECK(files.edges("app.so") == Lines{"libx.so bundled own/libx.so.1 [already loaded]"});
  CHECK(files.edges("bootstrap") == Lines{"libx.so bundled own/libx.so.1 [already loaded]",
                                          "/var/task/own/libx.so.1 bundled own/libx.so.1 [LD_PRELOAD]",
                                          "libgone.so missing [LD_PRELOAD]"});
}

TEST_CASE("libraries are opened in the process of a bootstrap that the package brings: its RPATH serves them") {
  TestPackage files;
  files.profile.bootstraps = {"/var/task/bootstrap", "/opt/bootstrap"};
  files.elf("bootstrap", with_rpath(program({"libx.so"}), {"$ORIGIN/own"}))
      .elf("plugin.so", library({"libp.so", "libx.so", "libgone.so"}))
      .elf("own/libp.so", library())
      .elf("own/libx.so", library())
      .elf("lib/libx.so", library());
  // The second answer is that of any other process that opens the plugin.
  CHECK(files.edges("plugin.so") == Lines{"libp.so bundled own/libp.so [rpath]",
                                          "libx.so bundled own/libx.so [already loaded]",
                                          "libx.so bundled lib/libx.so [LD_LIBRARY_PATH]", "libgone.so missing"});
}

TEST_CASE("a bootstrap that is a script says nothing about the process") {
  TestPackage files;
  files.profile.bootstraps = {"/var/task/bootstrap", "/var/task/other"};
  files.text("bootstrap")
      .elf("other", with_rpath(program({}), {"$ORIGIN/own"}))
      .elf("plugin.so", library({"libp.so"}))
      .elf("own/libp.so", library());
  CHECK(files.edges("plugin.so") == Lines{"libp.so missing"});
}

TEST_CASE("what is known of libraries outside takes part in the load") {
  TestPackage files;
  files.profile.outside_elf["/lib64/libz.so.1"] = with_soname(library({"libm.so.6"}), "libz.so.1");
  files.profile.outside_elf["/lib64/libm.so.6"] = for_machine(library(), kMachineAArch64);
  files.elf("app.so", library({"libz.so.1", "libm.so.6"})).elf("lib/libm.so.6", library());
  files.profile.outside["/usr/lib64"].clear();
  CHECK(files.edges("app.so") == Lines{"libz.so.1 runtime /lib64/libz.so.1 [LD_LIBRARY_PATH]",
                                       "libm.so.6 bundled lib/libm.so.6 [LD_LIBRARY_PATH] past /lib64/libm.so.6"});
}

TEST_CASE("files of another machine and objects for the linker have no edges") {
  TestPackage files;
  ElfInfo object = library({"liba.so"});
  object.type = ElfType::relocatable;
  files.elf("arm.so", for_machine(library({"liba.so"}), kMachineAArch64)).elf("object.o", object).text("app.py");
  CHECK(files.graph().edges.empty());
  CHECK(files.graph().first == std::vector<std::size_t>(4, 0));
}

TEST_CASE("edges_of of a file that is not in the graph is empty") {
  CHECK(edges_of(LinkGraph{}, 0).empty());
  TestPackage files;
  files.elf("app.so", library({"liba.so"}));
  CHECK(edges_of(files.graph(), 1).empty());
}

TEST_CASE("missing_versions finds a need by the soname too, when the needed entry is a path") {
  TestPackage files;
  ElfInfo app = library({"/var/task/own/foo.so"});
  app.versions_needed = {{"libfoo.so.1", "FOO_2", false}};
  files.elf("app.so", app).elf("own/foo.so", with_soname(library(), "libfoo.so.1"));
  CHECK(missing_versions(files.inventory(), files.graph().edges[0]).versions.size() == 1);
}

TEST_CASE("missing_versions names the versions that the bundled library does not define") {
  TestPackage files;
  ElfInfo app = library({"libfoo.so.1"}), foo = library();
  app.versions_needed = {
      {"libbar.so.1", "BAR_9", false}, {"libfoo.so.1", "FOO_1", false}, {"libfoo.so.1", "FOO_2", true}};
  foo.versions_defined = {"FOO_1"};
  files.elf("app.so", app).elf("lib/libfoo.so.1", foo);
  LinkGraph graph = files.graph();
  MissingVersions missing = missing_versions(files.inventory(), graph.edges[0]);
  CHECK(missing.versions == std::vector<VersionNeed>{{"libfoo.so.1", "FOO_2", true}});
  CHECK_FALSE(missing.untagged);

  TestPackage untagged;
  untagged.elf("app.so", app).elf("lib/libfoo.so.1", library());
  graph = untagged.graph();
  missing = missing_versions(untagged.inventory(), graph.edges[0]);
  CHECK(missing.versions.size() == 2);
  CHECK(missing.untagged);
}

TEST_CASE("thousands of entangled libraries end in an incomplete graph, not in a hang") {
  TestPackage files;
  Lines names;
  for (int i = 0; i < 1500; ++i) names.push_back("lib" + std::to_string(i) + ".so");
  for (int i = 0; i < 1500; ++i)
    files.elf(names[static_cast<std::size_t>(i)], library({names.begin() + i % 1490, names.begin() + i % 1490 + 10}));
  const LinkGraph graph = files.graph();
  CHECK_FALSE(graph.complete);
  CHECK(graph.edges.size() >= 15000);
}
