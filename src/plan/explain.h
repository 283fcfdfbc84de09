// Why one file is kept, changed or dropped: the chain from a root, or the rule that decided.
#pragma once

#include <string>
#include <vector>

#include "links/bindings.h"
#include "plan/plan.h"

namespace lambdapack {

// Lines for people, outermost first: what the file is, what happens to it, then the chain back to a root, then who
// needs it, then where its symbols come from, when bindings are given. path: as in the package, or a unique end of a
// path ("libz.so.1"). Error: no such file (the hint lists near ones), or several.
Result<std::vector<std::string>> explain_file(const PlanInput& input, const Plan& plan, const std::string& path,
                                              const Bindings* bindings = nullptr);

}  // namespace lambdapack
