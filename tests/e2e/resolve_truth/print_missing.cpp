// What lambdapack would say if each package of a node_modules were a function of the user's own, with the package's
// main file as its handler: one line of JSON per package, {"package", "main", "modules", "missing": [[script,
// specifier], …]}.
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "languages/node_packages.h"
#include "languages/node_resolve.h"
#include "package/read_package.h"
#include "plan/check_node_imports.h"

using namespace lambdapack;

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const auto package = read_package(arguments[1], {});
  if (!package) return 1;
  const auto npm = read_node_packages(*package, 2);
  if (!npm) return 1;
  const NodeResolver resolver(*package, {});
  LanguageView nobody;  // owns a file
  nobody.node_package_of.resize(package->files.size());
  for (const NodePackage& one : npm->found) {
    for (const NodeLoad how : {NodeLoad::require, NodeLoad::import}) {
      const NodeResolved main = resolver.resolve(how, one.name, one.folder + "/../x.js");
      if (main.outcome != NodeOutcome::file) continue;
      const std::string& path = package->files[main.file].path;
      FunctionTarget target;
      target.runtime.id = "nodejs22.x";
      target.runtime.family = "nodejs";
      target.runtime.version = "22";
      target.handlers = {path.substr(0, path.rfind('.')) + ".handler"};
      const auto findings = check_node_imports({*package, nobody, target, {}, {}, false});
      if (!findings) return 1;
      nlohmann::json missing = nlohmann::json::array();
      for (const Finding& finding : *findings) missing.push_back({finding.path, finding.detail});
      std::cout << nlohmann::json{{"main", path}, {"missing", missing}}.dump() << '\n';
    }
  }
}
