// What to type to get the build of a package for the function's architecture.
#pragma once

#include <string>
#include <string_view>

#include "elf/elf_info.h"
#include "languages/function_target.h"
#include "languages/language_view.h"
#include "rules/rules.h"

namespace lambdapack {

// "pip install --platform manylinux2014_aarch64 … numpy==2.1.0"; or, when a rule says that this version has no arm64
// build, since which one there is.
std::string python_build_hint(const Distribution& distribution, const FunctionTarget& target, const Rules& rules);

// "npm install --os=linux --cpu=arm64 …".
std::string npm_build_hint(const NodePackage& package, const FunctionTarget& target, const Rules& rules);

// Compiler flags, by what the binary was written in.
std::string program_build_hint(const ElfInfo& elf, Arch arch);

// Whether the name of an npm package says that it is native code for glibc Linux on `arch`: "@img/sharp-linux-arm64",
// "@swc/core-linux-x64-gnu", "@esbuild/linux-arm64".
bool is_platform_package(std::string_view name, Arch arch);

// "1.19.0" when version is older than the first release with an arm64 build; "" when it is not, or nothing is known.
std::string first_arm64_release(const Rules& rules, std::string_view ecosystem, std::string_view name,
                                std::string_view version);

}  // namespace lambdapack
