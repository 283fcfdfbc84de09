// Layers as Lambda lays them: extracted in order into /opt, so that of two files with one path the last layer's is
// there. Source: Lambda Developer Guide, "Adding layers to functions".
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "package/package.h"

namespace lambdapack {

struct MergedLayers {
  std::vector<PackageFile> files;     // sorted; paths as in the layers: "lib/libfoo.so.1"
  std::vector<std::size_t> layer_of;  // parallel to files: which layer brought it
  std::vector<std::size_t> hidden;    // per layer: files of it that a later layer replaces
};

// Layers in the function's order.
MergedLayers merge_layers(const std::vector<Package>& layers);

// The function's package with the layers' files under /opt/…, sorted.
Package with_layers(Package function, const MergedLayers& layers);

// [first, last) of the layers' files.
std::pair<std::size_t, std::size_t> layer_files(const Package& package);

// Whether Lambda starts a file by itself: every file that lies in /opt/extensions (Developer Guide, "Configuring Lambda
// extensions"), where only layers put any. A function's own folder of that name is /var/task/extensions, and nothing
// starts what is there. `path` as in the package; `is_layer`: the package is a layer.
bool is_extension(std::string_view path, bool is_layer);

// The package without the layers' files: what is measured and written. A copy only when there are any.
class FunctionPart {
 public:
  explicit FunctionPart(const Package& package);
  const Package& get() const { return copy_ ? *copy_ : *package_; }

 private:
  const Package* package_;
  std::optional<Package> copy_;
};

}  // namespace lambdapack
