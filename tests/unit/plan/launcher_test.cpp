#include "plan/launcher.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "elf/read_elf.h"

using namespace lambdapack;

TEST_CASE("launcher: a static program below 4 KB for each architecture") {
  for (const Arch arch : {Arch::x86_64, Arch::arm64}) {
    const ElfInfo elf = read_elf(launcher_program(arch));
    CHECK(elf.machine == elf_machine(arch));
    CHECK(elf.is_static);
    CHECK(elf.type == ElfType::executable);
    CHECK(elf.file_size < 4096);
    CHECK(elf.problems.empty());
  }
}

TEST_CASE("make_launcher: writes the paths into it and changes nothing else of its size") {
  const auto launcher = make_launcher(Arch::arm64, {"lib/ld-linux-aarch64.so.1", "lib", "bin/function", true});
  REQUIRE(launcher);
  CHECK(launcher->size() == launcher_program(Arch::arm64).size());
  for (const std::string_view text : {"lib/ld-linux-aarch64.so.1", "bin/function"})
    CHECK(as_text(*launcher).contains(text));
}

TEST_CASE("make_launcher: a path that does not fit is an error") {
  CHECK(make_launcher(Arch::x86_64, {"lib/ld", "lib", std::string(255, 'x'), false}));
  CHECK_FALSE(make_launcher(Arch::x86_64, {"lib/ld", "lib", std::string(256, 'x'), false}));
}
