// Which file does Node.js load for a name?
//
// The algorithms of nodejs.org/api/modules.html#all-together and nodejs.org/api/esm.html#resolution-algorithm, over the
// files of a package: what Node.js itself answers is what tests/e2e/resolve_truth compares with.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "package/package.h"
#include "rules/rules.h"

namespace lambdapack {

enum class NodeLoad { require, import };

enum class NodeOutcome {
  file,
  built_in,      // a module of Node.js
  runtime,       // the runtime has a package of this name, and neither the package nor a layer has
  not_found,     // MODULE_NOT_FOUND, ERR_MODULE_NOT_FOUND
  not_exported,  // ERR_PACKAGE_PATH_NOT_EXPORTED
  not_imported,  // ERR_PACKAGE_IMPORT_NOT_DEFINED
  folder,        // ERR_UNSUPPORTED_DIR_IMPORT
  invalid,       // the specifier, or what a package.json says of it, is one that Node.js refuses
  unknown,       // depends on what is outside of the package, or on a package.json that cannot be read
};

struct NodeResolved {
  NodeOutcome outcome = NodeOutcome::not_found;
  std::size_t file = 0;  // of outcome file: index into Package::files; a regular file, links followed
  std::string folder;    // of not_exported: that of the package that does not export it
  bool operator==(const NodeResolved&) const = default;
};

// What Node.js finds outside of the package.
struct NodeSurroundings {
  int major = 22;                      // its version
  std::vector<std::string> node_path;  // folders, as paths of the package: "/opt/nodejs/node_modules", "" for its top
  std::vector<std::string> packages;   // that the runtime has on NODE_PATH; sorted
};

// Those of a runtime of Lambda for Node.js.
NodeSurroundings node_surroundings(const Runtime& runtime);

// Whether require() and import take the name for a module of Node.js.
bool is_node_built_in(std::string_view specifier);

class NodeResolver {
 public:
  NodeResolver(const Package& package, NodeSurroundings surroundings);  // package must outlive it
  ~NodeResolver();

  // script: the path of the regular file that asks. Remembers each package.json that it has read.
  NodeResolved resolve(NodeLoad how, std::string_view specifier, std::string_view script) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lambdapack
