// Libraries of the package that the loader takes although the runtime has one of the same soname: RPATH, an absolute
// folder, or a start script puts them first. Which of them could be left to the runtime (--prefer-runtime)?
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "links/bindings.h"
#include "links/loader_profile.h"
#include "plan/plan.h"

namespace lambdapack {

struct PreferInput {
  const ReachInput& reach_input;
  const Reach& reach;
  const Bindings& bindings;
  const LoaderProfile& profile;
  const PlanOptions& options;  // what else goes
  unsigned threads = 0;
};

// Every library that wins over one of the runtime's, sorted by file. Those of one soname have all the same fate: the
// process loads one of them, and whoever asks for the soname later gets that. None in a layer, whose functions are not
// known, and none where the package has a C library of its own. Whether everything else still binds to the same without
// them is not decided here: the caller resolves links and symbols once more. Errors: a file that cannot be read.
Result<std::vector<RuntimeCopy>> find_runtime_copies(const PreferInput& input);

// Refuses what cannot go because something else stays: another copy of its soname, or a library that the runtime's
// build may need and that the package has, too.
void refuse_with_what_stays(const PreferInput& input, std::vector<RuntimeCopy>& copies);

// Info findings for --prefer-runtime: what stays, and why.
std::vector<Finding> refused_copies(const Package& package, const std::vector<RuntimeCopy>& copies);

// What a decision of this kind costs, for whoever reads a report.
inline constexpr std::string_view kCostOfPreferRuntime =
    "the runtime's copy may be older, and AWS updates it without notice";

}  // namespace lambdapack
