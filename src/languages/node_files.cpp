// Most packages have no symlinks: then a path is what it says, and no walk over its parts is needed.
#include "languages/node_files.h"

#include <algorithm>

#include "languages/package_paths.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kLargestPackageJson = 4 << 20;
constexpr std::string_view kTask = "/var/task", kLayers = "/opt";

bool has_links(const Package& package) {
  return std::ranges::any_of(package.files, [](const PackageFile& file) { return file.kind == FileKind::symlink; });
}

}  // namespace

NodeFiles::NodeFiles(const Package& package) : package_(package), has_links_(has_links(package)) {}

Place NodeFiles::look(const std::string& path) const {
  if (has_links_) return place_at(package_, path);
  if (const auto file = file_at(package_, path))
    return package_.files[*file].kind == FileKind::regular ? Place{.kind = PlaceKind::file, .path = path, .file = *file}
                                                           : Place{.kind = PlaceKind::folder, .path = path};
  const auto [first, last] = files_below(package_, path);
  return first == last ? Place{} : Place{.kind = PlaceKind::folder, .path = path};
}

const NodeManifest& NodeFiles::manifest(std::string_view folder) {
  const auto [at, is_new] = manifests_.try_emplace(std::string(folder));
  if (is_new) at->second = read_manifest(join_path(folder, "package.json"));
  return at->second;
}

NodeManifest NodeFiles::read_manifest(const std::string& path) const {
  NodeManifest unknown;
  unknown.readable = false;
  const Place place = look(path);
  if (place.kind == PlaceKind::outside) return unknown;
  if (place.kind != PlaceKind::file) return {};
  const Content& content = package_.files[place.file].content;
  if (content.size() > kLargestPackageJson) return unknown;
  const auto bytes = content.slice(0, static_cast<std::size_t>(content.size()));
  return bytes ? read_node_manifest(as_text(*bytes)) : unknown;
}

std::optional<std::string_view> NodeFiles::scope(std::string_view folder) {
  while (base_name(folder) != "node_modules") {
    if (manifest(folder).exists) return folder;
    if (!climb(folder)) break;
  }
  return std::nullopt;
}

std::optional<std::string> resolve_on_lambda(std::string_view folder, std::string_view request) {
  std::string text;
  if (!request.starts_with('/')) {
    if (!is_layer_file(folder)) text = kTask;
    text += is_layer_file(folder) || folder.empty() ? std::string(folder) : "/" + std::string(folder);
    text += '/';
  }
  text += request;
  std::string path;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (part == "..")
      path.resize(path.empty() ? 0 : path.rfind('/'));
    else if (!part.empty() && part != ".")
      path.append("/").append(part);
  }
  if (path == kTask) return std::string();
  if (path.starts_with(kTask) && path[kTask.size()] == '/') return path.substr(kTask.size() + 1);
  return path.starts_with(kLayers) && path.size() > kLayers.size() && path[kLayers.size()] == '/' ? std::optional(path)
                                                                                                  : std::nullopt;
}

bool climb(std::string_view& folder) {
  if (folder.empty() || folder == kLayers) return false;
  folder = parent_folder(folder);
  return true;
}

}  // namespace lambdapack
