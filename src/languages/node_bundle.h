// What a bundler says it has put into a file: esbuild's metafile (esbuild.github.io/api/#metafile).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "package/package.h"

namespace lambdapack {

struct BundleOutput {
  std::string path;  // relative to where esbuild ran
  std::uint64_t bytes = 0;
  std::vector<std::string> holds;  // names of npm packages that gave it bytes; sorted, unique
};

// The outputs of a metafile, sorted by path. Nothing when the text is none.
std::optional<std::vector<BundleOutput>> parse_metafile(std::string_view text);

struct NodeBundle {
  std::size_t file = 0;            // index into Package::files
  std::vector<std::string> holds;  // as above
};

struct NodeBundles {
  std::vector<NodeBundle> files;       // sorted by file
  std::vector<std::size_t> metafiles;  // in the package itself; sorted

  // Whether the file is a bundle that holds the package's modules.
  bool holds(std::size_t file, std::string_view name) const;
};

// The outputs that are in the package: of the same length, and of the same path as far as both have one. `metafile` is
// the text of one that was given, or empty; those that lie in the package, outside of node_modules, count too. Errors:
// the given text is no metafile; a file that cannot be read.
Result<NodeBundles> find_node_bundles(const Package& package, std::string_view metafile);

}  // namespace lambdapack
