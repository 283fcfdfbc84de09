// Where files go in a layer so that a runtime finds them (--as-layer).
#pragma once

#include <string>
#include <vector>

#include "elf/inventory.h"
#include "package/read_package.h"
#include "rules/rules.h"

namespace lambdapack {

struct LayerLayout {
  std::vector<std::string> paths;  // parallel to Package::files: the path in the layer
  std::string summary;             // "python/ in front of every path"; "" when the package has the layout already
};

// kind: "python", "nodejs", "java", "ruby" or "lib". runtime_version: "3.4" decides Ruby's folder.
// Errors: classes outside a jar, two files of one path.
//
// Source: AWS Lambda Developer Guide, "Packaging your layer content".
Result<LayerLayout> lay_out_layer(const Package& package, const Inventory& inventory, std::string_view kind,
                                  std::string_view runtime_version);

}  // namespace lambdapack
