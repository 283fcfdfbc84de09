// The progress line: at most ten times a second, and only once the work has proven to be slow.
#include "base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <string>

namespace lambdapack {
namespace {

constexpr long kQuietMs = 1000;  // work that is shorter shows nothing
constexpr long kRedrawMs = 100;
constexpr std::string_view kWipe = "\r\x1b[K";

// Straight to the descriptor: nothing may be left in a buffer when a message follows on stderr. A progress line that
// cannot be written is no error.
void write_to_stderr(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(2, text.data(), text.size());
}

}  // namespace

Progress::Progress(bool wanted) : active_(wanted && ::isatty(2) == 1), start_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (shown_) write_to_stderr(kWipe);
}

void Progress::stage(std::string_view name, std::size_t total) {
  name_ = name;
  total_ = total;
  done_ = 0;
  if (active_) show();
}

void Progress::step() {
  done_.fetch_add(1, std::memory_order_relaxed);
  if (active_) show();
}

void Progress::show() {
  const auto elapsed = std::chrono::steady_clock::now() - start_;
  const long now_ms = static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count());
  long last_ms = last_shown_ms_.load(std::memory_order_relaxed);
  if (now_ms < kQuietMs || now_ms - last_ms < kRedrawMs) return;
  // One of the threads that come here at the same time draws; the others go on working.
  if (!last_shown_ms_.compare_exchange_strong(last_ms, now_ms)) return;
  shown_ = true;
  const std::size_t done = done_.load(std::memory_order_relaxed);
  write_to_stderr(total_ > 0 ? fmt::format("{}{} {}/{}", kWipe, name_, done, total_)
                             : fmt::format("{}{}", kWipe, name_));
}

}  // namespace lambdapack
