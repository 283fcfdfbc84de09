// A file that nobody sees before it is complete.
//
// Until then it has no name at all where the file system can do that (O_TMPFILE), so that not even a killed run leaves
// something behind.
#pragma once

#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace lambdapack {

// "PATH: WHAT: why", the why from errno.
std::unexpected<Error> system_error(const std::string& path, const char* what);

bool write_all(int fd, Bytes bytes);  // false: see errno

// Where a file really goes: a link stays a link. Errors: a folder (with `hint` as the way out), a device or pipe, which
// renaming would replace.
Result<std::string> file_destination(const std::string& path, const char* hint);

class PendingFile {
 public:
  // path: the name that it is to get. Errors: its folder is missing or cannot be written.
  static Result<PendingFile> create(const std::string& path);
  PendingFile(PendingFile&& other) noexcept
      : path_(std::move(other.path_)), name_(std::exchange(other.name_, {})), fd_(std::exchange(other.fd_, -1)) {}
  ~PendingFile();  // removes it, unless it is in place or was handed over

  int fd() const { return fd_; }
  Result<void> rename_into_place();

  // Gives it a temporary name beside its place. The caller renames or removes it.
  Result<std::string> hand_over();

 private:
  explicit PendingFile(std::string path) : path_(std::move(path)) {}
  Result<void> link_name();
  template <class Take>
  Result<void> with_free_name(Take take);

  std::string path_, name_;
  int fd_ = -1;
};

}  // namespace lambdapack
