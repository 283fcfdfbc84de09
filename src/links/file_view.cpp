// Looks paths up in the sorted list of the package's files. Folders are not indexed: search paths name few distinct
// ones, and a binary search costs less than hashing 20,000 paths of which three are asked for.
#include "links/file_view.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "package/layers.h"

namespace lambdapack {
namespace {

constexpr int kLinkLimit = 40;  // MAXSYMLINKS of Linux: path_resolution(7)

// Pushes the parts of path so that the first one is on top.
void push_parts(std::vector<std::string>& parts, std::string_view path) {
  const std::size_t bottom = parts.size();
  std::size_t start = 0;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    if (end > start) parts.emplace_back(path.substr(start, end - start));
    start = end + 1;
  }
  std::reverse(parts.begin() + static_cast<std::ptrdiff_t>(bottom), parts.end());
}

std::size_t lower_bound_path(const Package& package, std::string_view path) {
  const auto found = std::ranges::lower_bound(package.files, path, {},
                                              [](const PackageFile& f) -> std::string_view { return f.path; });
  return static_cast<std::size_t>(found - package.files.begin());
}

}  // namespace

std::string_view file_name_of(std::string_view path) {
  if (path.empty()) return path;  // memrchr takes no null pointer
  const void* slash = ::memrchr(path.data(), '/', path.size());
  return slash == nullptr ? path
                          : path.substr(static_cast<std::size_t>(static_cast<const char*>(slash) - path.data()) + 1);
}

std::string_view folder_name_of(std::string_view path) {
  const std::string_view name = file_name_of(path);
  return name.size() == path.size() ? std::string_view() : path.substr(0, path.size() - name.size() - 1);
}

FileView::FileView(const Package& package, const LoaderProfile& profile, std::string mount)
    : package_(package), profile_(profile), mount_(std::move(mount)) {
  while (mount_.ends_with('/')) mount_.pop_back();
  const auto [first, last] = layer_files(package);
  has_layers_ = first < last;
}

std::optional<std::string_view> FileView::inside(std::string_view path) const {
  // Layers' files have their absolute path in the package.
  if (has_layers_ && path.starts_with("/opt") && (path.size() == 4 || path[4] == '/')) return path;
  if (!path.starts_with(mount_)) return std::nullopt;
  path.remove_prefix(mount_.size());
  if (path.empty()) return path;
  if (path.front() != '/') return std::nullopt;
  return path.substr(1);
}

bool FileView::is_package_folder(std::string_view relative) const {
  if (relative.empty()) return true;
  const std::string prefix = std::string(relative) + '/';
  const std::size_t below = lower_bound_path(package_, prefix);
  if (below < package_.files.size() && package_.files[below].path.starts_with(prefix)) return true;
  const std::size_t same = lower_bound_path(package_, relative);
  return same < package_.files.size() && package_.files[same].path == relative &&
         package_.files[same].kind == FileKind::directory;
}

const std::set<std::string>* FileView::outside_folder(std::string_view path) const {
  const auto found = profile_.outside.find(std::string(path));
  return found == profile_.outside.end() ? nullptr : &found->second;
}

std::string FileView::absolute(std::string_view relative) const {
  if (is_layer_file(relative)) return std::string(relative);
  return relative.empty() ? mount_ : mount_ + "/" + std::string(relative);
}

std::string FileView::path_of(std::size_t file) const {
  return absolute(package_.files[file].path);
}

std::string FileView::folder_of(std::size_t file) const {
  return absolute(folder_name_of(package_.files[file].path));
}

// What is at a path that has no links before its last part.
Location FileView::at(const std::string& path) const {
  if (const auto relative = inside(path)) {
    const std::size_t index = lower_bound_path(package_, *relative);
    if (index < package_.files.size() && package_.files[index].path == *relative &&
        package_.files[index].kind != FileKind::directory)
      return {Located::file, index, path};
    if (is_package_folder(*relative)) return {Located::folder, 0, path};
  }
  const std::size_t slash = path.rfind('/');
  if (const auto* names = outside_folder(path.substr(0, slash));
      names != nullptr && names->contains(path.substr(slash + 1)))
    return {Located::outside, 0, path};
  if (outside_folder(path) != nullptr) return {Located::folder, 0, path};
  return {};
}

Location FileView::locate(std::string_view path) const {
  std::vector<std::string> parts;
  push_parts(parts, path);
  if (!path.starts_with('/')) push_parts(parts, profile_.working_folder);
  std::string current;  // the absolute path walked so far, without links; "" is the root
  Location location{Located::folder, 0, "/"};
  int links = 0;
  while (!parts.empty()) {
    const std::string part = std::move(parts.back());
    parts.pop_back();
    if (location.what == Located::file || location.what == Located::outside) return {};  // a file has nothing below it
    if (part == ".") continue;
    if (part == "..") {
      current.resize(std::min(current.rfind('/'), current.size()));
      location = {Located::folder, 0, current};
      continue;
    }
    std::string next = current;
    next.append("/").append(part);
    location = at(next);
    if (location.what == Located::file && package_.files[location.file].kind == FileKind::symlink) {
      if (++links > kLinkLimit) return {Located::endless_link, 0, {}};
      const std::string& target = package_.files[location.file].link_target;
      if (target.empty()) return {};
      if (target.starts_with('/')) current.clear();
      push_parts(parts, target);
      location = {Located::folder, 0, current};
      continue;
    }
    // Inside the package a part that is not there ends the walk; outside, nothing is known of folders on the way.
    if (location.what == Located::nothing && inside(next) && !parts.empty()) return {};
    current = std::move(next);
    if (location.what == Located::nothing && !parts.empty()) location = {Located::folder, 0, current};
  }
  if (location.what == Located::folder) {
    // The root, and folders outside of which nothing is known, hold nothing that could be loaded.
    location.path = current;
    const auto relative = inside(current);
    if (!(relative && is_package_folder(*relative)) && outside_folder(current) == nullptr) return {};
  }
  return location;
}

}  // namespace lambdapack
