// Files of a folder are opened late and seldom: small ones are read (a mapping costs more than the copy), large ones
// are mapped, and nothing is touched that nobody asks for.
//
// A file that is cut short by somebody else while it is mapped would raise SIGBUS; its length is checked when it is
// opened, and when a mapping is used again, which is all that can be done without copying every file.
//
// To unmap costs more than to map: every thread's processor has to hear of it. Files are asked for in several passes,
// so the mappings of the smaller ones are kept when a pass lets go of them, up to what a function may have unpacked.
#include "package/content.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <system_error>

namespace lambdapack {
namespace {

constexpr std::uint64_t kMapFrom = 64 << 10;
constexpr std::uint64_t kLargestIdle = 16 << 20;  // bytes; of a file that stays mapped
constexpr std::uint64_t kMostIdle = 256 << 20;    // bytes; of all of them

std::atomic<std::uint64_t> idle_bytes = 0;  // mapped, and used by nobody

std::unexpected<Error> system_error(const std::string& path, const char* what) {
  return fail(path, std::string(what) + ": " + std::generic_category().message(errno));
}

std::unexpected<Error> changed(const std::string& path) {
  return fail(path, "has changed while it was read", "run lambdapack again when nothing writes to the folder");
}

class Descriptor {
 public:
  // O_NONBLOCK and O_NOFOLLOW: what was a file when the folder was listed may be a FIFO or a link by now.
  explicit Descriptor(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  bool open() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_;
};

// [offset, offset + count) of the file; the caller knows that it has them.
Result<std::vector<std::uint8_t>> read_range(const std::string& path, int fd, std::uint64_t offset, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = ::pread(fd, bytes.data() + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path, "cannot be read");
    if (got == 0) return changed(path);
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace

struct Content::State {
  std::vector<std::uint8_t> owned;
  std::string path;        // empty: the bytes are owned for good
  std::uint64_t size = 0;  // of the file
  std::mutex mutex;        // guards what follows
  void* mapping = nullptr;
  timespec modified{};  // when it was mapped
  bool loaded = false;  // for whoever asks
  bool idle = false;    // mapped, but not loaded

  ~State() { unmap(); }

  void unmap() {
    if (idle) idle_bytes -= size;
    if (mapping != nullptr) ::munmap(mapping, size);
    mapping = nullptr;
    loaded = idle = false;
  }

  void release() {
    if (idle) return;
    if (mapping == nullptr || size > kLargestIdle || idle_bytes + size > kMostIdle) return unmap();
    idle_bytes += size;
    idle = true;
    loaded = false;
  }

  bool is_as_mapped(const struct stat& status) const {
    return S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) == size &&
           status.st_mtim.tv_sec == modified.tv_sec && status.st_mtim.tv_nsec == modified.tv_nsec;
  }

  Bytes bytes() const {
    if (mapping != nullptr) return {static_cast<const std::uint8_t*>(mapping), size};
    return owned;
  }

  Result<void> load() {
    struct stat status{};
    if (idle && ::lstat(path.c_str(), &status) == 0 && is_as_mapped(status)) {
      idle_bytes -= size;
      idle = false;
      loaded = true;
      return {};
    }
    unmap();
    const Descriptor file(path);
    if (!file.open()) return system_error(path, "cannot be opened");
    if (::fstat(file.get(), &status) != 0) return system_error(path, "cannot be read");
    if (!S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) != size) return changed(path);
    if (size < kMapFrom) {
      LP_TRY(owned, read_range(path, file.get(), 0, size));
    } else {
      void* const address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
      if (address == MAP_FAILED) return system_error(path, "cannot be mapped");
      mapping = address;
      modified = status.st_mtim;
    }
    loaded = true;
    return {};
  }
};

Content::Content() = default;

Content Content::from_bytes(std::vector<std::uint8_t> bytes) {
  Content content;
  if (bytes.empty()) return content;
  content.state_ = std::make_shared<State>();
  content.state_->owned = std::move(bytes);
  content.state_->loaded = true;
  return content;
}

Content Content::from_text(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return from_bytes({bytes.begin(), bytes.end()});
}

Content Content::from_file(std::string path, std::uint64_t size) {
  Content content;
  content.state_ = std::make_shared<State>();
  content.state_->path = std::move(path);
  content.state_->size = size;
  return content;
}

std::uint64_t Content::size() const {
  if (!state_) return 0;
  return state_->path.empty() ? state_->owned.size() : state_->size;
}

Result<Bytes> Content::read() const {
  if (!state_) return Bytes{};
  if (state_->path.empty()) return Bytes(state_->owned);
  const std::lock_guard lock(state_->mutex);
  if (!state_->loaded) LP_CHECK(state_->load());
  return state_->bytes();
}

// Reading asks for one byte more than the file had: one call tells that it is as long as it was.
Result<Bytes> Content::read_once(std::vector<std::uint8_t>& buffer) const {
  if (!state_ || state_->path.empty() || state_->size >= kMapFrom) return read();
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->loaded) return state_->bytes();
  }
  const Descriptor file(state_->path);
  if (!file.open()) return system_error(state_->path, "cannot be opened");
  if (buffer.size() <= kMapFrom) buffer.resize(kMapFrom + 1);
  std::size_t done = 0;
  while (done <= state_->size) {
    const ssize_t got = ::pread(file.get(), buffer.data() + done, state_->size + 1 - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(state_->path, "cannot be read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
    // A regular file gives all that it has: what is less is its end.
    if (done == state_->size) break;
  }
  if (done != state_->size) return changed(state_->path);
  return Bytes(buffer).first(done);
}

Result<std::vector<std::uint8_t>> Content::head(std::size_t count) const {
  return slice(0, count);
}

Result<std::vector<std::uint8_t>> Content::slice(std::uint64_t offset, std::size_t count) const {
  const std::uint64_t total = size();
  if (offset >= total) return std::vector<std::uint8_t>{};
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, total - offset));
  const auto copy = [&](Bytes all) {
    const Bytes part = all.subspan(offset, count);
    return std::vector<std::uint8_t>(part.begin(), part.end());
  };
  if (state_->path.empty()) return copy(state_->owned);
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->loaded) return copy(state_->bytes());
  }
  const Descriptor file(state_->path);
  if (!file.open()) return system_error(state_->path, "cannot be opened");
  return read_range(state_->path, file.get(), offset, count);
}

void Content::release() const {
  if (!state_ || state_->path.empty()) return;
  const std::lock_guard lock(state_->mutex);
  state_->release();
  state_->owned = {};
}

}  // namespace lambdapack
