// The sources are read once, for all that is asked of them; then the rules one by one. What a rule drops that is in
// force does not count as code that needs something else.
#include "plan/python_drops.h"

#include <algorithm>
#include <iterator>

#include "base/glob.h"
#include "plan/aws_services.h"
#include "plan/build_leftovers.h"
#include "plan/python_modules.h"
#include "plan/test_folders.h"
#include "rules/rule_finder.h"

namespace lambdapack {
namespace {

// By file: --keep or a rule holds it, whatever is proposed.
std::vector<bool> held_files(const PlanInput& plan, const PlanOptions& options) {
  std::vector<bool> held(plan.package.files.size());
  const RuleFinder rules(plan.rules, RuleKind::keep, plan.target.runtime.family);
  for (std::size_t i = 0; i < held.size(); ++i) {
    const std::string& path = plan.package.files[i].path;
    held[i] =
        std::ranges::any_of(options.keep, [&](const std::string& glob) { return glob_match(glob, path); }) ||
        std::ranges::any_of(rules.find(path), [&](const Rule* r) { return is_enabled(plan.rules, options, r->id); });
  }
  return held;
}

WordSet words_of_interest(const PlanInput& plan) {
  WordSet words;
  add_reach_words(plan.languages, words);
  add_test_folder_words(plan.package, plan.languages, words);
  add_build_words(plan.package, plan.languages, words);
  add_service_words(plan.package, plan.languages, words);
  add_module_words(plan.package, plan.languages, words);
  return words;
}

}  // namespace

Result<void> propose_python_drops(const ProposalInput& input, unsigned threads, Proposals& proposals) {
  const PlanInput& plan = input.plan;
  if (plan.target.runtime.family != "python" || plan.languages.distributions.empty()) return {};
  const WordSet words = words_of_interest(plan);
  LP_TRY(const auto sources, read_python_sources(plan.package, plan.inventory, plan.languages, words, threads));

  std::vector<bool> idle(plan.package.files.size());
  const PythonCode code{plan, sources, idle, input.unknown_layers, threads};
  const auto propose = [&](std::vector<ProposedDrop> drops) {
    std::ranges::move(drops, std::back_inserter(proposals.drops));
  };
  if (!plan.target.is_layer) {
    const std::vector<bool> held = held_files(plan, input.options);
    LP_TRY(std::vector<ProposedDrop> tests, drop_test_folders(plan, sources, held, threads));
    for (const ProposedDrop& drop : tests)
      idle[drop.file] = drop.confidence <= input.options.level && is_enabled(plan.rules, input.options, drop.rule);
    propose(std::move(tests));
    LP_TRY(auto native, drop_native_sources(code));
    propose(std::move(native));
    LP_TRY(auto installers, drop_installers(code));
    propose(std::move(installers));
    LP_TRY(auto services, drop_unused_services(code));
    propose(std::move(services));
  }
  const PythonReachInput asked{plan, sources, idle, input.options.keep, input.env};
  LP_TRY(PythonReach reach, reach_distributions(asked, threads));
  if (!plan.target.is_layer) {
    propose(drop_unreached_distributions(plan, reach));
    LP_TRY(auto modules, drop_unreached_modules(code, asked, reach));
    propose(std::move(modules));
  }
  proposals.distribution_evidence = std::move(reach.evidence);
  return {};
}

}  // namespace lambdapack
