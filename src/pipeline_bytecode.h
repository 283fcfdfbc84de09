// Python's bytecode (--bytecode) on its way into the plan.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline_stages.h"
#include "plan/plan.h"
#include "report/report.h"

namespace lambdapack {

struct CompiledBytecode {
  Package as_read;  // the package without it
  CompiledLine line;
  std::vector<std::string> paths;  // of the files that were compiled; sorted
};

// With --bytecode compile: adds bytecode for every module that has none that Python would take, or replaces it. Errors:
// the function is not Python's, or there is no interpreter of its version.
Result<std::optional<CompiledBytecode>> compile_bytecode(const Frame& frame, Package& package,
                                                         const LanguageView& languages, Progress& progress);

// Says in the plan where the files come from.
void explain_compiled(const CompiledBytecode& compiled, const Package& package, Plan& plan);

// Adds to what the plan has to weigh, and gives what was noticed.
Result<std::vector<Finding>> propose_bytecode(const Frame& frame, PlanInput& input);

}  // namespace lambdapack
