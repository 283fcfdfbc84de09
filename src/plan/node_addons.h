// Native addons, and which builds of one lie side by side: prebuildify and node-pre-gyp install several, of which one
// is loaded.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "elf/inventory.h"
#include "languages/language_view.h"
#include "plan/foreign_binary.h"

namespace lambdapack {

struct NodeAddon {
  std::size_t file = 0;
  bool node_api = false;
  std::vector<int> versions;  // NODE_MODULE_VERSIONs that it fits; empty: nothing says so
  std::string owner;          // folder of the npm package, "" for the user's own
  std::string slot;           // the name without what tells builds apart; "" for a name that says nothing else

  bool fits(int version) const;
};

// All but those for another platform and Electron's own, which are for nobody else. foreign is parallel to the files.
std::vector<NodeAddon> list_node_addons(const Package& package, const Inventory& inventory,
                                        const LanguageView& languages,
                                        const std::vector<std::optional<ForeignBinary>>& foreign);

}  // namespace lambdapack
