// lambdapack diff A B.
#pragma once

#include <functional>

#include "pipeline.h"

namespace lambdapack {

// The report of `lambdapack analyze` for a command line.
using Analyse = std::function<Result<Report>(const CommandLine&)>;

// Each of the two is a package, which is analysed, or a saved report, which is read. Exit code 1: a finding that only B
// has, at or above --fail-on.
Result<RunResult> run_diff(const CommandLine& command_line, const Analyse& analyse);

}  // namespace lambdapack
