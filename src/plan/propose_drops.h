// What each language knows to be unneeded, as proposals that the plan weighs.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plan/node_reach.h"
#include "plan/plan.h"

namespace lambdapack {

struct ProposalInput {
  const PlanInput& plan;
  const PlanOptions& options;
  const std::map<std::string, std::string>& env;    // --env and the template's
  bool unknown_layers = false;                      // the function has layers that were not given
  std::vector<std::string> unknown_variables = {};  // that a template sets to something not known
  std::string_view metafile = {};                   // text of --metafile
};

struct Proposals {
  std::vector<ProposedDrop> drops;                 // sorted by file
  std::vector<std::string> distribution_evidence;  // as PlanInput has it
  std::vector<NodePackageStep> npm_steps;          // how each npm package is reached; empty: nobody looked
};

// Errors: a file cannot be read, the metafile is none.
Result<Proposals> propose_drops(const ProposalInput& input, unsigned threads);

}  // namespace lambdapack
