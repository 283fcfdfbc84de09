// From a path on the command line to one decision per file.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline_bundle.h"
#include "pipeline_bytecode.h"
#include "pipeline_stages.h"
#include "plan/propose_drops.h"

namespace lambdapack {

struct Planned {
  Package package;
  Examined examined;
  std::vector<SdkSet> sdk_sets;
  std::vector<std::string> distribution_evidence;  // as PlanInput has it
  std::vector<NodePackageStep> npm_steps;          // as Proposals has them
  Plan plan;
  std::optional<Bundle> bundle;  // of a single program
  std::optional<CompiledBytecode> compiled;

  const Package& as_read() const { return compiled ? compiled->as_read : package; }
};

// The stages in order: what each call leaves is said beside it.
Result<std::pair<Frame, Planned>> plan_package(const CommandLine& command_line, const Rules& rules, Progress& progress);

// What the plan was made from; the arguments must outlive it.
PlanInput plan_input(const Frame& frame, const Planned& all);

}  // namespace lambdapack
