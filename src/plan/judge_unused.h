// How sure is it that a library that nothing reaches is not used?
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plan/reach.h"
#include "plan/text_search.h"
#include "plan/wanted.h"
#include "rules/rule_finder.h"

namespace lambdapack {

// Fills in unused, unknown_openers, waiting_bytes and search_path_doubt of `reach`. searched: the reached files, whose
// texts name none of them; libraries: what is left. needs_shadowed: something was built for a library that the runtime
// shadows. docs/decisions/0007 has the conditions. Errors: a file that cannot be read.
Result<void> judge_unused(const ReachInput& input, const RuleFinder& openers, const LibraryNames& names,
                          const std::vector<std::size_t>& searched, const std::vector<std::size_t>& libraries,
                          bool needs_shadowed, unsigned threads, TextSearch& texts, Reach& reach);

// Variables by which a program changes the order of libraries; what judge_unused asks `texts` for.
std::vector<std::string> search_variables();

// The version that only the package's library has, when the runtime's is loaded in its stead; else nullptr. Something
// is to be repaired then, and until it is, the file that was meant stays.
const VersionNeed* need_of_shadowed(const ReachInput& input, const Edge& edge);

}  // namespace lambdapack
