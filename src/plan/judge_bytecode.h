// Which .pyc files Python would take, which of them can be made to last, and which only weigh.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/finding.h"
#include "languages/function_target.h"
#include "plan/plan.h"

namespace lambdapack {

struct BytecodeInput {
  const Package& package;
  const LanguageView& languages;
  const FunctionTarget& target;
  const Rules& rules;
  BytecodeMode mode = BytecodeMode::fix;
  // What stands in names for the optimisation level that Python runs with: "", "1", …; nothing when it is not known.
  std::optional<std::string> optimisation = std::string();
  // Only the runtime's own version loads what is here: false for a layer that may serve several.
  bool one_version = true;
  unsigned threads = 0;
};

struct JudgedBytecode {
  std::vector<ProposedDrop> drops;        // sorted by file
  std::vector<ProposedRewrite> rewrites;  // sorted by file
  std::vector<Companion> companions;      // bytecode with its source; sorted by file
  std::vector<std::size_t> usable;        // files that Python takes as they will be: as they are, or rewritten; sorted
  std::vector<Finding> findings;
};

// All empty for functions that are not Python's, and with BytecodeMode::keep. Errors: a file cannot be read.
Result<JudgedBytecode> judge_bytecode(const BytecodeInput& input);

}  // namespace lambdapack
