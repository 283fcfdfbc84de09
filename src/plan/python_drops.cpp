// The sources are read once, for all that is asked of them; then the rules one by one. What a rule of the default level
// drops does not count as code that needs something else.
#include "plan/python_drops.h"

#include <iterator>

#include "plan/aws_services.h"
#include "plan/build_leftovers.h"
#include "plan/python_reach.h"
#include "plan/test_folders.h"

namespace lambdapack {

Result<void> propose_python_drops(const ProposalInput& input, unsigned threads, Proposals& proposals) {
  const PlanInput& plan = input.plan;
  if (plan.target.runtime.family != "python" || plan.languages.distributions.empty()) return {};
  WordSet words;
  add_reach_words(plan.languages, words);
  add_test_folder_words(words);
  add_build_words(plan.package, plan.languages, words);
  add_service_words(plan.package, plan.languages, words);
  LP_TRY(const auto sources, read_python_sources(plan.package, plan.inventory, plan.languages, words, threads));

  std::vector<bool> idle(plan.package.files.size());
  const auto propose = [&](std::vector<ProposedDrop> drops) {
    std::ranges::move(drops, std::back_inserter(proposals.drops));
  };
  if (!plan.target.is_layer) {
    std::vector<ProposedDrop> tests = drop_test_folders(plan, sources);
    for (const ProposedDrop& drop : tests) idle[drop.file] = true;
    propose(std::move(tests));
    propose(drop_native_sources(plan, sources, idle));
    LP_TRY(auto installers, drop_installers(plan, sources, idle, threads));
    propose(std::move(installers));
    LP_TRY(auto services, drop_unused_services(plan, sources, idle, input.unknown_layers));
    propose(std::move(services));
  }
  LP_TRY(PythonReach reach, reach_distributions({plan, sources, idle, input.keep, input.env}, threads));
  if (!plan.target.is_layer) propose(drop_unreached_distributions(plan, reach));
  proposals.distribution_evidence = std::move(reach.evidence);
  return {};
}

}  // namespace lambdapack
