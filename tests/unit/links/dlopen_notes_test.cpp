// .note.dlopen: each soname is looked for as dlopen by that file would.
#include <doctest/doctest.h>

#include "test_package.h"

using namespace lambdapack;

namespace {

ElfInfo opening(ElfInfo elf, std::vector<std::string> sonames, std::string priority = "recommended") {
  elf.dlopen_notes.push_back({std::move(sonames), "feature", std::move(priority)});
  return elf;
}

std::vector<std::string> opens(const TestPackage& files) {
  const Package package = files.package();
  std::vector<std::string> lines;
  for (const OpenedName& name : files.graph().opens) {
    std::string line = package.files[name.from].path + " " + name.soname + " " + std::string(to_string(name.state));
    if (name.target) line += " " + package.files[*name.target].path;
    if (!name.outside.empty()) line += " " + name.outside;
    lines.push_back(line + " [" + std::string(to_string(name.how)) + "]");
  }
  return lines;
}

}  // namespace

TEST_CASE("a soname of a note is found by RUNPATH, on LD_LIBRARY_PATH, in the runtime, or not") {
  TestPackage files;
  files
      .elf("app.so",
           opening(with_runpath(library(), {"$ORIGIN/own"}), {"liba.so.1", "libb.so.1", "libz.so.1", "no.so"}))
      .elf("own/liba.so.1", library())
      .elf("lib/libb.so.1", library());
  CHECK(opens(files) == Lines{"app.so liba.so.1 bundled own/liba.so.1 [runpath]",
                              "app.so libb.so.1 bundled lib/libb.so.1 [LD_LIBRARY_PATH]",
                              "app.so libz.so.1 runtime /lib64/libz.so.1 [LD_LIBRARY_PATH]",
                              "app.so no.so missing [none]"});
}

TEST_CASE("a soname that the runtime's process has loaded is not searched for by a library, but by a program") {
  TestPackage files;
  files.profile.loaded = {"libq.so.1"};
  files.elf("app.so", opening(library(), {"libq.so.1"}))
      .elf("tool", opening(program({}), {"libq.so.1"}))
      .elf("lib/libq.so.1", library());
  const Lines lines = opens(files);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("app.so libq.so.1 runtime "));
  CHECK(lines[1] == "tool libq.so.1 bundled lib/libq.so.1 [LD_LIBRARY_PATH]");
}

TEST_CASE("a file of another machine opens nothing here") {
  TestPackage files;
  files.elf("app.so", opening(for_machine(library(), kMachineAArch64), {"liba.so.1"})).elf("lib/liba.so.1", library());
  CHECK(opens(files).empty());
}

TEST_CASE("a program that is spawned starts a process of its own: what the runtime's has loaded does not count") {
  TestPackage files;
  files.profile.loaded = {"libstdc++.so.6"};
  files.elf("bin/tool", with_runpath(program({"libstdc++.so.6"}), {"$ORIGIN/../lib"}))
      .elf("lib/libstdc++.so.6", library())
      .elf("addon.so", library({"libstdc++.so.6"}));
  CHECK(files.edges("bin/tool") == Lines{"libstdc++.so.6 bundled lib/libstdc++.so.6 [LD_LIBRARY_PATH]"});
  CHECK(files.edges("addon.so") != Lines{"libstdc++.so.6 bundled lib/libstdc++.so.6 [LD_LIBRARY_PATH]"});
}
