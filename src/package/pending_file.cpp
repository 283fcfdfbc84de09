#include "package/pending_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace lambdapack {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

std::unexpected<Error> system_error(const std::string& path, const char* what) {
  return fail(printable(path), fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

bool write_all(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

Result<std::string> file_destination(const std::string& path, const char* hint) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT) return system_error(path, "cannot be written");
    return path;
  }
  if (S_ISDIR(status.st_mode)) return fail(printable(path), "is a folder", hint);
  if (!S_ISREG(status.st_mode))
    return fail(printable(path), "is no regular file", "pass -o - to write to standard output");
  char* const real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return system_error(path, "cannot be written");
  std::string result = real;
  ::free(real);
  return result;
}

// A name beside path_ that nobody has: several runs may write to one folder.
template <class Take>
Result<void> PendingFile::with_free_name(Take take) {
  for (int i = 0; i < 1000; ++i) {
    const std::string name = fmt::format("{}.{}.{}.tmp", path_, ::getpid(), i);
    if (take(name.c_str())) {
      name_ = name;
      return {};
    }
    if (errno != EEXIST) break;
  }
  return system_error(path_, "cannot be created");
}

Result<PendingFile> PendingFile::create(const std::string& path) {
  PendingFile file(path);
  // linkat takes a nameless file's name from /proc.
  if (::access("/proc/self/fd", X_OK) == 0)
    file.fd_ = ::open(folder_of(path).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
  if (file.fd_ < 0) {
    LP_CHECK(file.with_free_name([&](const char* name) {
      file.fd_ = ::open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0644);
      return file.fd_ >= 0;
    }));
  }
  return file;
}
PendingFile::~PendingFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!name_.empty()) ::unlink(name_.c_str());
}

Result<void> PendingFile::link_name() {
  if (!name_.empty()) return {};
  const std::string self = fmt::format("/proc/self/fd/{}", fd_);
  return with_free_name(
      [&](const char* name) { return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0; });
}

Result<void> PendingFile::rename_into_place() {
  LP_CHECK(link_name());
  if (::rename(name_.c_str(), path_.c_str()) != 0) return system_error(path_, "cannot be replaced");
  name_.clear();
  return {};
}

Result<std::string> PendingFile::hand_over() {
  LP_CHECK(link_name());
  return std::exchange(name_, {});
}

}  // namespace lambdapack
