// What makes a file on the search path be taken, passed over, or stop the loader; and how paths are walked.
#include <doctest/doctest.h>

#include "test_package.h"

using namespace lambdapack;

TEST_CASE("candidates of another machine or class are passed over and named") {
  TestPackage files;
  ElfInfo narrow = for_machine(library(), kMachine386);
  narrow.is64 = false;
  files.elf("app.so", with_rpath(library({"liba.so"}), {"$ORIGIN/arm", "$ORIGIN/old", "$ORIGIN/own"}))
      .elf("arm/liba.so", for_machine(library(), kMachineAArch64))
      .elf("old/liba.so", narrow)
      .elf("own/liba.so", library());
  CHECK(files.edges("app.so") == Lines{"liba.so bundled own/liba.so [rpath] past arm/liba.so past old/liba.so"});
}

TEST_CASE("a candidate that is no ELF file stops the search, whatever comes after it") {
  TestPackage files;
  files.elf("app.so", with_rpath(library({"liba.so"}), {"$ORIGIN/bad", "$ORIGIN/own"}))
      .text("bad/liba.so")
      .elf("own/liba.so", library());
  CHECK(files.edges("app.so") == Lines{"liba.so fatal bad/liba.so [rpath]"});
}

TEST_CASE("programs, files without a dynamic section, broken ones and foreign ABIs are refused, not passed over") {
  ElfInfo fixed = library(), position_independent = library(), no_dynamic = library(), broken = library(),
          freebsd = library();
  fixed.type = ElfType::executable;
  position_independent.pie = true;
  no_dynamic.has_dynamic = false;
  broken.problems = {{"elf-truncated", "", true}};
  freebsd.os_abi = 9;
  for (const ElfInfo& elf : {fixed, position_independent, no_dynamic, broken, freebsd}) {
    TestPackage files;
    files.elf("app.so", library({"liba.so"})).elf("liba.so", elf).elf("lib/liba.so", library());
    CHECK(files.edges("app.so") == Lines{"liba.so fatal liba.so [LD_LIBRARY_PATH]"});
  }
}

TEST_CASE("glibc before 2.30 takes a position-independent executable as a library") {
  TestPackage files;
  ElfInfo pie = library();
  pie.pie = true;
  files.elf("app.so", library({"liba.so"})).elf("liba.so", pie);
  files.profile.refuses_pie = false;
  CHECK(files.edges("app.so") == Lines{"liba.so bundled liba.so [LD_LIBRARY_PATH]"});
}

TEST_CASE("a folder with the needed name stops the loader, which cannot read it") {
  TestPackage files;
  files.elf("app.so", library({"liba.so"})).elf("liba.so/inner.so", library()).elf("lib/liba.so", library());
  CHECK(files.edges("app.so") == Lines{"liba.so fatal [LD_LIBRARY_PATH]"});
}

TEST_CASE("links are followed, also of folders, also absolute ones that come back") {
  TestPackage files;
  files.elf("app.so", with_rpath(library({"liba.so", "libb.so", "libc1.so"}), {"$ORIGIN/linked"}))
      .link("linked", "store/current")
      .link("store/current", "/var/task/store/v2")
      .link("store/v2/liba.so", "liba.so.1")
      .elf("store/v2/liba.so.1", library())
      .link("store/v2/libb.so", "../../lib/libb.so.1")
      .elf("lib/libb.so.1", library())
      .link("store/v2/libc1.so", "/lib64/libz.so.1");
  CHECK(files.edges("app.so") == Lines{"liba.so bundled store/v2/liba.so.1 [rpath]",
                                       "libb.so bundled lib/libb.so.1 [rpath]",
                                       "libc1.so runtime /var/task/store/v2/libc1.so [rpath]"});
}

TEST_CASE("$ORIGIN is the folder of the path that was opened, not of the file that a link led to") {
  TestPackage files;
  files.elf("app.so", with_rpath(library({"liba.so"}), {"$ORIGIN/links"}))
      .link("links/liba.so", "../real/liba.so.1")
      .elf("real/liba.so.1", with_runpath(library({"libb.so"}), {"$ORIGIN"}))
      .elf("links/libb.so", library())
      .elf("real/libb.so", library());
  // As app.so loads it, then as the file would be opened on its own.
  CHECK(files.edges("real/liba.so.1") ==
        Lines{"libb.so bundled links/libb.so [runpath]", "libb.so bundled real/libb.so [runpath]"});
}

