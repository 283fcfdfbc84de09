// Paths inside a package, and finding them.
#include "package/package.h"

#include <algorithm>

#include "package/place.h"

namespace lambdapack {
namespace {

// Appends the parts of text to parts; false when ".." climbs above the root.
bool append_parts(std::vector<std::string_view>& parts, std::string_view text) {
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('/', start), text.size());
    const std::string_view part = text.substr(start, end - start);
    start = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      return false;
    } else {
      parts.pop_back();
    }
  }
  return true;
}

std::string join(const std::vector<std::string_view>& parts) {
  std::string path;
  for (const std::string_view part : parts) {
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

}  // namespace

std::string_view to_string(InputKind kind) {
  switch (kind) {
    case InputKind::folder: return "folder";
    case InputKind::zip: return "zip";
    case InputKind::tar: return "tar";
    case InputKind::elf: return "ELF file";
  }
  return "folder";
}

const PackageFile* Package::find(std::string_view path) const {
  const auto found =
      std::ranges::lower_bound(files, path, {}, [](const PackageFile& file) -> std::string_view { return file.path; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

std::uint64_t Package::total_size() const {
  std::uint64_t total = 0;
  for (const PackageFile& file : files)
    if (!is_layer_file(file.path)) total += file.size();
  return total;
}

std::optional<std::string> normalise_path(std::string_view path) {
  std::vector<std::string_view> parts;
  if (!append_parts(parts, path)) return std::nullopt;
  return join(parts);
}

std::optional<std::string> link_destination(std::string_view path, std::string_view link_target) {
  if (link_target.empty() || link_target.starts_with('/')) return std::nullopt;
  std::vector<std::string_view> parts;
  if (!append_parts(parts, parent_of(path)) || !append_parts(parts, link_target)) return std::nullopt;
  return is_layer_file(path) ? "/" + join(parts) : join(parts);
}

std::optional<std::size_t> resolve_path(const Package& package, std::string_view path) {
  const Place place = place_at(package, path);
  return place.kind == PlaceKind::file ? std::optional(place.file) : std::nullopt;
}

}  // namespace lambdapack
