// A zip gets its name only when it is complete and was read back. Until then it has none at all where the file system
// can do that (O_TMPFILE), so that not even a killed run leaves something behind.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "package/verify_zip.h"
#include "package/write_package.h"

namespace lambdapack {
namespace {

std::unexpected<Error> system_error(const std::string& path, const char* what) {
  return fail(printable(path), fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

// false: see errno.
bool write_all(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A file that is not there yet: nameless, or with a name that its destructor removes.
class PendingFile {
 public:
  static Result<PendingFile> create(const std::string& path) {
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
  PendingFile(PendingFile&& other) noexcept
      : path_(std::move(other.path_)), name_(std::exchange(other.name_, {})), fd_(std::exchange(other.fd_, -1)) {}
  ~PendingFile() {
    if (fd_ >= 0) ::close(fd_);
    if (!name_.empty()) ::unlink(name_.c_str());
  }

  int fd() const { return fd_; }

  Result<void> rename_into_place() {
    if (name_.empty()) {
      const std::string self = fmt::format("/proc/self/fd/{}", fd_);
      LP_CHECK(with_free_name(
          [&](const char* name) { return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0; }));
    }
    if (::rename(name_.c_str(), path_.c_str()) != 0) return system_error(path_, "cannot be replaced");
    name_.clear();
    return {};
  }

 private:
  explicit PendingFile(std::string path) : path_(std::move(path)) {}

  // A name beside path_ that nobody has: several runs may write to one folder.
  template <class Take>
  Result<void> with_free_name(Take take) {
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

  std::string path_, name_;
  int fd_ = -1;
};

class Mapping {
 public:
  Mapping(int fd, std::size_t size) : address_(::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0)), size_(size) {}
  ~Mapping() {
    if (ok()) ::munmap(address_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  bool ok() const { return address_ != MAP_FAILED; }
  Bytes bytes() const { return {static_cast<const std::uint8_t*>(address_), size_}; }

 private:
  void* address_;
  std::size_t size_;
};

// While it lives, writing to a pipe that nobody reads is an error that write() reports, not the end of the program.
class IgnoreBrokenPipe {
 public:
  IgnoreBrokenPipe() { old_ = std::signal(SIGPIPE, SIG_IGN); }
  ~IgnoreBrokenPipe() { std::signal(SIGPIPE, old_); }
  IgnoreBrokenPipe(const IgnoreBrokenPipe&) = delete;
  IgnoreBrokenPipe& operator=(const IgnoreBrokenPipe&) = delete;

 private:
  void (*old_)(int);
};

Result<void> stream_zip(const ZipImage& image, const Package& package) {
  std::vector<std::uint8_t> zip;
  zip.reserve(image.written.zip_bytes);
  for (const Content& piece : image.pieces) {
    LP_TRY(const Bytes bytes, piece.read());
    zip.insert(zip.end(), bytes.begin(), bytes.end());
  }
  LP_CHECK(verify_zip("standard output", zip, package));
  const IgnoreBrokenPipe ignore;
  if (!write_all(STDOUT_FILENO, zip) && errno != EPIPE) return system_error("standard output", "cannot be written");
  return {};
}

// Where the zip really goes: a link stays a link. Renaming over /dev/null would replace the device.
Result<std::string> destination(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT) return system_error(path, "cannot be written");
    return path;
  }
  if (S_ISDIR(status.st_mode))
    return fail(printable(path), "is a folder", "add a \"/\" to write a folder, or name a file");
  if (!S_ISREG(status.st_mode))
    return fail(printable(path), "is no regular file", "pass -o - to write to standard output");
  char* const real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return system_error(path, "cannot be written");
  std::string result = real;
  ::free(real);
  return result;
}

}  // namespace

Result<void> write_zip(const ZipImage& image, const Package& package, const std::string& path) {
  if (path == "-") return stream_zip(image, package);
  LP_TRY(const std::string target, destination(path));
  LP_TRY(PendingFile file, PendingFile::create(target));
  for (const Content& piece : image.pieces) {
    LP_TRY(const Bytes bytes, piece.read());
    if (!write_all(file.fd(), bytes)) return system_error(path, "cannot be written");
  }
  struct stat status{};
  if (::fstat(file.fd(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) != image.written.zip_bytes)
    return fail(printable(path), "has another size than was written", "check the disk");
  {
    const Mapping written(file.fd(), image.written.zip_bytes);
    if (!written.ok()) return system_error(path, "cannot be read back");
    LP_CHECK(verify_zip(path, written.bytes(), package));
  }
  return file.rename_into_place();
}

}  // namespace lambdapack
