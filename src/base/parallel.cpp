// Threads live for one loop: a run has a handful of loops, each of them far longer than starting a thread takes, and
// nothing of a pool can outlive the work it was for.
#include "base/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace lambdapack {

unsigned available_processors() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  // Fails on machines with more processors than the mask has bits (1024): then the C++ library's guess has to do.
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) return static_cast<unsigned>(std::max(1, CPU_COUNT(&mask)));
  return std::max(1u, std::thread::hardware_concurrency());
}

void parallel_for(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& body) {
  if (threads == 0) threads = available_processors();
  const std::size_t workers = std::min<std::size_t>(threads, count);

  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) body(i);
  };

  // The calling thread is one of the workers, so that the loop also ends where no further thread may be started
  // (RLIMIT_NPROC, a container's pids limit).
  std::vector<std::jthread> helpers;
  helpers.reserve(workers);
  const auto start_helper = [&] {
    try {
      helpers.emplace_back(work);
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  };
  while (helpers.size() + 1 < workers && start_helper()) {
  }
  work();
}

}  // namespace lambdapack
