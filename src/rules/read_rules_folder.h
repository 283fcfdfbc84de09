// The TOML files of a --rules folder.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace lambdapack {

struct RulesFolderFile {
  std::string name;  // relative to the folder: "runtimes/python3.12.toml"
  std::string path;  // for messages: "my-rules/runtimes/python3.12.toml"
  std::string text;
};

// All *.toml below folder, sorted by name. Errors: no such folder, not readable, larger than a rule file can be.
Result<std::vector<RulesFolderFile>> read_rules_folder(const std::string& folder);

}  // namespace lambdapack
