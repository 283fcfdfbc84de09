// Who may open a library or start a program by its name: for `lambdapack explain`.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace lambdapack {

// Lines "named by app.py (ffmpeg)", sorted by path, at most twenty and then how many more: files that something
// reaches and whose text has the file's name, or for a library its stem. Empty when the file is no ELF file. Errors: a
// file that cannot be read.
Result<std::vector<std::string>> named_by(const PlanInput& input, std::size_t file);

}  // namespace lambdapack
