// npm packages: every folder below a node_modules folder that has a package.json.
#pragma once

#include "languages/language_view.h"

namespace lambdapack {

// What lambdapack reads of a package.json; names only, since Node picks versions by folder.
struct PackageJson {
  std::string version;
  std::string engines_node;                   // engines.node: ">=18"
  std::vector<std::string> dependencies;      // dependencies, optionalDependencies, peerDependencies: sorted, unique
  std::vector<std::string> dev_dependencies;  // sorted
  std::vector<std::string> imports;           // what "imports" leads to, files of its own left out: sorted, unique
  std::vector<std::string> os, cpu, libc;
  std::vector<std::pair<std::string, std::string>> optional;  // optionalDependencies: name and range, sorted
};

// Nothing when the text is not a JSON object. Fields of another type than expected are left empty.
std::optional<PackageJson> parse_package_json(std::string_view text);

// The same for a file of the package; nothing also when it is longer than any real one (4 MiB).
Result<std::optional<PackageJson>> read_package_json(const Package& package, std::size_t file);

// The "name" of a package.json of the package; "" when it has none or is no JSON object.
Result<std::string> read_package_name(const Package& package, std::size_t file);

// The places ("node_modules/typescript") of packages that only development needs, as a lock file of npm's says. Nothing
// when it is no lock file, or an old one that has no places (before npm 7).
Result<std::optional<std::vector<std::string>>> read_dev_places(const Package& package, std::size_t file);

struct NodePackages {
  std::vector<NodePackage> found;                 // sorted by folder
  std::vector<std::optional<std::size_t>> owner;  // per package file
  std::vector<Finding> findings;
};

Result<NodePackages> read_node_packages(const Package& package, unsigned threads);

}  // namespace lambdapack
