// The walk goes part by part, since every folder on the way may be a link.
#include "package/place.h"

#include <algorithm>

namespace lambdapack {
namespace {

constexpr int kMaxLinks = 40;  // MAXSYMLINKS of Linux: path_resolution(7)

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

// A link to an absolute path may lead to a layer's file, and nowhere else inside.
bool may_lead_to_layer(std::string_view target) {
  return target.starts_with("/opt/");
}

bool has_files_below(const Package& package, const std::string& folder) {
  if (folder.empty()) return true;
  const std::string prefix = folder + "/";
  const auto found = std::ranges::lower_bound(package.files, prefix, {}, &PackageFile::path);
  return found != package.files.end() && found->path.starts_with(prefix);
}

}  // namespace

Place place_at(const Package& package, std::string_view path) {
  const Place outside{.kind = PlaceKind::outside, .path = {}};
  bool absolute = path.starts_with('/');
  if (absolute && !may_lead_to_layer(path)) return outside;
  std::string done;  // a real folder, without links; "" is the top of the package, or the root
  std::string rest(path);
  int links = 0;
  while (true) {
    const std::size_t slash = rest.find('/');
    const std::string part = rest.substr(0, slash);
    const bool last = slash == std::string::npos;
    rest = last ? std::string() : rest.substr(slash + 1);
    if (part == "..") {
      if (done.empty()) return outside;
      done = parent_of(done);
    } else if (!part.empty() && part != ".") {
      const std::string here = done.empty() && !absolute ? part : done + '/' + part;
      const PackageFile* const file = package.find(here);
      if (file != nullptr && file->kind == FileKind::symlink) {
        const std::string& target = file->link_target;
        if (++links > kMaxLinks || target.empty()) return {};
        if (target.starts_with('/')) {
          if (!may_lead_to_layer(target)) return outside;
          done.clear();
          absolute = true;
        }
        rest = last ? target : target + '/' + rest;
        continue;
      }
      if (file != nullptr && file->kind == FileKind::regular) {
        if (!last) return {};
        return {.kind = PlaceKind::file, .path = here, .file = static_cast<std::size_t>(file - package.files.data())};
      }
      done = here;
    }
    if (!last) continue;
    const PackageFile* const file = package.find(done);
    const bool folder = (file != nullptr && file->kind == FileKind::directory) || has_files_below(package, done);
    return folder ? Place{.kind = PlaceKind::folder, .path = done} : Place{};
  }
}

}  // namespace lambdapack
