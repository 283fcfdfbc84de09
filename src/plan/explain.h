// Why one file is kept, changed or dropped: the chain from a root, or the rule that decided.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "links/bindings.h"
#include "plan/plan.h"

namespace lambdapack {

// The file that is meant by a path as in the package, or by a unique end of a path ("libz.so.1"). Error: no such file
// (the hint lists near ones), or several.
Result<std::size_t> find_explained_file(const Package& package, const std::string& path);

// Lines for people, outermost first: what the file is, what happens to it, then the chain back to a root, then who
// needs it, then where its symbols come from, when bindings are given.
Result<std::vector<std::string>> explain_file(const PlanInput& input, const Plan& plan, std::size_t file,
                                              const Bindings* bindings = nullptr);

}  // namespace lambdapack
