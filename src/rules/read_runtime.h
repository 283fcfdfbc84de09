// Two TOML files, the operating system's and the runtime's, become the Runtime as one architecture sees it.
#pragma once

#include "rules/rules.h"

namespace lambdapack {

// files: TOML text by name, as in Rules::files. id must be there. Errors name file and line.
Result<Runtime> read_runtime(const std::map<std::string, std::string>& files, const std::string& id, Arch arch);

}  // namespace lambdapack
