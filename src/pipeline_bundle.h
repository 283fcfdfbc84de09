// What makes another package of the one that was read, before anything is planned: a single program gets its libraries,
// a package with a loader of its own is recognised.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline_stages.h"
#include "plan/bundle_program.h"

namespace lambdapack {

struct Prepared {
  std::optional<Bundle> bundle;  // its package moved out
  bool changed = false;          // the package is another one: inventory and languages must be taken again
  bool has_own_order = false;    // the order of libraries is known already: follow_start_script has nothing to add
};

// frame.target and frame.profile change when the package starts a C library of its own.
Result<Prepared> prepare_package(const CommandLine& command_line, Package& package, const Inventory& inventory,
                                 Frame& frame);

// The order of libraries that a bootstrap or wrapper script makes, into frame and the package's findings. package: with
// the layers' files.
Result<void> follow_start_script(const CommandLine& command_line, Package& package, const Inventory& inventory,
                                 Frame& frame);

// Says in the findings about missing libraries that this machine, or the sysroot, was asked too.
void explain_missing(const CommandLine& command_line, const Bundle& bundle, std::vector<Finding>& findings);

}  // namespace lambdapack
