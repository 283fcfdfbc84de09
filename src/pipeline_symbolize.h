// lambdapack symbolize: addresses from a crash to source lines, from what pack --debug-out put aside.
#pragma once

#include "cli/command_line.h"
#include "pipeline.h"

namespace lambdapack {

// Errors: no debug files at --debug, no address anywhere, an address that is none.
Result<RunResult> run_symbolize(const CommandLine& command_line, std::string_view log);

}  // namespace lambdapack
