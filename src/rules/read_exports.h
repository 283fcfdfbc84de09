// A file of rules/exports: which symbols a library of the runtime has.
#pragma once

#include <string>

#include "rules/rules.h"

namespace lambdapack {

// file: its name in the rules, "exports/al2023/libz.so.1.toml". Errors name file and line.
Result<LibraryExports> read_exports(const std::string& file, const std::string& text);

}  // namespace lambdapack
