// ELF files and archives that no loader takes: object files, static archives, separate debug info, core dumps. They
// come along from build folders (node-gyp's obj.target, wheels with .a files) and are dead weight in a function.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "elf/inventory.h"
#include "package/package.h"
#include "plan/text_search.h"
#include "rules/rules.h"

namespace lambdapack {

struct NotLoadable {
  std::size_t file = 0;
  Confidence confidence = Confidence::likely;
  std::string reason;  // "an object file, which only a linker reads"
};

// Object files for other machines than x86-64 and arm64 are none: eBPF and GPU programs are loaded from them. Sorted by
// file; all are `likely`.
std::vector<NotLoadable> list_not_loadable(const Package& package, const Inventory& inventory);

// Those that one of the `readers`, but for themselves, names are `possible` only: a program may carry a linker, or read
// its own debug info. Errors: a file that cannot be read.
Result<std::vector<NotLoadable>> judge_named(const Package& package, std::vector<NotLoadable> found,
                                             const std::vector<std::size_t>& readers, TextSearch& texts);

}  // namespace lambdapack
