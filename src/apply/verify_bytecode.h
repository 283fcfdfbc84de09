// Of the result: does every .pyc that was changed still hold the same code, and the hash of the source beside it?
#pragma once

#include <string>
#include <vector>

#include "apply/apply_plan.h"
#include "rules/rules.h"

namespace lambdapack {

// Paths of those of which that is not so; sorted. Errors: a file cannot be read.
Result<std::vector<std::string>> wrong_bytecode(const Package& before, const Applied& applied, const Rules& rules);

}  // namespace lambdapack
