// A package whose bootstrap is a script that starts a bundled loader, as the packager of aws-lambda-cpp lays it out:
// bootstrap (bash), bin/PROGRAM, lib/* with a C library. It becomes the program as bootstrap where that works.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "elf/inventory.h"
#include "languages/function_target.h"
#include "package/read_package.h"

namespace lambdapack {

struct ScriptLayout {
  std::string loader, library, program;  // paths in the package: "lib/ld-linux-x86-64.so.2", "lib", "bin/echo"
  std::string other_line;                // of the script, that does more than to start the program; empty when none
};

// Nothing when bootstrap is no such script, or names files that are not there.
Result<std::optional<ScriptLayout>> find_script_layout(const Package& package, const Inventory& inventory);

struct Relayout {
  Package package;          // the new layout, or the old one when `obstacle` says why
  std::string obstacle;     // "bin/echo needs GLIBC_2.38 of libc.so.6, …"; empty when it works
  std::uint64_t files = 0;  // that go: the C library's own, and libraries of which the runtime has its own
  std::uint64_t bytes = 0;  // of these, unpacked
};

// With the C library's own parts left out; what else the runtime has is for the plan to drop.
Result<Relayout> relayout_package(const Package& package, const Inventory& inventory, const FunctionTarget& target,
                                  const ScriptLayout& layout, const ReadOptions& options);

}  // namespace lambdapack
