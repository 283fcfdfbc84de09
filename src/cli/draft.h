// What the user typed, on its way to a CommandLine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"

namespace lambdapack {

// Options as the user typed them; convert() makes values of them.
struct Draft {
  CommandLine line;
  std::string format = "text", fail_on = "never", level = "default", bytecode = "fix";
  std::string max_unpacked = "4GB", max_files = "500000", threads = "0", memory = "512", max_zip_size;
  std::optional<std::string> graph;
  std::vector<std::string> env, add;
  bool safe = false, aggressive = false, no_strip = false, keep_sdk = false;
};

// Errors: a value that means nothing, options that contradict each other, a path that is missing or given twice.
Result<CommandLine> convert(Draft draft);

}  // namespace lambdapack
