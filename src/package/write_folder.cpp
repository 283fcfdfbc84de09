// A package as a folder for tools that make the zip themselves (SAM, CDK, Terraform). Written beside its place and
// swapped in, so that nobody ever sees half of it.
//
// A folder that holds something is replaced only on demand: a mark in it by which an own earlier output could be known
// would be deployed with it, and what somebody put there since would be lost.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>

#include "package/collect_files.h"
#include "package/write_package.h"

namespace lambdapack {
namespace {

constexpr std::int64_t kMtime = 315532800;  // 1980-01-01, as in zips

std::unexpected<Error> system_error(const std::string& path, const char* what) {
  return fail(printable(path), fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

// Not in every libc that lambdapack is built with.
int rename_with(const std::string& from, const std::string& to, unsigned flags) {
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags));
}

// The folder that is being written; what is still under its name at the end is removed.
class PendingFolder {
 public:
  static Result<PendingFolder> create(const std::string& path) {
    std::string name = path + ".XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) return system_error(path, "cannot be created");
    return PendingFolder(std::move(name));
  }
  PendingFolder(PendingFolder&& other) noexcept : name_(std::exchange(other.name_, {})) {}
  ~PendingFolder() {
    std::error_code ignored;  // nothing can be done, and nothing of the user's is touched
    if (!name_.empty()) std::filesystem::remove_all(name_, ignored);
  }
  const std::string& name() const { return name_; }
  void is_in_place() { name_.clear(); }

 private:
  explicit PendingFolder(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

Result<void> set_mtime(const std::string& path) {
  const std::array<timespec, 2> times = {timespec{kMtime, 0}, timespec{kMtime, 0}};
  if (::utimensat(AT_FDCWD, path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
    return system_error(path, "cannot be given its date");
  return {};
}

Result<void> write_file(const std::string& path, const PackageFile& file) {
  LP_TRY(const Bytes bytes, file.content.read());
  const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return system_error(path, "cannot be created");
  bool written = true;
  for (std::size_t done = 0; written && done < bytes.size();) {
    const ssize_t count = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (count >= 0)
      done += static_cast<std::size_t>(count);
    else
      written = errno == EINTR;
  }
  written = written && ::fchmod(fd, output_mode(file)) == 0;
  const int error = errno;
  const bool closed = ::close(fd) == 0;
  if (!written) errno = error;
  if (!written || !closed) return system_error(path, "cannot be written");
  return set_mtime(path);
}

class FolderWriter {
 public:
  explicit FolderWriter(std::string root) : root_(std::move(root)) {}

  Result<void> write(const Package& package) {
    for (const PackageFile& file : package.files) {
      const std::size_t slash = file.path.rfind('/');
      if (slash != std::string::npos) LP_CHECK(make_folders(file.path.substr(0, slash)));
      const std::string path = root_ + '/' + file.path;
      if (file.kind == FileKind::directory) {
        LP_CHECK(make_folders(file.path));
      } else if (file.kind == FileKind::symlink) {
        if (::symlink(file.link_target.c_str(), path.c_str()) != 0) return system_error(path, "cannot be created");
        LP_CHECK(set_mtime(path));
      } else {
        LP_CHECK(write_file(path, file));
      }
    }
    // Last, and from the inside out: whatever is written into a folder changes its date.
    for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder)
      LP_CHECK(set_mtime(root_ + '/' + *folder));
    if (::chmod(root_.c_str(), 0755) != 0) return system_error(root_, "cannot be given its mode");
    return set_mtime(root_);
  }

 private:
  Result<void> make_folders(const std::string& folder) {
    if (folders_.contains(folder)) return {};
    for (std::size_t end = folder.find('/');; end = folder.find('/', end + 1)) {
      const std::string upto = folder.substr(0, end);
      if (folders_.insert(upto).second) {
        const std::string path = root_ + '/' + upto;
        if (::mkdir(path.c_str(), 0700) != 0 || ::chmod(path.c_str(), 0755) != 0)
          return system_error(path, "cannot be created");
      }
      if (end == std::string::npos) return {};
    }
  }

  std::string root_;
  std::set<std::string> folders_;
};

// Puts `pending` where `target` is; the old folder gets pending's name, where it is removed.
Result<void> swap_in(PendingFolder& pending, const std::string& target) {
  if (rename_with(pending.name(), target, RENAME_EXCHANGE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return system_error(target, "cannot be replaced");
  // File systems that cannot exchange: for a moment there is nothing, and on failure the old one comes back.
  const std::string old = pending.name() + ".old";
  if (::rename(target.c_str(), old.c_str()) != 0) return system_error(target, "cannot be replaced");
  if (::rename(pending.name().c_str(), target.c_str()) != 0) {
    const auto error = system_error(target, "cannot be replaced");
    ::rename(old.c_str(), target.c_str());
    return error;
  }
  if (::rename(old.c_str(), pending.name().c_str()) != 0) return system_error(old, "cannot be removed");
  return {};
}

}  // namespace

Result<void> write_folder(const Package& package, const std::string& path, bool replace) {
  std::string target = path;
  while (target.size() > 1 && target.ends_with('/')) target.pop_back();
  struct stat status{};
  const bool exists = ::stat(target.c_str(), &status) == 0;
  if (exists) {
    if (!S_ISDIR(status.st_mode))
      return fail(printable(path), "is a file", "leave the \"/\" away to write a zip, or name a folder");
    std::error_code error;
    const bool empty = std::filesystem::is_empty(target, error);
    if (error) return fail(printable(path), "cannot be listed: " + error.message());
    if (!empty && !replace)
      return fail(printable(path), "is a folder that is not empty", "pass --replace if all that is in it may go");
    // A link to the folder stays; "." cannot be renamed, its name can.
    target = std::filesystem::canonical(target, error).string();
    if (error) return fail(printable(path), "cannot be replaced: " + error.message());
    std::string here = std::filesystem::current_path(error).string();
    if (target == "/" || (here + '/').starts_with(target + '/'))
      return fail(printable(path), "is the folder that lambdapack was started in, or one around it",
                  "write to a folder of its own");
  }
  LP_TRY(PendingFolder pending, PendingFolder::create(target));
  LP_CHECK(FolderWriter(pending.name()).write(package));
  if (exists) return swap_in(pending, target);
  if (::rename(pending.name().c_str(), target.c_str()) != 0) return system_error(path, "cannot be created");
  pending.is_in_place();
  return {};
}

}  // namespace lambdapack
