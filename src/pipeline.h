// The stages in order. Read this folder from here.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/command_line.h"
#include "report/report.h"

namespace lambdapack {

struct RunResult {
  std::string out;    // for stdout
  std::string err;    // for stderr: the report when the zip itself goes to stdout
  int exit_code = 0;  // 0 fine, 1 findings at or above --fail-on
};

// Does what the command line asks. Error: the run could not be done (exit 2); nothing was written then.
Result<RunResult> run(const CommandLine& command_line);

}  // namespace lambdapack
