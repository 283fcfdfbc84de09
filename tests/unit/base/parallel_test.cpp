// The loop runs every body once, whatever the number of threads.
#include "base/parallel.h"

#include <doctest/doctest.h>

#include <vector>

namespace lambdapack {

TEST_CASE("parallel_for runs every index exactly once for any number of threads") {
  for (const unsigned threads : {0u, 1u, 2u, 8u, 64u})
    for (const std::size_t count : {0, 1, 7, 1000}) {
      std::vector<int> runs(count);
      parallel_for(count, threads, [&](std::size_t i) { ++runs[i]; });
      CHECK(runs == std::vector<int>(count, 1));
    }
}

TEST_CASE("there is always a processor to run on") {
  CHECK(available_processors() >= 1);
}

}  // namespace lambdapack