TEST_CASE("a link in another folder is a way to open a library; it adds edges and no complaint") {
  TestPackage files;
  files.link("package/module.so", "../store/module.so")
      .elf("store/module.so", with_runpath(library({"liba.so", "libb.so"}), {"$ORIGIN/deps"}))
      .elf("package/deps/liba.so", library())
      .elf("store/deps/libb.so", library())
      .elf("store/deps/liba.so", library());
  CHECK(files.edges("store/module.so") == Lines{"liba.so bundled store/deps/liba.so [runpath]",
                                                "liba.so bundled package/deps/liba.so [runpath]",
                                                "libb.so bundled store/deps/libb.so [runpath]"});
}

TEST_CASE("an endless link ends only the list of folders it is in") {
  TestPackage files;
  files.elf("app.so", with_rpath(library({"liba.so"}), {"$ORIGIN/loop", "$ORIGIN/own"}))
      .link("loop/liba.so", "liba.so")
      .elf("own/liba.so", library())
      .elf("lib/liba.so", library());
  CHECK(files.edges("app.so") == Lines{"liba.so bundled lib/liba.so [LD_LIBRARY_PATH]"});
}

TEST_CASE("a needed name with a slash is a path, relative to the working folder") {
  TestPackage files;
  files.elf("deep/app.so", library({"lib/liba.so", "./gone.so", "/lib64/libz.so.1", "$ORIGIN/../lib/libb.so"}))
      .elf("lib/liba.so", library())
      .elf("lib/libb.so", library());
  CHECK(files.edges("deep/app.so") == Lines{"lib/liba.so bundled lib/liba.so [path in the name]", "./gone.so missing",
                                            "/lib64/libz.so.1 runtime /lib64/libz.so.1 [path in the name]",
                                            "$ORIGIN/../lib/libb.so bundled lib/libb.so [path in the name]"});
}

TEST_CASE("empty entries of a search path are the working folder, an empty path is none") {
  TestPackage files;
  files.profile.library_path.clear();
  files.elf("deep/with.so", with_rpath(library({"liba.so"}), {"/nowhere", ""}))
      .elf("deep/without.so", with_rpath(library({"liba.so"}), {""}))
      .elf("liba.so", library());
  CHECK(files.edges("deep/with.so") == Lines{"liba.so bundled liba.so [rpath]"});
  CHECK(files.edges("deep/without.so") == Lines{"liba.so missing"});
}

TEST_CASE("tokens expand as $NAME and ${NAME}, in search paths and in needed names") {
  TestPackage files;
  files
      .elf("app.so",
           with_rpath(library({"liba.so", "lib-$PLATFORM.so"}), {"${ORIGIN}/$LIB", "$ORIGIN-libs", "$ORIGINAL/lib"}))
      .elf("lib64/liba.so", library())
      .elf("lib64/lib-x86_64.so", library());
  CHECK(files.edges("app.so") ==
        Lines{"liba.so bundled lib64/liba.so [rpath]", "lib-$PLATFORM.so bundled lib64/lib-x86_64.so [rpath]"});
}

TEST_CASE("a part of a search path that does not exist ends it, even when .. follows") {
  TestPackage files;
  files.elf("app.so", with_rpath(library({"liba.so"}), {"$ORIGIN/gone/../own"})).elf("own/liba.so", library());
  CHECK(files.edges("app.so") == Lines{"liba.so missing"});
}

TEST_CASE("a layer lies at /opt, and the function's folders are outside of it") {
  TestPackage files;
  files.mount.folder = "/opt";
  files.profile.outside["/var/task/lib"] = {"liba.so"};
  files.elf("python/app.so", library({"liba.so", "libb.so"}))
      .elf("lib/liba.so", library())
      .elf("lib/libb.so", library());
  CHECK(files.edges("python/app.so") ==
        Lines{"liba.so shadowed /var/task/lib/liba.so [LD_LIBRARY_PATH] over lib/liba.so",
              "libb.so bundled lib/libb.so [LD_LIBRARY_PATH]"});
}
