// Between planning and packing: needed entries that may go, and what goes with them.
#pragma once

#include "pipeline_stages.h"

namespace lambdapack {

// The plan that was given, or with --aggressive another that drops needed entries and what nothing loads then. Says of
// each of examined.idle why its entries stay, at any level. input leads into `examined`.
Result<Plan> plan_needed_entries(const PlanInput& input, Plan plan, Examined& examined, const Frame& frame);

}  // namespace lambdapack
