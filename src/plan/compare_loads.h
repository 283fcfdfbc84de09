// Do the loads of a package stay what they are when some libraries are not asked for any more?
#pragma once

#include <cstddef>
#include <vector>

#include "links/follow_loads.h"
#include "plan/plan.h"

namespace lambdapack {

struct LoadComparison {
  const LinkGraph& links;               // with the entries
  const FollowedLoads &before, &after;  // with and without them, from the same starts
  const std::vector<char>& gone;        // by file: the libraries that no load should map any more
  const std::vector<char>& runs_code;   // by file: those whose order of initialisation matters
  const std::vector<DroppedNeeds>& drops;
};

// The loads, by their place in FollowedLoads::scopes, in which anything else changes: another object, another order,
// another bearer of a library's name, another order of constructors; or one of the libraries is still mapped. All of
// them when the loads were too many to follow.
std::vector<std::size_t> different_loads(const LoadComparison& comparison);

// Whether every file but those libraries gets the same answers, the dropped entries apart.
bool same_edges(const LoadComparison& comparison, const LinkGraph& after);

}  // namespace lambdapack
