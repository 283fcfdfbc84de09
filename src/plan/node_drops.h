// What a function on Node.js can do without, as npm packages go.
#pragma once

#include "plan/node_reach.h"
#include "plan/propose_drops.h"

namespace lambdapack {

// Adds nothing for a layer, and where no npm package is. Errors: a file that cannot be read.
Result<void> propose_node_drops(const ProposalInput& input, unsigned threads, Proposals& proposals);

// As the report of find_node_reach for one file; see explain_node_reach.
Result<std::vector<std::string>> explain_npm_package(const ProposalInput& input, std::size_t file, unsigned threads);

}  // namespace lambdapack
