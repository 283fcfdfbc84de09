#include "languages/package_paths.h"

#include <algorithm>

namespace lambdapack {

namespace {

std::size_t first_not_below(const Package& package, std::string_view path) {
  const auto found =
      std::lower_bound(package.files.begin(), package.files.end(), path,
                       [](const PackageFile& file, std::string_view value) { return file.path < value; });
  return static_cast<std::size_t>(found - package.files.begin());
}

}  // namespace

std::optional<std::size_t> file_at(const Package& package, std::string_view path) {
  const std::size_t index = first_not_below(package, path);
  if (index == package.files.size() || package.files[index].path != path) return std::nullopt;
  return index;
}

std::pair<std::size_t, std::size_t> files_with_prefix(const Package& package, std::string_view prefix) {
  const std::size_t first = first_not_below(package, prefix);
  const auto last =
      std::partition_point(package.files.begin() + static_cast<std::ptrdiff_t>(first), package.files.end(),
                           [&](const PackageFile& file) { return file.path.starts_with(prefix); });
  return {first, static_cast<std::size_t>(last - package.files.begin())};
}

std::pair<std::size_t, std::size_t> files_below(const Package& package, std::string_view folder) {
  if (folder.empty()) return {0, package.files.size()};
  return files_with_prefix(package, std::string(folder) + "/");
}

std::string_view parent_folder(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string join_path(std::string_view folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  std::string path(folder);
  path += '/';
  path += name;
  return path;
}

}  // namespace lambdapack
