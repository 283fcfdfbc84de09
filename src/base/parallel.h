// The one parallel loop: body(i) for every i in [0, count) on up to `threads` threads, in no particular order.
//
// Bodies write only to their own slot of a vector that exists before the loop; results are combined after it, in index
// order. That is why no output depends on the number of threads.
#pragma once

#include <cstddef>
#include <functional>

namespace lambdapack {

// threads 0 means one per processor the process may use. Returns when all bodies have. A body must not throw.
void parallel_for(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& body);

// Processors this process may run on (the affinity mask, not the machine), at least 1.
unsigned available_processors();

}  // namespace lambdapack
