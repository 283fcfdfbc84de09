// --prefer-runtime: the copies of the runtime's libraries that the function can do without.
#pragma once

#include <vector>

#include "pipeline_stages.h"

namespace lambdapack {

// Every library that wins over one of the runtime's. Of those without a refusal it is proven that, without them, each
// name that asked for one leads to the runtime's, and every other name and symbol binds as before. Sorted by file.
Result<std::vector<RuntimeCopy>> provable_runtime_copies(const PlanInput& input, const Examined& examined,
                                                         const Frame& frame);

}  // namespace lambdapack
