// Paths inside a package: finding them, and following its symlinks as the kernel would.
#include "package/package.h"

#include <algorithm>

namespace lambdapack {
namespace {

constexpr int kMaxLinks = 40;  // MAXSYMLINKS of Linux: path_resolution(7)

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

// A link to an absolute path may lead to a layer's file, and nowhere else inside.
bool may_lead_to_layer(std::string_view target) {
  return target.starts_with("/opt/");
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
  if (path.starts_with('/') && !may_lead_to_layer(path)) return std::nullopt;
  bool absolute = path.starts_with('/');
  std::string done;  // a real folder, without links; "" is the top of the package, or the root
  std::string rest(path);
  int links = 0;
  while (true) {
    const std::size_t slash = rest.find('/');
    const std::string part = rest.substr(0, slash);
    const bool last = slash == std::string::npos;
    rest = last ? std::string() : rest.substr(slash + 1);
    if (part == "..") {
      if (done.empty()) return std::nullopt;
      done = std::string(parent_of(done));
    } else if (!part.empty() && part != ".") {
      const std::string here = done.empty() && !absolute ? part : done + '/' + part;
      const PackageFile* const file = package.find(here);
      if (file != nullptr && file->kind == FileKind::symlink) {
        const std::string& target = file->link_target;
        if (++links > kMaxLinks || target.empty()) return std::nullopt;
        if (target.starts_with('/')) {
          if (!may_lead_to_layer(target)) return std::nullopt;
          done.clear();
          absolute = true;
        }
        rest = last ? target : target + '/' + rest;
        continue;
      }
      if (file != nullptr && file->kind == FileKind::regular) {
        if (!last) return std::nullopt;
        return static_cast<std::size_t>(file - package.files.data());
      }
      done = here;
    }
    if (last) return std::nullopt;  // a folder, or nothing
  }
}

}  // namespace lambdapack
