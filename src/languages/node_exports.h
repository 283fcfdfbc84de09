// "exports" and "imports" of a package.json: which file or package a name leads to.
// nodejs.org/api/esm.html#resolution-algorithm-specification, and where that leaves something open,
// lib/internal/modules of Node.js.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lambdapack {

struct NodeConditions {
  bool import = false;       // "import" holds, else "require"
  bool module_sync = false;  // "module-sync" holds: from Node.js 20.19 and 22.10 on
};

enum class NodeTargetKind {
  path,         // of a file in the package
  package,      // another package, or a module of Node.js; only of "imports"
  not_defined,  // no key or condition fits, or the target is null
  invalid,      // Node.js refuses the table, the name or the target
  unknown,      // nested deeper than any real table
};

struct NodeTarget {
  NodeTargetKind kind = NodeTargetKind::not_defined;
  std::string value;  // path: relative to the package, as a URL has it ("%20"); package: the specifier
};

// The value of "exports" or "imports", in the order of its keys, which decides.
class NodeTable {
 public:
  bool is_set() const { return json_ != nullptr; }

  // As "exports". subpath: "." or "./lib/x.js".
  NodeTarget find_export(std::string_view subpath, NodeConditions conditions) const;
  // As "imports". name: "#db".
  NodeTarget find_import(std::string_view name, NodeConditions conditions) const;

 private:
  friend struct NodeManifest read_node_manifest(std::string_view text);
  struct Json;
  std::shared_ptr<const Json> json_;
};

struct NodeManifest {  // what resolution asks of a package.json
  bool exists = false;
  bool readable = true;  // false: Node.js throws, or what is there is not known
  std::optional<std::string> name;
  std::string main;
  NodeTable exports, imports;
};

NodeManifest read_node_manifest(std::string_view text);

// The path that a URL's text means: percent escapes resolved, "?query" and "#part" cut off, "\" as "/". Nothing when it
// escapes a slash, which Node.js refuses.
std::optional<std::string> path_of_url(std::string_view url);

}  // namespace lambdapack
