// Libraries that the function and one of its layers both bring (--dedupe-layers): which could be left to the layer.
//
// Only what the loader finds by LD_LIBRARY_PATH: it looks into /var/task and /var/task/lib first and into /opt/lib
// next, so that without the function's copy the same name gives the layer's. Whether every binding stays is not decided
// here: the caller resolves the links again without the copies.
#pragma once

#include <vector>

#include "links/loader_profile.h"
#include "plan/plan.h"

namespace lambdapack {

// input.package holds the layers' files too. Copies have equal bytes; sorted by file; layer_file is a regular file.
// Errors: a file that cannot be read.
Result<std::vector<LayerCopy>> find_layer_copies(const PlanInput& input, const LoaderProfile& profile,
                                                 unsigned threads);

}  // namespace lambdapack
