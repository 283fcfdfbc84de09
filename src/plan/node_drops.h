// What a function on Node.js can do without, as npm packages go.
#pragma once

#include "plan/node_reach.h"
#include "plan/propose_drops.h"

namespace lambdapack {

// Adds nothing for a layer, and where no npm package is. Errors: a file that cannot be read.
Result<void> propose_node_drops(const ProposalInput& input, unsigned threads, Proposals& proposals);

}  // namespace lambdapack
