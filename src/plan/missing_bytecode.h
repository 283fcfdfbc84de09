// Which modules have no bytecode that Python would take, so that it is worth compiling (--bytecode compile).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "package/package.h"
#include "plan/judge_bytecode.h"

namespace lambdapack {

struct MissingBytecode {
  std::size_t source = 0;
  std::string path;  // where Python would look for it; a file that goes may be there
};

// Sorted by source. suffix: ".cpython-311.pyc". None where something is that `keep` (globs of --keep) holds, and none
// below a __pycache__ that is a link: what lies there belongs to other sources too.
std::vector<MissingBytecode> find_missing_bytecode(const Package& package, const JudgedBytecode& judged,
                                                   const std::string& suffix, const std::vector<std::string>& keep);

}  // namespace lambdapack
