// What is at a path of a package, as the kernel would find it: path_resolution(7).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "package/package.h"

namespace lambdapack {

enum class PlaceKind {
  none,
  file,
  folder,
  outside,  // a link, or "..", leads out of the package: what is there is not known
};

struct Place {
  PlaceKind kind = PlaceKind::none;
  std::string path;      // of a file or folder: without links, "" for the top of the package
  std::size_t file = 0;  // of a file: index into Package::files
};

// Follows symlinks, 40 at most, also of folders on the way. path may contain "." and "..".
Place place_at(const Package& package, std::string_view path);

}  // namespace lambdapack
