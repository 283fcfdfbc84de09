// What is unneeded in a Python function.
#pragma once

#include "plan/propose_drops.h"

namespace lambdapack {

// Adds to `proposals`; nothing for a layer, which other functions use, and for other runtimes. Errors: a file cannot be
// read.
Result<void> propose_python_drops(const ProposalInput& input, unsigned threads, Proposals& proposals);

}  // namespace lambdapack
