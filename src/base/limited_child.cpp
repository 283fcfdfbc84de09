// Fork, limits, and a socket with one message each way: four bytes of length, then as many bytes.
//
// The limits are the kernel's. No file can be opened since the number of open files is limited to none: the sockets
// that are open go on working, and open() fails before the kernel looks at the path. The wall clock is the parent's.
#include "base/limited_child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <new>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/units.h"

namespace lambdapack {
namespace {

using Clock = std::chrono::steady_clock;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

constexpr int kNoMemory = 101, kThrew = 102, kNoLimits = 103;  // exit statuses of the child

// Of the process, in bytes; 0 when /proc does not say.
std::uint64_t address_space() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

bool limit(int resource, std::uint64_t soft, std::uint64_t hard) {
  rlimit old{};
  if (getrlimit(static_cast<__rlimit_resource_t>(resource), &old) != 0) return false;
  const rlimit wanted{std::min<rlim_t>(soft, old.rlim_max), std::min<rlim_t>(hard, old.rlim_max)};
  return setrlimit(static_cast<__rlimit_resource_t>(resource), &wanted) == 0;
}

// Only the socket stays open, as number 0. What LLVM prints about a damaged file says nothing to a user; what a
// sanitizer prints does.
bool leave_files(int socket) {
  const int nowhere = open("/dev/null", O_WRONLY);
  if (nowhere < 0 || dup2(socket, 0) < 0 || dup2(nowhere, 1) < 0) return false;
  if (!kSanitized && dup2(nowhere, 2) < 0) return false;
  if (close_range(3, ~0U, 0) != 0)
    for (int file = 3; file < 4096; ++file) close(file);
  return true;
}

// The shadow memory of a sanitizer is larger than any limit of the address space.
bool take_limits(std::uint64_t space, const ChildLimits& limits) {
  std::signal(SIGXCPU, SIG_DFL);
  return limit(RLIMIT_CORE, 0, 0) && limit(RLIMIT_FSIZE, 0, 0) && limit(RLIMIT_NOFILE, 0, 0) &&
         limit(RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1) &&
         (kSanitized || limit(RLIMIT_AS, space + limits.memory, space + limits.memory)) &&
         prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool send_all(int socket, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = send(socket, at, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    at += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool send_message(int socket, Bytes bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  return send_all(socket, &size, sizeof size) && send_all(socket, bytes.data(), bytes.size());
}

// Without a clock: the child waits for its parent for ever, and ends with it.
bool receive_all(int socket, void* data, std::size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = recv(socket, at, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

[[noreturn]] void serve_questions(const LimitedChild::Serve& serve) {
  std::set_new_handler(end_child_without_memory);
  try {
    while (true) {
      std::uint32_t size = 0;
      if (!receive_all(0, &size, sizeof size)) _exit(0);
      std::vector<std::uint8_t> question(size);
      if (!receive_all(0, question.data(), size) || !send_message(0, serve(question))) _exit(0);
    }
  } catch (...) {
    _exit(kThrew);
  }
}

[[noreturn]] void be_child(int socket, pid_t parent, std::uint64_t space, const LimitedChild::Serve& serve,
                           const ChildLimits& limits) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(0);
  if (!leave_files(socket) || !take_limits(space, limits)) _exit(kNoLimits);
  serve_questions(serve);
}

std::string signal_name(int number) {
  const char* const name = sigabbrev_np(number);
  return name != nullptr ? std::string("SIG") + name : fmt::format("signal {}", number);
}

enum class Received { all, ended, late };

Received receive_until(int socket, void* data, std::size_t size, Clock::time_point deadline) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return Received::late;
    pollfd ready{socket, POLLIN, 0};
    const int count = poll(&ready, 1, static_cast<int>(std::min<long long>(left, 60'000)));
    if (count == 0 || (count < 0 && errno == EINTR)) continue;
    if (count < 0) return Received::ended;
    const ssize_t got = recv(socket, at, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Received::ended;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return Received::all;
}

}  // namespace

void end_child_without_memory() {
  _exit(kNoMemory);
}

Result<LimitedChild> LimitedChild::start(const Serve& serve, const ChildLimits& limits) {
  const auto refuse = [](const char* what) {
    return fail("a child process", fmt::format("cannot be started: {}: {}", what, std::strerror(errno)));
  };
  const std::uint64_t space = address_space();
  if (space == 0) return fail("/proc/self/statm", "cannot be read", "mount /proc");
  std::array<int, 2> sockets{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) return refuse("socketpair");
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) {
    const auto error = refuse("fork");
    close(sockets[0]);
    close(sockets[1]);
    return error;
  }
  if (pid == 0) be_child(sockets[1], parent, space, serve, limits);
  close(sockets[1]);
  return LimitedChild(pid, sockets[0], limits);
}

LimitedChild::LimitedChild(LimitedChild&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      socket_(std::exchange(other.socket_, -1)),
      limits_(other.limits_),
      hit_limit_(other.hit_limit_),
      fate_(std::move(other.fate_)) {}

LimitedChild& LimitedChild::operator=(LimitedChild&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(socket_, other.socket_);
  std::swap(limits_, other.limits_);
  std::swap(hit_limit_, other.hit_limit_);
  std::swap(fate_, other.fate_);
  return *this;
}

bool LimitedChild::limits_memory() {
  return !kSanitized;
}

LimitedChild::~LimitedChild() {
  end();
}

void LimitedChild::end() {
  if (socket_ >= 0) close(std::exchange(socket_, -1));
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
}

std::unexpected<Error> LimitedChild::gone(std::string what) {
  end();
  fate_ = std::move(what);
  return fail({}, fate_);
}

// Why the child closed its end.
std::unexpected<Error> LimitedChild::reap() {
  int status = 0;
  pid_t done = 0;
  while ((done = waitpid(pid_, &status, 0)) < 0 && errno == EINTR) continue;
  pid_ = -1;
  if (done < 0) return gone("ended");
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    // The hard limit, a second after the soft one, kills.
    hit_limit_ = number == SIGXCPU || number == SIGKILL;
    if (number == SIGXCPU) return gone(fmt::format("needed more than {} s of processor time", limits_.cpu_seconds));
    if (number == SIGKILL) return gone("was killed: the machine is short of memory, or somebody ended it");
    return gone(fmt::format("crashed ({})", signal_name(number)));
  }
  const int code = WEXITSTATUS(status);
  if (code == kNoMemory) {
    hit_limit_ = true;
    return gone(fmt::format("needed more than {} of memory", format_bytes(limits_.memory)));
  }
  if (code == kNoLimits) return gone("could not be limited: setrlimit or prctl failed");
  return gone(fmt::format("ended by itself (exit status {})", code));
}

Result<std::vector<std::uint8_t>> LimitedChild::ask(Bytes question) {
  if (!alive()) return fail({}, fate_);
  if (!send_message(socket_, question)) return reap();
  const auto deadline = Clock::now() + std::chrono::seconds(limits_.wall_seconds);
  const auto late = [&] {
    hit_limit_ = true;
    return gone(fmt::format("gave no answer within {} s", limits_.wall_seconds));
  };
  std::uint32_t size = 0;
  Received received = receive_until(socket_, &size, sizeof size, deadline);
  if (received == Received::ended) return reap();
  if (received == Received::late) return late();
  if (size > limits_.answer) return gone(fmt::format("gave an answer of {} bytes", size));
  std::vector<std::uint8_t> answer(size);
  received = receive_until(socket_, answer.data(), size, deadline);
  if (received == Received::ended) return reap();
  if (received == Received::late) return late();
  return answer;
}

}  // namespace lambdapack
