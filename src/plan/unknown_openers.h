// Which files can open libraries by a name that is made while they run, and no rule says which?
#pragma once

#include <cstddef>
#include <vector>

#include "elf/inventory.h"
#include "package/package.h"
#include "rules/rule_finder.h"

namespace lambdapack {

// Of `files`, sorted: ELF files that import dlopen or a function that passes names on to it, scripts and class files
// that mention a way to open libraries, archives that hold such files or could not be read; all without an opener
// rule. Errors: a file that cannot be read.
Result<std::vector<std::size_t>> find_unknown_openers(const Package& package, const Inventory& inventory,
                                                      const RuleFinder& openers, const std::vector<std::size_t>& files,
                                                      unsigned threads);

}  // namespace lambdapack
