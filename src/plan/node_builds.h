// Builds of native code for this platform that this function never loads, since another one beside them is its own.
#pragma once

#include <vector>

#include "plan/plan.h"

namespace lambdapack {

// Addons for other versions of Node.js and for Electron, and Prisma's engines for other distributions, each only when
// one that fits lies beside. `possible` when the runtime is a guess. Sorted by file.
std::vector<ProposedDrop> drop_other_node_builds(const PlanInput& input);

}  // namespace lambdapack
