// TypeScript and @types that were installed to build the function, and are still there.
#pragma once

#include <vector>

#include "plan/node_reach.h"

namespace lambdapack {

// Of the packages that nothing reaches: typescript and @types/*, when a lock file of npm's in the package says that
// they are for development, or else the user's package.json has them in devDependencies alone; and what only these
// depend on. Errors: a file that cannot be read.
Result<std::vector<ProposedDrop>> drop_dev_packages(const NodeReachInput& input, const NodeReach& reach);

}  // namespace lambdapack
