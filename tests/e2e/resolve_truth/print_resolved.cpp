// What lambdapack finds for every literal specifier in the scripts of a folder, for a comparison with what Node.js
// finds: one line of JSON per script and specifier, {"script", "specifier", "require", "import"}; the last two are
// paths in the folder, or outcomes between "<" and ">".
#include <iostream>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "languages/js_imports.h"
#include "languages/node_mentions.h"
#include "languages/node_resolve.h"
#include "package/read_package.h"

namespace {

using namespace lambdapack;

const char* name_of(NodeOutcome outcome) {
  switch (outcome) {
    case NodeOutcome::file: return "<file>";
    case NodeOutcome::built_in: return "<built-in>";
    case NodeOutcome::runtime: return "<runtime>";
    case NodeOutcome::not_found: return "<not found>";
    case NodeOutcome::not_exported: return "<not exported>";
    case NodeOutcome::not_imported: return "<not imported>";
    case NodeOutcome::folder: return "<folder>";
    case NodeOutcome::invalid: return "<invalid>";
    case NodeOutcome::unknown: return "<unknown>";
  }
  return "";
}

std::string shown(const Package& package, const NodeResolved& resolved) {
  return resolved.outcome == NodeOutcome::file ? package.files[resolved.file].path : name_of(resolved.outcome);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const auto package = read_package(arguments[1], {});
  if (!package) return 1;
  const NodeResolver resolver(*package, {});
  for (const PackageFile& file : package->files) {
    if (file.kind != FileKind::regular || !is_javascript(file.path)) continue;
    const auto bytes = file.content.read();
    if (!bytes) return 1;
    std::set<std::string> specifiers;
    for (const JsImport& one : read_js_module(as_text(*bytes)).imports)
      if (one.literal) specifiers.insert(one.specifier);
    for (const std::string& specifier : specifiers) {
      const nlohmann::json line = {
          {"script", file.path},
          {"specifier", specifier},
          {"require", shown(*package, resolver.resolve(NodeLoad::require, specifier, file.path))},
          {"import", shown(*package, resolver.resolve(NodeLoad::import, specifier, file.path))}};
      std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    }
  }
}
