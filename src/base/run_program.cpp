// Input and outputs are files in memory, not pipes: no thread has to feed one end while the other is read.
#include "base/run_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

extern char** environ;

namespace lambdapack {
namespace {

class MemoryFile {
 public:
  MemoryFile() : fd_(::memfd_create("lambdapack", MFD_CLOEXEC)) {}
  ~MemoryFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  int get() const { return fd_; }

  bool fill(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t done = ::write(fd_, text.data(), text.size());
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(done));
    }
    return ::lseek(fd_, 0, SEEK_SET) == 0;
  }

  std::string text() const {
    std::string all;
    std::array<char, 1 << 16> piece{};
    off_t at = 0;
    while (true) {
      const ssize_t got = ::pread(fd_, piece.data(), piece.size(), at);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return all;
      all.append(piece.data(), static_cast<std::size_t>(got));
      at += got;
    }
  }

 private:
  int fd_;
};

std::unexpected<Error> system_error(const std::string& program, int code) {
  return fail(program, "cannot be started: " + std::generic_category().message(code));
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& words, std::string_view input,
                                const std::string& when_missing) {
  const MemoryFile in, out, err;
  if (in.get() < 0 || out.get() < 0 || err.get() < 0 || !in.fill(input)) return system_error(words.front(), errno);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.get(), STDERR_FILENO);
  std::vector<std::string> copies(words);
  std::vector<char*> arguments;
  arguments.reserve(copies.size() + 1);
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed == ENOENT) return fail(words.front(), "is not installed", when_missing);
  if (failed != 0) return system_error(words.front(), failed);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return system_error(words.front(), errno);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return out.text();
  const std::string said = err.text();
  return fail(words.front(),
              WIFEXITED(status) ? fmt::format("ended with status {}", WEXITSTATUS(status))
                                : fmt::format("was ended by signal {}", WTERMSIG(status)),
              said.substr(0, said.find('\n')));
}

}  // namespace lambdapack
