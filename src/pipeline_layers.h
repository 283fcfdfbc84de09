// The function's layers: read, laid under /opt, and asked what the function itself does not say.
#pragma once

#include <vector>

#include "pipeline_stages.h"
#include "report/report.h"

namespace lambdapack {

Result<LayerFacts> read_layers(const CommandLine& command_line, Progress& progress);

// Runtime and architecture from the layers, where neither the user nor the function says them.
Result<FunctionTarget> ask_layers(const CommandLine& command_line, const Rules& rules, const Package& package,
                                  const Inventory& inventory, const LanguageView& languages, const LayerFacts& layers,
                                  FunctionTarget target);

// --as-layer: the package with its files where the runtime looks for them in a layer.
Result<Package> as_layer(Package package, const Inventory& inventory, const CommandLine& command_line,
                         const Rules& rules);

// Puts the layers' files under /opt/… into the package of a function. False when there are none.
bool add_layers(Package& package, const Frame& frame);

// The copies of layers' libraries that the function can do without and every name still binds to the same bytes.
Result<std::vector<LayerCopy>> provable_layer_copies(const PlanInput& input, const Frame& frame);

Result<std::vector<LayerFit>> layer_fits(const Frame& frame, const Package& package, const Inventory& inventory);

std::vector<LayerLine> layer_lines(const Frame& frame, const Package& package, const LanguageView& languages,
                                   const Plan& plan);

}  // namespace lambdapack
