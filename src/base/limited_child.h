// A function that runs in a child process: what it does to itself, it does not do to us.
//
// For code of others that trusts its input. The child is a fork, so it has all that the parent had in memory, and it
// can do nothing but compute and answer: it cannot open a file, write one, or outlive its limits and its parent.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace lambdapack {

struct ChildLimits {
  std::uint64_t memory = 512ULL << 20;  // bytes of address space beyond those of the parent when it starts
  unsigned cpu_seconds = 60;            // in the child's whole life
  unsigned wall_seconds = 600;          // per question
  std::uint32_t answer = 16U << 20;     // bytes of one answer
};

class LimitedChild {
 public:
  using Serve = std::function<std::vector<std::uint8_t>(Bytes question)>;

  // Call it when no other thread runs: the child has only the calling one. `serve` runs in the child alone, once per
  // question. Errors: no process can be started.
  static Result<LimitedChild> start(const Serve& serve, const ChildLimits& limits);
  LimitedChild(LimitedChild&& other) noexcept;
  LimitedChild& operator=(LimitedChild&& other) noexcept;
  ~LimitedChild();

  // Whether ChildLimits::memory counts: sanitizers need more address space than any limit.
  static bool limits_memory();

  // The answer. The error's message is what the child did, to stand behind its name: "crashed (SIGSEGV)", "needed more
  // than 60 s of processor time"; the child is gone then, and so it says of every later question.
  Result<std::vector<std::uint8_t>> ask(Bytes question);
  bool alive() const { return pid_ > 0; }
  bool hit_limit() const { return hit_limit_; }  // it died of a limit, which it would reach again

 private:
  LimitedChild(pid_t pid, int socket, const ChildLimits& limits) : pid_(pid), socket_(socket), limits_(limits) {}
  std::unexpected<Error> gone(std::string what);
  std::unexpected<Error> reap();
  void end();

  pid_t pid_ = -1;
  int socket_ = -1;
  ChildLimits limits_;
  bool hit_limit_ = false;
  std::string fate_;
};

// For handlers of failed allocations of libraries: ends the process so that the parent can tell why.
[[noreturn]] void end_child_without_memory();

}  // namespace lambdapack
