// Everything that is proposed for npm packages, in one place; see node_drops.h.
#include "plan/node_drops.h"

#include <algorithm>
#include <iterator>

#include "plan/node_builds.h"
#include "plan/node_dev_packages.h"
#include "plan/unread_files.h"

namespace lambdapack {
namespace {

bool has_npm_packages(const PlanInput& plan) {
  const std::string& family = plan.target.runtime.family;
  return !plan.target.is_layer && !plan.languages.node_packages.empty() && (family == "nodejs" || family == "provided");
}

// What the configuration says about source maps and the like.
std::vector<std::string> settings_of(const ProposalInput& input) {
  std::vector<std::string> settings;
  for (const auto& [name, value] : input.env) settings.push_back(value);
  // A template computes it: it may be anything.
  if (std::ranges::find(input.unknown_variables, "NODE_OPTIONS") != input.unknown_variables.end())
    settings.emplace_back("--enable-source-maps");
  return settings;
}

}  // namespace

Result<void> propose_node_drops(const ProposalInput& input, unsigned threads, Proposals& proposals) {
  if (!has_npm_packages(input.plan)) return {};
  LP_TRY(const NodeBundles bundles, find_node_bundles(input.plan.package, input.metafile));
  const UnreadFiles unread(input.plan.package, input.plan.languages, input.plan.rules,
                           input.plan.target.runtime.family);
  const TextQuestions questions = unread.questions();
  const NodeModules modules(input.plan.package, input.plan.languages);
  const NodeReachInput asked{input.plan.package,
                             input.plan.inventory,
                             input.plan.languages,
                             modules,
                             input.plan.target,
                             input.options.keep,
                             input.env,
                             bundles,
                             questions,
                             threads};
  LP_TRY(NodeReach reach, find_node_reach(asked));

  const auto add = [&](std::vector<ProposedDrop> more) {
    std::ranges::move(more, std::back_inserter(proposals.drops));
  };
  LP_TRY(auto dev, drop_dev_packages(asked, reach));
  add(std::move(dev));
  add(drop_other_node_builds(input.plan));
  if (!unread.empty()) {
    LP_TRY(const auto others, read_other_scripts(asked, reach));
    add(unread.drops(reach.scripts, others, settings_of(input)));
  }
  add(drop_unreached_packages(asked, reach));
  proposals.npm_steps = std::move(reach.packages);
  return {};
}

}  // namespace lambdapack
