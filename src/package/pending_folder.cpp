#include "package/pending_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "package/pending_file.h"

namespace lambdapack {
namespace {

constexpr std::int64_t kMtime = 315532800;  // 1980-01-01, as in zips

// Not in every libc that lambdapack is built with.
int rename_with(const std::string& from, const std::string& to, unsigned flags) {
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags));
}

Result<void> set_mtime(const std::string& path) {
  const std::array<timespec, 2> times = {timespec{kMtime, 0}, timespec{kMtime, 0}};
  if (::utimensat(AT_FDCWD, path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
    return system_error(path, "cannot be given its date");
  return {};
}

Result<void> write_file(const std::string& path, Bytes bytes, std::uint32_t mode) {
  const int fd = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return system_error(path, "cannot be created");
  const bool written = write_all(fd, bytes) && ::fchmod(fd, mode) == 0;
  const int error = errno;
  const bool closed = ::close(fd) == 0;
  if (!written) errno = error;
  if (!written || !closed) return system_error(path, "cannot be written");
  return set_mtime(path);
}

}  // namespace

Result<FolderPlace> folder_place(const std::string& path, bool replace, const char* hint) {
  std::string target = path;
  while (target.size() > 1 && target.ends_with('/')) target.pop_back();
  struct stat status{};
  const bool exists = ::stat(target.c_str(), &status) == 0;
  if (exists) {
    if (!S_ISDIR(status.st_mode)) return fail(printable(path), "is a file", hint);
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
  return FolderPlace{target, exists};
}

Result<void> swap_in(const std::string& pending, const std::string& target) {
  if (rename_with(pending, target, RENAME_EXCHANGE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return system_error(target, "cannot be replaced");
  // File systems that cannot exchange: for a moment there is nothing, and on failure the old one comes back.
  const std::string old = pending + ".old";
  if (::rename(target.c_str(), old.c_str()) != 0) return system_error(target, "cannot be replaced");
  if (::rename(pending.c_str(), target.c_str()) != 0) {
    const auto error = system_error(target, "cannot be replaced");
    ::rename(old.c_str(), target.c_str());
    return error;
  }
  if (::rename(old.c_str(), pending.c_str()) != 0) return system_error(old, "cannot be removed");
  return {};
}

Result<PendingFolder> PendingFolder::create(const std::string& target) {
  std::string name = target + ".XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return system_error(target, "cannot be created");
  return PendingFolder(std::move(name));
}

PendingFolder::~PendingFolder() {
  std::error_code ignored;  // nothing can be done, and nothing of the user's is touched
  if (!name_.empty()) std::filesystem::remove_all(name_, ignored);
}

Result<void> PendingFolder::make_parents(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? Result<void>() : add_folder(path.substr(0, slash));
}

Result<void> PendingFolder::add_folder(const std::string& folder) {
  if (folders_.contains(folder)) return {};
  for (std::size_t end = folder.find('/');; end = folder.find('/', end + 1)) {
    const std::string upto = folder.substr(0, end);
    if (folders_.insert(upto).second) {
      const std::string path = name_ + '/' + upto;
      if (::mkdir(path.c_str(), 0700) != 0 || ::chmod(path.c_str(), 0755) != 0)
        return system_error(path, "cannot be created");
    }
    if (end == std::string::npos) return {};
  }
}

Result<void> PendingFolder::add_file(const std::string& path, Bytes bytes, std::uint32_t mode) {
  LP_CHECK(make_parents(path));
  return write_file(name_ + '/' + path, bytes, mode);
}

Result<void> PendingFolder::add_link(const std::string& path, const std::string& link_target) {
  LP_CHECK(make_parents(path));
  const std::string full = name_ + '/' + path;
  if (::symlink(link_target.c_str(), full.c_str()) != 0) return system_error(full, "cannot be created");
  return set_mtime(full);
}

Result<void> PendingFolder::finish() {
  // Last, and from the inside out: whatever is written into a folder changes its date.
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) LP_CHECK(set_mtime(name_ + '/' + *folder));
  if (::chmod(name_.c_str(), 0755) != 0) return system_error(name_, "cannot be given its mode");
  return set_mtime(name_);
}

Result<void> PendingFolder::put_into_place(const FolderPlace& place) {
  if (place.exists) return swap_in(name_, place.target);
  if (::rename(name_.c_str(), place.target.c_str()) != 0) return system_error(place.target, "cannot be created");
  name_.clear();
  return {};
}

}  // namespace lambdapack
