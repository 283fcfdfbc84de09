// On which runtimes and architectures does a layer work, as far as its native code and its folders say?
#pragma once

#include <string>
#include <vector>

#include "elf/inventory.h"
#include "package/package.h"
#include "rules/rules.h"

namespace lambdapack {

struct RuntimeFit {
  std::string runtime;
  Arch arch = Arch::x86_64;
  std::string obstacle;  // why it does not work there; "" when nothing speaks against it
};

// Every runtime of the layer's languages (all runtimes when it has only lib/, bin/ or extensions/) that still takes
// updates on `today`, in the order of rules.runtime_ids, x86_64 before arm64. A library that the layer lacks is an
// obstacle even though a function could bring it. Errors: a runtime's table that cannot be read.
Result<std::vector<RuntimeFit>> find_layer_fits(const Package& layer, const Inventory& inventory, const Rules& rules,
                                                const std::string& today);

}  // namespace lambdapack
