// Will the function's own modules find what they load when they start?
#pragma once

#include <map>
#include <string>
#include <vector>

#include "languages/function_target.h"
#include "languages/language_view.h"

namespace lambdapack {

struct NodeImportInput {
  const Package& package;
  const LanguageView& languages;
  const FunctionTarget& target;
  const std::map<std::string, std::string>& env;      // --env and a template's variables
  const std::vector<std::string>& unknown_variables;  // that a template sets to something not known
  bool unknown_layers = false;                        // the function has layers that were not given
};

// Codes "module-not-found" and "module-not-exported": Node.js would stop with an error. Only of what is loaded whenever
// the handler is, by modules that no npm package owns; where anything may change how modules are found, there is no
// finding. Errors: a file that cannot be read.
Result<std::vector<Finding>> check_node_imports(const NodeImportInput& input);

}  // namespace lambdapack
