// In which order the process that runs the function searches for libraries, when a script starts it: a bootstrap, or
// the wrapper that AWS_LAMBDA_EXEC_WRAPPER names.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/finding.h"
#include "elf/inventory.h"
#include "languages/function_target.h"
#include "links/loader_profile.h"
#include "package/package.h"

namespace lambdapack {

struct StartOrder {
  std::vector<std::string> scripts;  // that were read: paths in the package; empty when there is none
  std::optional<std::vector<std::string>> library_path;  // instead of the runtime's LD_LIBRARY_PATH
  std::vector<std::string> preload;                      // LD_PRELOAD, or --preload of the loader
  std::string loader;  // in the package: a loader of its own that the script starts; library_path is what it is given
  // Scripts of extensions/, and those that they start, that were read too and leave the order of libraries as it is.
  std::vector<std::string> extension_scripts;
  // "bootstrap sets LD_LIBRARY_PATH in a condition (line 7)": the order is not known. What the order is made of is
  // empty then.
  std::string doubt;
};

// package: with the layers' files, whose scripts are followed like the function's. env: --env. Errors: a script cannot
// be read.
Result<StartOrder> read_start_order(const Package& package, const Inventory& inventory, const FunctionTarget& target,
                                    const LoaderProfile& profile, const std::map<std::string, std::string>& env);

// What follows from it for the loader's profile: the order, a C library of the package's own, or the doubt.
void apply_start_order(const StartOrder& order, FunctionTarget& target, LoaderProfile& profile);

// start-script-order or start-script-not-understood; nothing when no script changes anything.
std::optional<Finding> start_order_finding(const StartOrder& order);

}  // namespace lambdapack
