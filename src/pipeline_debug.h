// pack --debug-out: what strip removed, as a bundle of separate debug files.
#pragma once

#include <string>
#include <vector>

#include "apply/apply_plan.h"
#include "cli/command_line.h"
#include "package/debug_bundle.h"
#include "report/report.h"

namespace lambdapack {

struct DebugOut {
  DebugBundle bundle;  // finished, not yet in place
  DebugBundleLine line;
  std::vector<Finding> findings;  // "same-build-id", "whole-debug-file"
};

// Whether --debug-out may go where it is to go: not over the input or the output, nor into them.
Result<void> check_debug_out(const CommandLine& command_line);

// Makes one debug file after the other and streams them into the bundle. `after`: the inventory of applied.package.
// zip_sha256: hex, empty when a folder is written.
Result<DebugOut> make_debug_bundle(const CommandLine& command_line, const Package& package, const Inventory& before,
                                   const Applied& applied, const Inventory& after, std::string zip_sha256,
                                   Progress& progress);

}  // namespace lambdapack
