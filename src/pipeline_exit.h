// What findings make of the exit code.
#pragma once

#include <algorithm>
#include <vector>

#include "base/finding.h"
#include "cli/command_line.h"

namespace lambdapack {

// 1 when a finding is at or above --fail-on, else 0.
inline int exit_code_for(const CommandLine& command_line, const std::vector<Finding>& findings) {
  if (command_line.fail_on == FailOn::never) return 0;
  const Severity threshold = command_line.fail_on == FailOn::info      ? Severity::info
                             : command_line.fail_on == FailOn::warning ? Severity::warning
                                                                       : Severity::error;
  return std::ranges::any_of(findings, [&](const Finding& f) { return f.severity >= threshold; }) ? 1 : 0;
}

}  // namespace lambdapack
