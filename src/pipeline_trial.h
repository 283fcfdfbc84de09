// The package as it would be without some files: would everything still load, and bind to the same?
#pragma once

#include <vector>

#include "pipeline_stages.h"

namespace lambdapack {

struct Trial {
  Applied applied;
  Inventory inventory;
  LinkGraph links;
};

// drops: decisions with action drop; links to the files go with them. Nothing is stripped.
Trial leave_out(const PlanInput& input, const Frame& frame, const std::vector<Decision>& drops);

}  // namespace lambdapack
