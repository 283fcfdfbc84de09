// What must not get into a package, whatever it came from; see collect_files.h.
#include "package/collect_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/units.h"

namespace lambdapack {
namespace {

const PackageFile* find_sorted(const std::vector<PackageFile>& files, std::string_view path) {
  const auto found =
      std::ranges::lower_bound(files, path, {}, [](const PackageFile& file) -> std::string_view { return file.path; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

// Folders of the function's own world: a link there is meant, since the package is unpacked on Lambda.
bool is_lambda_folder(std::string_view target) {
  for (const std::string_view folder : {"/opt", "/tmp", "/var/task", "/var/runtime", "/var/lang", "/dev", "/proc"})
    if (target == folder || (target.starts_with(folder) && target[folder.size()] == '/')) return true;
  return false;
}

}  // namespace

std::string member_name(std::string_view source, std::string_view member) {
  return fmt::format("{}: {}", printable(source), printable(member));
}

Result<std::string> member_path(std::string_view source, std::string_view name) {
  const auto refuse = [&](std::string what, std::string hint) {
    return fail(member_name(source, name), std::move(what), std::move(hint));
  };
  if (name.empty()) return refuse("a member has an empty name", "make the archive again");
  if (name.find('\0') != std::string_view::npos) return refuse("its name has a NUL byte", "make the archive again");
  if (name.starts_with('/')) return refuse("is an absolute path", "make the archive from inside the folder");
  std::string path;
  for (std::size_t start = 0; start < name.size();) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    const std::string_view part = name.substr(start, end - start);
    start = end + 1;
    if (part == "..")
      return refuse("has \"..\" in its path, which can lead out of the package",
                    "make the archive from inside the folder");
    if (part.empty() || part == ".") continue;
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

Result<void> FileCollector::count(std::uint64_t bytes) {
  if (++count_ > options_.max_files)
    return fail(source_, fmt::format("holds more than {} files", format_count(options_.max_files)),
                "raise --max-files if that is right");
  if (bytes > bytes_left())
    return fail(source_, fmt::format("unpacks to more than {} bytes", format_count(options_.max_unpacked)),
                "raise --max-unpacked if that is right");
  bytes_ += bytes;
  return {};
}

Result<Package> FileCollector::finish(InputKind kind) && {
  std::ranges::sort(files_, {}, [](const PackageFile& file) { return std::tie(file.path, file.kind, file.mode); });
  LP_CHECK(drop_repeated_folders());
  LP_CHECK(check_parents());
  drop_full_folders();
  find_oddities(kind);
  Package package;
  package.source = std::move(source_);
  package.kind = kind;
  package.files = std::move(files_);
  package.findings = std::move(findings_);
  sort_findings(package.findings);
  return package;
}

// A folder may be listed twice; of two files one would overwrite the other when unpacked, and
// which one depends on who unpacks.
Result<void> FileCollector::drop_repeated_folders() {
  std::vector<PackageFile> unique;
  unique.reserve(files_.size());
  for (PackageFile& file : files_) {
    if (unique.empty() || unique.back().path != file.path) {
      unique.push_back(std::move(file));
      continue;
    }
    if (unique.back().kind != FileKind::directory || file.kind != FileKind::directory)
      return fail(member_name(source_, file.path), "is there twice", "make the archive again with one of the two");
    unique.back() = std::move(file);
  }
  files_ = std::move(unique);
  return {};
}

// Whatever lies "in" a link or in a file: unpacking it writes through the link, maybe out of the folder.
Result<void> FileCollector::check_parents() const {
  std::string_view checked;  // neighbours mostly share a folder
  for (const PackageFile& file : files_) {
    const std::string_view path = file.path;
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos || path.substr(0, slash) == checked) continue;
    for (std::size_t end = path.find('/'); end != std::string_view::npos; end = path.find('/', end + 1)) {
      const PackageFile* const parent = find_sorted(files_, path.substr(0, end));
      if (parent == nullptr || parent->kind == FileKind::directory) continue;
      if (parent->kind == FileKind::symlink)
        return fail(member_name(source_, path),
                    fmt::format("would be unpacked through the link {} -> {}", printable(parent->path),
                                printable(parent->link_target)),
                    "make the archive again without the link or without the files below it");
      return fail(member_name(source_, path), fmt::format("lies in {}, which is a file", printable(parent->path)),
                  "make the archive again with one of the two");
    }
    checked = path.substr(0, slash);
  }
  return {};
}

// Folders that hold something need no entry of their own. What a folder holds does not follow it at once ("a", "a-b",
// "a/c"), hence the search.
void FileCollector::drop_full_folders() {
  std::vector<bool> full(files_.size());
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (files_[i].kind != FileKind::directory) continue;
    const std::string prefix = files_[i].path + '/';
    const auto next = std::ranges::lower_bound(files_, prefix, {}, &PackageFile::path);
    full[i] = next != files_.end() && next->path.starts_with(prefix);
  }
  std::size_t i = 0;
  std::erase_if(files_, [&](const PackageFile&) { return full[i++]; });
}

void FileCollector::find_oddities(InputKind kind) {
  for (const PackageFile& file : files_) {
    if (!is_utf8(file.path))
      findings_.push_back({.code = "name-not-utf8",
                           .severity = Severity::warning,
                           .path = file.path,
                           .detail = {},
                           .message = "its name is not UTF-8: programs that read the zip will show different names",
                           .help = "rename it if something opens it by name"});
    if ((file.mode & 07000) != 0 && file.kind == FileKind::regular)
      findings_.push_back(
          {.code = "unusual-mode",
           .severity = Severity::info,
           .path = file.path,
           .detail = fmt::format("{:04o}", file.mode),
           .message = fmt::format("has mode {:04o}: setuid, setgid and sticky bits mean nothing on Lambda "
                                  "and are not packed",
                                  file.mode),
           .help = {}});
    if (file.kind == FileKind::symlink && !link_destination(file.path, file.link_target)) {
      const bool meant = is_lambda_folder(file.link_target);
      findings_.push_back({.code = "link-out-of-package",
                           .severity = meant ? Severity::info : Severity::warning,
                           .path = file.path,
                           .detail = file.link_target,
                           .message = fmt::format("is a link out of the package, to {}: it is packed as a link",
                                                  printable(file.link_target)),
                           .help = meant                       ? ""
                                   : kind == InputKind::folder ? "pass --follow-links to pack what it points to"
                                                               : "put the file itself into the archive"});
    }
  }
}

}  // namespace lambdapack
