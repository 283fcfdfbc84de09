#include "test_package.h"

using namespace lambdapack;

using Edges = std::vector<std::string>;

TEST_CASE("layers: the function's copy comes before the layer's, and the layer's is found when there is none") {
  auto both = TestPackage().elf("app.so", library({"libx.so.1"})).elf("/opt/lib/libx.so.1", library());
  CHECK(both.edges("app.so") == Edges{"libx.so.1 bundled /opt/lib/libx.so.1 [LD_LIBRARY_PATH]"});
  both.elf("lib/libx.so.1", library());
  CHECK(both.edges("app.so") == Edges{"libx.so.1 bundled lib/libx.so.1 [LD_LIBRARY_PATH]"});
}

TEST_CASE("layers: what a layer's library needs is found in the function, and its $ORIGIN is its own folder") {
  const auto made = TestPackage()
                        .elf("lib/liby.so.1", library())
                        .elf("/opt/lib/libx.so.1", library({"liby.so.1"}))
                        .elf("/opt/python/x/m.so", with_rpath(library({"libz9.so.1"}), {"$ORIGIN/../x.libs"}))
                        .elf("/opt/python/x.libs/libz9.so.1", library());
  CHECK(made.edges("/opt/lib/libx.so.1") == Edges{"liby.so.1 bundled lib/liby.so.1 [LD_LIBRARY_PATH]"});
  CHECK(made.edges("/opt/python/x/m.so") == Edges{"libz9.so.1 bundled /opt/python/x.libs/libz9.so.1 [rpath]"});
}

TEST_CASE("layers: a library of another machine in a layer is passed over, as in the function") {
  const auto made = TestPackage()
                        .elf("app.so", library({"libx.so.1"}))
                        .elf("/opt/lib/libx.so.1", for_machine(library(), kMachineAArch64));
  CHECK(made.edges("app.so") == Edges{"libx.so.1 missing past /opt/lib/libx.so.1"});
}

TEST_CASE("layers: a link in a layer is found by its name and leads to the layer's file") {
  const auto made = TestPackage()
                        .elf("app.so", library({"libx.so.1"}))
                        .link("/opt/lib/libx.so.1", "libx.so.1.2")
                        .elf("/opt/lib/libx.so.1.2", library());
  CHECK(made.edges("app.so") == Edges{"libx.so.1 bundled /opt/lib/libx.so.1.2 [LD_LIBRARY_PATH]"});
}

TEST_CASE("layers: the bootstrap of a layer is the process in which libraries are opened") {
  auto made = TestPackage()
                  .elf("/opt/bootstrap", with_rpath(program({}), {"$ORIGIN/own"}))
                  .elf("/opt/own/libx.so.1", library())
                  .elf("app.so", library({"libx.so.1"}));
  made.profile.bootstraps = {"/var/task/bootstrap", "/opt/bootstrap"};
  CHECK(made.edges("app.so").front() == "libx.so.1 bundled /opt/own/libx.so.1 [rpath]");
}
