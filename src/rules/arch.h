// The two architectures of Lambda, and how others spell them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lambdapack {

enum class Arch { x86_64, arm64 };

std::string_view to_string(Arch arch);                  // "x86_64", "arm64": Lambda's own spelling
std::optional<Arch> parse_arch(std::string_view text);  // also amd64, x64, aarch64
std::uint16_t elf_machine(Arch arch);                   // 62, 183
std::optional<Arch> arch_of_machine(std::uint16_t machine);

}  // namespace lambdapack
