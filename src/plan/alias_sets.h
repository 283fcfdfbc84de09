// Copies of one library under its several names ("libfoo.so", "libfoo.so.1", "libfoo.so.1.2.3"), which wheels and zips
// without symlinks hold. Other duplicates are left alone: a link changes $ORIGIN, module identity and shared state.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "package/package.h"

namespace lambdapack {

struct AliasSet {
  std::size_t real = 0;              // the file that stays: the one with the longest version
  std::vector<std::size_t> aliases;  // byte-identical, in the same folder; sorted
};

// files: indices of regular ELF files. Sorted by `real`. Reads only files whose name and size match another's.
Result<std::vector<AliasSet>> find_alias_sets(const Package& package, const std::vector<std::size_t>& files);

}  // namespace lambdapack
