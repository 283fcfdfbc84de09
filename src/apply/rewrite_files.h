// Files that are replaced by something else than a stripped copy: bytecode with another header, jars with less in them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace lambdapack {

struct Rewritten {
  std::size_t file = 0;
  Content content;
};

// Of the decisions that rewrite, sorted by file. A jar that cannot be changed, or that would not be the same but for
// what it may lose, is kept: its decision says why. Errors: a file cannot be read.
Result<std::vector<Rewritten>> rewrite_files(const Package& package, Plan& plan, unsigned threads);

// The decision turned into one that keeps the file.
void keep_instead(Decision& decision, std::string reason);

}  // namespace lambdapack
