// The order of the search. Each case is also one that the real loader is asked about: tests/e2e/loader_truth.
#include <doctest/doctest.h>

#include "test_package.h"

using namespace lambdapack;

TEST_CASE("a library next to the handler is found on LD_LIBRARY_PATH, and its folder is said") {
  TestPackage files;
  files.elf("app.so", library({"liba.so"})).elf("lib/liba.so", library());
  CHECK(files.edges("app.so") == Lines{"liba.so bundled lib/liba.so [LD_LIBRARY_PATH]"});
  CHECK(files.graph().edges[0].folder == "/var/task/lib");
}

TEST_CASE("RPATH comes before LD_LIBRARY_PATH, RUNPATH after it") {
  TestPackage files;
  files.elf("lib/liba.so", library())
      .elf("own/liba.so", library())
      .elf("rpath.so", with_rpath(library({"liba.so"}), {"$ORIGIN/own"}))
      .elf("runpath.so", with_runpath(library({"liba.so"}), {"$ORIGIN/own"}));
  CHECK(files.edges("rpath.so") == Lines{"liba.so bundled own/liba.so [rpath]"});
  CHECK(files.edges("runpath.so") == Lines{"liba.so bundled lib/liba.so [LD_LIBRARY_PATH]"});
}

TEST_CASE("RUNPATH serves its own object only, RPATH also what that object loads") {
  TestPackage files;
  files.elf("own/libb.so", library()).elf("own/liba.so", library({"libb.so"}));
  TestPackage runpath = files;
  files.elf("app.so", with_rpath(library({"liba.so"}), {"$ORIGIN/own"}));
  runpath.elf("app.so", with_runpath(library({"liba.so"}), {"$ORIGIN/own"}));
  CHECK(files.edges("own/liba.so") == Lines{"libb.so bundled own/libb.so [rpath]"});
  CHECK(runpath.edges("own/liba.so") == Lines{"libb.so missing"});
}

TEST_CASE("a RUNPATH in the object that asks switches off the RPATHs of its loaders too") {
  TestPackage files;
  files.elf("app.so", with_rpath(library({"liba.so"}), {"$ORIGIN/own"}))
      .elf("own/liba.so", with_runpath(library({"libb.so"}), {"$ORIGIN/nothing"}))
      .elf("own/libb.so", library());
  CHECK(files.edges("own/liba.so") == Lines{"libb.so missing"});
}

TEST_CASE("a RUNPATH, even an empty one, switches off the RPATH of the same object") {
  TestPackage files;
  files.elf("app.so", with_runpath(with_rpath(library({"liba.so"}), {"$ORIGIN/own"}), {""}))
      .elf("own/liba.so", library());
  CHECK(files.edges("app.so") == Lines{"liba.so missing"});
}

TEST_CASE("a loader with RUNPATH in the middle of the chain passes on the RPATH above it") {
  TestPackage files;
  files.elf("app.so", with_rpath(library({"liba.so"}), {"$ORIGIN/own"}))
      .elf("own/liba.so", with_runpath(library({"libb.so"}), {"$ORIGIN/"}))
      .elf("own/libb.so", library({"libc1.so"}))
      .elf("own/libc1.so", library());
  CHECK(files.edges("own/libb.so") == Lines{"libc1.so bundled own/libc1.so [rpath]"});
}

TEST_CASE("the runtime's copy wins over the bundled one, which is named") {
  TestPackage files;
  files.elf("app.so", library({"libz.so.1"})).elf("lib/libz.so.1", library());
  CHECK(files.edges("app.so") == Lines{"libz.so.1 shadowed /lib64/libz.so.1 [LD_LIBRARY_PATH] over lib/libz.so.1"});
}

TEST_CASE("the runtime's copy wins over one that RUNPATH would have found") {
  TestPackage files;
  files.elf("app.so", with_runpath(library({"libz.so.1"}), {"$ORIGIN/app.libs"})).elf("app.libs/libz.so.1", library());
  CHECK(files.edges("app.so") ==
        Lines{"libz.so.1 shadowed /lib64/libz.so.1 [LD_LIBRARY_PATH] over app.libs/libz.so.1"});
}

TEST_CASE("a bundled copy found by RPATH wins over the runtime's") {
  TestPackage files;
  files.elf("app.so", with_rpath(library({"libz.so.1"}), {"$ORIGIN/app.libs"})).elf("app.libs/libz.so.1", library());
  CHECK(files.edges("app.so") == Lines{"libz.so.1 bundled app.libs/libz.so.1 [rpath]"});
}

