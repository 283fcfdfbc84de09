// The spellings of the two architectures: AWS's, the ELF specification's numbers, and those of uname, Go, Node and
// Debian.
#include "rules/arch.h"

#include "elf/elf_info.h"

namespace lambdapack {

std::string_view to_string(Arch arch) {
  return arch == Arch::arm64 ? "arm64" : "x86_64";
}

std::optional<Arch> parse_arch(std::string_view text) {
  if (text == "x86_64" || text == "x86-64" || text == "amd64" || text == "x64") return Arch::x86_64;
  if (text == "arm64" || text == "aarch64") return Arch::arm64;
  return std::nullopt;
}

std::uint16_t elf_machine(Arch arch) {
  return arch == Arch::arm64 ? kMachineAArch64 : kMachineX86_64;
}

std::optional<Arch> arch_of_machine(std::uint16_t machine) {
  if (machine == kMachineX86_64) return Arch::x86_64;
  if (machine == kMachineAArch64) return Arch::arm64;
  return std::nullopt;
}

}  // namespace lambdapack
