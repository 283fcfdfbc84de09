// One TOML file of rules, limits, prices and coefficients, added to what is known already.
#pragma once

#include "rules/rules.h"
#include "rules/toml_tree.h"

namespace lambdapack {

// Tables replace those of the same id (rules, coefficients) or architecture (prices). Errors name file and line.
Result<void> read_rule_file(const std::string& file, const TomlTable& content, Rules& rules);

}  // namespace lambdapack
