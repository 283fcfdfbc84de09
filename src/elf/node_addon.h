// For which Node.js was an addon built that registers itself when it is loaded?
#pragma once

#include <vector>

#include "elf/elf_layout.h"
#include "elf/read_dynamic.h"

namespace lambdapack {

// NODE_MODULE_VERSION of each node::node_module in the file's data, sorted, unique; empty when none is found.
// Node-API's own structure (version 1) is not among them.
std::vector<int> registered_node_versions(const ElfLayout& layout, const StartupTables& tables);

}  // namespace lambdapack
