// What would go wrong with the function's layers, or with a layer's place.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/finding.h"
#include "elf/inventory.h"
#include "languages/function_target.h"
#include "languages/language_view.h"
#include "package/package.h"

namespace lambdapack {

// One --layer as it was read.
struct LayerInfo {
  std::string source;                  // as the user wrote it
  std::uint64_t files = 0, bytes = 0;  // unpacked
  std::uint64_t hidden = 0;            // files that a later layer replaces
  std::size_t x86_64 = 0, arm64 = 0;   // ELF files that a loader could take, by machine
  std::vector<std::string> folders;    // folders that name a version: "python/lib/python3.11", sorted
};

// Counts ELF files and finds folders; the names come from the caller.
LayerInfo describe_layer(const Package& layer, const Inventory& inventory);

struct LayerCheck {
  const Package& package;  // the function with its layers' files
  const LanguageView& languages;
  const FunctionTarget& target;
  const Rules& rules;
  const std::vector<LayerInfo>& layers;
};

// too-many-layers, layer-wrong-machine, layer-folder-not-searched, sdk-split, also-in-layer.
std::vector<Finding> check_layers(const LayerCheck& input);

}  // namespace lambdapack
