#include "rules/arch.h"

#include <doctest/doctest.h>

using namespace lambdapack;

TEST_CASE("architectures are read in everybody's spelling and written in Lambda's") {
  for (const char* text : {"x86_64", "amd64", "x64", "x86-64"}) CHECK(parse_arch(text) == Arch::x86_64);
  for (const char* text : {"arm64", "aarch64"}) CHECK(parse_arch(text) == Arch::arm64);
  for (const char* text : {"", "arm", "X86_64", "i386", "arm64 "}) CHECK_FALSE(parse_arch(text));
  CHECK(to_string(Arch::x86_64) == "x86_64");
  CHECK(to_string(Arch::arm64) == "arm64");
}

TEST_CASE("architectures have the ELF specification's machine numbers") {
  CHECK(elf_machine(Arch::x86_64) == 62);
  CHECK(elf_machine(Arch::arm64) == 183);
  CHECK(arch_of_machine(62) == Arch::x86_64);
  CHECK(arch_of_machine(183) == Arch::arm64);
  CHECK_FALSE(arch_of_machine(40));
  CHECK_FALSE(arch_of_machine(3));
}
