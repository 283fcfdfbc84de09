// What the search for a module asks of a package's files: what lies at a path, and what the package.json there says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "languages/node_exports.h"
#include "package/package.h"
#include "package/place.h"

namespace lambdapack {

class NodeFiles {
 public:
  explicit NodeFiles(const Package& package);

  Place look(const std::string& path) const;

  // Of package.json in the folder; remembered.
  const NodeManifest& manifest(std::string_view folder);

  // The folder with the nearest package.json, at or above this one, as "type" and "imports" are looked for. Nothing
  // when there is none up to node_modules or the top.
  std::optional<std::string_view> scope(std::string_view folder);

 private:
  NodeManifest read_manifest(const std::string& path) const;

  const Package& package_;
  const bool has_links_;
  std::unordered_map<std::string, NodeManifest> manifests_;
};

// path.resolve() on Lambda, where the package lies in /var/task, for folders of the package. Nothing when no file of
// the package or of a layer can have the path.
std::optional<std::string> resolve_on_lambda(std::string_view folder, std::string_view request);

// Makes the folder the one above it; false at the top of the package and of layers.
bool climb(std::string_view& folder);

}  // namespace lambdapack
