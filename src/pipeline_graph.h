// `analyze --graph` and `explain --tree`: who loads what, drawn.
#pragma once

#include "pipeline_stages.h"
#include "plan/plan.h"

namespace lambdapack {

// The graph of a package in the format that was asked for. Errors: for svg, Graphviz is not installed, or fails.
Result<std::string> draw_graph(const Frame& frame, const PlanInput& input, const Plan& plan);

// The load of one file as a tree. Error: no such file, or one that no loader would take.
Result<std::string> draw_tree(const Frame& frame, const PlanInput& input, const std::string& path);

}  // namespace lambdapack
