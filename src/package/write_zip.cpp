// A zip gets its name only when it is complete and was read back.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "package/pending_file.h"
#include "package/verify_zip.h"
#include "package/write_package.h"

namespace lambdapack {
namespace {

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

Result<void> stream_zip(const ZipImage& image, const Package& package, const BeforeVisible& before) {
  std::vector<std::uint8_t> zip;
  zip.reserve(image.written.zip_bytes);
  for (const Content& piece : image.pieces) {
    LP_TRY(const Bytes bytes, piece.read());
    zip.insert(zip.end(), bytes.begin(), bytes.end());
  }
  LP_CHECK(verify_zip("standard output", zip, package));
  if (before) LP_CHECK(before());
  const IgnoreBrokenPipe ignore;
  if (!write_all(STDOUT_FILENO, zip) && errno != EPIPE) return system_error("standard output", "cannot be written");
  return {};
}

}  // namespace

Result<void> write_zip(const ZipImage& image, const Package& package, const std::string& path,
                       const BeforeVisible& before) {
  if (path == "-") return stream_zip(image, package, before);
  LP_TRY(const std::string target, file_destination(path, "add a \"/\" to write a folder, or name a file"));
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
  if (before) LP_CHECK(before());
  return file.rename_into_place();
}

}  // namespace lambdapack