TEST_CASE("a soname that the runtime's process has loaded beats RPATH, but not in a program of the package") {
  TestPackage files;
  files.elf("app.so", with_rpath(library({"libz.so.1"}), {"$ORIGIN/own"}))
      .elf("bootstrap", with_rpath(program({"libz.so.1"}), {"$ORIGIN/own"}))
      .elf("own/libz.so.1", library());
  files.profile.loaded = {"libz.so.1"};
  CHECK(files.edges("app.so") == Lines{"libz.so.1 shadowed /lib64/libz.so.1 [already loaded] over own/libz.so.1"});
  CHECK(files.edges("bootstrap") == Lines{"libz.so.1 bundled own/libz.so.1 [rpath]"});
}

TEST_CASE("a name that something in the same load bears is not searched for") {
  TestPackage files;
  files.elf("app.so", with_rpath(library({"one/libx.so.1.2", "liby.so"}), {"$ORIGIN/two"}))
      .elf("one/libx.so.1.2", with_soname(library(), "libx.so.1"))
      .elf("two/liby.so", library({"libx.so.1"}))
      .elf("two/libx.so.1", library());
  CHECK(files.edges("two/liby.so")[0] == "libx.so.1 bundled one/libx.so.1.2 [already loaded]");
}

TEST_CASE("a library without a soname bears the name that it was asked for with") {
  TestPackage files;
  files.elf("app.so", with_rpath(library({"libx.so", "liby.so"}), {"$ORIGIN/own"}))
      .elf("own/libx.so", library())
      .elf("own/liby.so", with_runpath(library({"libx.so"}), {"$ORIGIN/other"}))
      .elf("own/other/libx.so", library());
  CHECK(files.edges("own/liby.so")[0] == "libx.so bundled own/libx.so [already loaded]");
}

TEST_CASE("folders are searched by file name: a soname alone does not let a file be found") {
  TestPackage files;
  files.elf("app.so", library({"libx.so.1"})).elf("lib/libx-renamed.so", with_soname(library(), "libx.so.1"));
  CHECK(files.edges("app.so") == Lines{"libx.so.1 missing"});
}

TEST_CASE("NODEFLIB leaves out the default folders, and only them") {
  TestPackage files;
  ElfInfo elf = library({"libm.so.6"});
  elf.nodeflib = true;
  files.elf("app.so", elf);
  CHECK(files.edges("app.so") == Lines{"libm.so.6 runtime /lib64/libm.so.6 [LD_LIBRARY_PATH]"});
  files.profile.library_path.clear();
  CHECK(files.edges("app.so") == Lines{"libm.so.6 missing"});
}

TEST_CASE("the loader itself is always there") {
  TestPackage files;
  files.profile.outside.clear();
  files.elf("bootstrap", program({"ld-linux-x86-64.so.2"}));
  CHECK(files.edges("bootstrap") == Lines{"ld-linux-x86-64.so.2 runtime /lib64/ld-linux-x86-64.so.2 [already loaded]"});
}

TEST_CASE("hwcaps subfolders come before the folder itself, best first") {
  TestPackage files;
  files.elf("app.so", library({"liba.so", "libb.so"}))
      .elf("lib/liba.so", library())
      .elf("lib/libb.so", library())
      .elf("lib/glibc-hwcaps/x86-64-v2/liba.so", library())
      .elf("lib/glibc-hwcaps/x86-64-v3/liba.so", library())
      .elf("lib/glibc-hwcaps/x86-64-v4/libb.so", library());
  CHECK(files.edges("app.so") == Lines{"liba.so bundled lib/glibc-hwcaps/x86-64-v3/liba.so [LD_LIBRARY_PATH]",
                                       "libb.so bundled lib/libb.so [LD_LIBRARY_PATH]"});
}

TEST_CASE("what only another processor would load is an edge too") {
  TestPackage files;
  files.profile.other_cpus = {{{"glibc-hwcaps/x86-64-v4", "glibc-hwcaps/x86-64-v3"}, "haswell"}};
  files.elf("app.so", with_rpath(library({"libb.so"}), {"$ORIGIN/$PLATFORM", "$ORIGIN/lib"}))
      .elf("lib/libb.so", library())
      .elf("lib/glibc-hwcaps/x86-64-v4/libb.so", library());
  CHECK(files.edges("app.so") ==
        Lines{"libb.so bundled lib/libb.so [rpath]", "libb.so bundled lib/glibc-hwcaps/x86-64-v4/libb.so [rpath]"});
  files.elf("haswell/libb.so", library());
  CHECK(files.edges("app.so")[1] == "libb.so bundled haswell/libb.so [rpath]");
}
