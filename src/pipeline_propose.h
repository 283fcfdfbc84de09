// What languages propose to drop, asked with what the command line says.
#pragma once

#include <string>
#include <vector>

#include "cli/command_line.h"
#include "plan/propose_drops.h"

namespace lambdapack {

// Errors: --metafile cannot be read; a file of the package cannot be.
Result<Proposals> find_proposals(const PlanInput& input, const CommandLine& command_line);

}  // namespace lambdapack
