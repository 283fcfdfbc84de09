// A progress line on stderr, for people only: shown when stderr is a terminal and the work has taken over a second.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace lambdapack {

class Progress {
 public:
  explicit Progress(bool wanted);  // wanted = not --quiet; still silent when stderr is no terminal
  ~Progress();                     // wipes the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Starts a stage of `total` steps (0 = unknown). Thread-safe calls of step() follow.
  void stage(std::string_view name, std::size_t total);
  void step();

 private:
  void show();
  bool active_;
  std::atomic<bool> shown_{false};
  std::chrono::steady_clock::time_point start_;
  std::string_view name_;
  std::size_t total_ = 0;
  std::atomic<std::size_t> done_{0};
  std::atomic<long> last_shown_ms_{0};
};

}  // namespace lambdapack
