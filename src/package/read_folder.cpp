// Lists a folder with one status call per entry and opens no file: most files of a package are never read.
//
// Nothing is followed: a link is a link. With follow_links, links that leave the folder become copies of what they
// point to; inside such a copy the same rule holds with the copied folder as the root.
#include "package/read_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <system_error>
#include <utility>

namespace lambdapack {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

// Device and inode: which folder it is, whatever its name.
using Identity = std::pair<dev_t, ino_t>;

// One folder that waits to be listed.
struct Waiting {
  std::string disk_path;
  std::string path;                   // in the package
  std::size_t root = 0;               // index of the copied root it belongs to; 0 is the package itself
  std::vector<Identity> copied_from;  // the folders that links led through on the way here
};

struct Root {
  std::string path;  // in the package
  std::string disk_path;
};

std::string join(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : fmt::format("{}/{}", folder, name);
}

std::unexpected<Error> system_error(const std::string& subject, const char* what) {
  return fail(printable(subject), fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

const char* what_it_is(mode_t mode) {
  if (S_ISFIFO(mode)) return "is a FIFO";
  if (S_ISSOCK(mode)) return "is a socket";
  return "is a device";
}

class FolderReader {
 public:
  FolderReader(const ReadOptions& options, FileCollector& collector) : options_(options), collector_(collector) {}

  Result<void> read(const std::string& root) {
    roots_.push_back({"", root});
    waiting_.push_back({root, "", 0, {}});
    while (!waiting_.empty()) {
      const Waiting folder = std::move(waiting_.back());
      waiting_.pop_back();
      LP_CHECK(list(folder));
    }
    return {};
  }

 private:
  Result<void> list(const Waiting& folder) {
    // The user's own path may be a link; below it, what was a folder when its parent was listed must still be one.
    const int no_follow = folder.path.empty() ? 0 : O_NOFOLLOW;
    const int fd = ::open(folder.disk_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | no_follow);
    if (fd < 0) return system_error(folder.disk_path, "cannot be opened");
    const OpenFolder open(::fdopendir(fd));
    if (!open) {
      ::close(fd);
      return system_error(folder.disk_path, "cannot be listed");
    }
    while (true) {
      errno = 0;
      const dirent* const entry = ::readdir(open.get());
      if (entry == nullptr && errno != 0) return system_error(folder.disk_path, "cannot be listed");
      if (entry == nullptr) return {};
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      struct stat status{};
      if (::fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return system_error(join(folder.disk_path, name), "cannot be read");
      LP_CHECK(add_entry(folder, fd, entry->d_name, status));
    }
  }

  Result<void> add_entry(const Waiting& folder, int fd, const char* name, const struct stat& status) {
    const std::string disk_path = join(folder.disk_path, name);
    PackageFile file;
    file.path = join(folder.path, name);
    file.mode = status.st_mode & 07777;
    file.mtime = status.st_mtime;
    if (S_ISLNK(status.st_mode)) {
      LP_TRY(file.link_target, read_link(fd, name, disk_path));
      return add_link(folder, disk_path, std::move(file));
    }
    return add_plain(folder, disk_path, std::move(file), status);
  }

  // A file or a folder; anything else is refused before somebody opens it and waits forever.
  Result<void> add_plain(const Waiting& folder, const std::string& disk_path, PackageFile file,
                         const struct stat& status) {
    if (S_ISDIR(status.st_mode)) {
      waiting_.push_back({disk_path, file.path, folder.root, folder.copied_from});
      file.kind = FileKind::directory;
      LP_CHECK(collector_.count(0));
    } else if (S_ISREG(status.st_mode)) {
      const auto size = static_cast<std::uint64_t>(status.st_size);
      LP_CHECK(collector_.count(size));
      file.content = Content::from_file(disk_path, size);
    } else {
      return fail(printable(disk_path), fmt::format("{}, which a package cannot hold", what_it_is(status.st_mode)),
                  "remove it from the folder");
    }
    collector_.add(std::move(file));
    return {};
  }

  Result<void> add_link(const Waiting& folder, const std::string& disk_path, PackageFile link) {
    link.kind = FileKind::symlink;
    link.mode = 0777;
    const Root& root = roots_[folder.root];
    const std::string_view below_root =
        std::string_view(link.path).substr(root.path.empty() ? 0 : root.path.size() + 1);
    if (options_.follow_links && !link_destination(below_root, link.link_target))
      return follow(folder, disk_path, std::move(link));
    LP_CHECK(collector_.count(0));
    collector_.add(std::move(link));
    return {};
  }

  Result<void> follow(const Waiting& folder, const std::string& disk_path, PackageFile link) {
    struct stat status{};
    std::string real_path(PATH_MAX, '\0');
    const bool resolved = ::realpath(disk_path.c_str(), real_path.data()) != nullptr;
    real_path.resize(real_path.find('\0'));
    if (!resolved || ::stat(real_path.c_str(), &status) != 0) {
      // Leads nowhere: kept as the link it is, and reported as one that leaves the package.
      LP_CHECK(collector_.count(0));
      collector_.add(std::move(link));
      return {};
    }
    link.kind = FileKind::regular;
    link.link_target.clear();
    link.mode = status.st_mode & 07777;
    link.mtime = status.st_mtime;
    if (!S_ISDIR(status.st_mode)) return add_plain(folder, real_path, std::move(link), status);

    const Identity identity{status.st_dev, status.st_ino};
    std::vector<Identity> copied_from = folder.copied_from;
    // A folder that a link already led through, or one that holds the whole package, would never end.
    if (std::ranges::find(copied_from, identity) != copied_from.end() || holds_a_root(real_path))
      return fail(printable(disk_path),
                  fmt::format("leads back to {}, so following it never ends", printable(real_path)),
                  "remove the link, or leave --follow-links away");
    copied_from.push_back(identity);
    LP_CHECK(collector_.count(0));
    link.kind = FileKind::directory;
    roots_.push_back({link.path, real_path});
    waiting_.push_back({real_path, link.path, roots_.size() - 1, std::move(copied_from)});
    collector_.add(std::move(link));
    return {};
  }

  // Whether the package's own folder lies in real_path (or is it).
  bool holds_a_root(const std::string& real_path) const {
    std::string own(PATH_MAX, '\0');
    if (::realpath(roots_.front().disk_path.c_str(), own.data()) == nullptr) return false;
    own.resize(own.find('\0'));
    return own == real_path || real_path == "/" || own.starts_with(real_path + '/');
  }

  static Result<std::string> read_link(int fd, const char* name, const std::string& disk_path) {
    std::string target(PATH_MAX, '\0');
    const ssize_t length = ::readlinkat(fd, name, target.data(), target.size());
    if (length < 0) return system_error(disk_path, "cannot be read as a link");
    target.resize(static_cast<std::size_t>(length));
    return target;
  }

  const ReadOptions& options_;
  FileCollector& collector_;
  std::vector<Waiting> waiting_;
  std::vector<Root> roots_;
};

}  // namespace

Result<void> read_folder(const std::string& root, const ReadOptions& options, FileCollector& collector) {
  return FolderReader(options, collector).read(root);
}

}  // namespace lambdapack
