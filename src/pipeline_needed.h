// Between planning and packing: needed entries that may go, and what goes with them.
#pragma once

#include "pipeline_stages.h"

namespace lambdapack {

// The plan of input's package with --aggressive: the one given, or another that drops needed entries and, by the usual
// rules, what nothing loads then. Says of each of examined.idle why its entries stay, at any level. input leads into
// `examined`.
Result<Plan> plan_needed_entries(const PlanInput& input, Plan plan, Examined& examined, const Frame& frame);

}  // namespace lambdapack
