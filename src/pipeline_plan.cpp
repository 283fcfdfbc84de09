#include "pipeline_plan.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "package/add_files.h"
#include "package/read_package.h"
#include "pipeline_layers.h"
#include "pipeline_needed.h"
#include "pipeline_prefer.h"
#include "pipeline_propose.h"
#include "pipeline_template.h"
#include "plan/judge_jars.h"
#include "plan/prefer_runtime.h"

namespace lambdapack {
namespace {

// What others than the plan found that can go or be changed, put into its input; what of it concerns the user goes to
// the findings. What is left tells how each distribution and npm package is used.
Result<Proposals> gather_proposals(const Frame& frame, Examined& examined, PlanInput& input) {
  const CommandLine& command_line = frame.command_line;
  if (command_line.plan.dedupe_layers) {
    LP_TRY(input.layer_copies, provable_layer_copies(input, frame));
  }
  LP_TRY(Proposals proposals, find_proposals(input, command_line));
  input.proposed = std::exchange(proposals.drops, {});
  LP_TRY(const auto bytecode_findings, propose_bytecode(frame, input));
  std::ranges::copy(bytecode_findings, std::back_inserter(examined.findings));
  std::ranges::move(judge_jars(input.package, examined.languages, frame.target,
                               input.package.total_size() + frame.layers.bytes, input.rules.limits.unzipped),
                    std::back_inserter(input.rewrites));
  LP_TRY(input.runtime_copies, provable_runtime_copies(input, examined, frame));
  if (command_line.plan.prefer_runtime)
    std::ranges::move(refused_copies(input.package, input.runtime_copies), std::back_inserter(examined.findings));
  std::erase_if(input.runtime_copies, [](const RuntimeCopy& copy) { return !copy.refusal.empty(); });
  return proposals;
}

std::vector<Finding> unmatched_keep_findings(const Plan& plan) {
  std::vector<Finding> findings;
  for (const std::string& glob : plan.unmatched_keeps)
    findings.push_back({"keep-matches-nothing",
                        Severity::warning,
                        {},
                        glob,
                        fmt::format("--keep {} matches no file", glob),
                        "patterns are relative to the package, for example 'lib/**'"});
  return findings;
}

}  // namespace

Result<std::pair<Frame, Planned>> plan_package(const CommandLine& command_line, const Rules& rules,
                                               Progress& progress) {
  progress.stage("reading", 0);
  LP_TRY(Package package, read_package(command_line.path, command_line.read));
  LP_TRY(package, add_files(std::move(package), command_line.add, command_line.read));
  LP_TRY(LayerFacts layers, read_layers(command_line, progress));

  // What each file is, by content.
  LP_TRY(Inventory inventory, take_inventory(package, command_line.threads, progress));
  if (!command_line.target.layer.empty()) {
    LP_TRY(package, as_layer(std::move(package), inventory, command_line, rules));
    LP_TRY(inventory, take_inventory(package, command_line.threads, progress));
  }
  // Who owns it: a Python distribution, an npm package, or the user.
  LP_TRY(LanguageView languages, read_languages(package, inventory, command_line.threads));
  const auto look_again = [&]() -> Result<void> {
    LP_TRY(inventory, take_inventory(package, command_line.threads, progress));
    LP_TRY(languages, read_languages(package, inventory, command_line.threads));
    return {};
  };
  // Runtime, architecture, handler; and the loader that goes with them.
  LP_TRY(Frame frame, make_frame(command_line, rules, package, inventory, languages, std::move(layers)));
  // A single program with its libraries; a package with a loader of its own recognised, or laid out anew.
  LP_TRY(Prepared prepared, prepare_package(command_line, package, inventory, frame));
  // With the layers' files under /opt/…, which stay as they are: what the function finds there counts.
  prepared.changed |= add_layers(package, frame);
  if (prepared.changed) LP_CHECK(look_again());
  // With bytecode for every Python module, when that is asked for.
  LP_TRY(auto compiled, compile_bytecode(frame, package, languages, progress));
  if (compiled) LP_CHECK(look_again());
  // The order in which a start script, of the function or of a layer, makes the loader search.
  if (!prepared.bundle && !prepared.has_own_order)
    LP_CHECK(follow_start_script(command_line, package, inventory, frame));
  // What ld.so would bind, what anything can load, what would fail. Scripts that are read for it are not read again.
  auto sdk_search = begin_sdk_search(package, inventory, languages, frame.target);
  ScriptListener listener;
  if (sdk_search) listener = [&](std::size_t file, Bytes bytes) { sdk_search->see(file, bytes); };
  LP_TRY(Examined examined, examine(package, std::move(inventory), std::move(languages), frame, std::move(listener)));
  if (prepared.bundle) explain_missing(command_line, *prepared.bundle, examined.findings);
  // One decision per file.
  LP_TRY(auto sdk_sets, find_sdk_sets(package, examined.inventory, examined.languages, frame.target,
                                      command_line.threads, sdk_search ? &*sdk_search : nullptr));
  PlanInput input{package,        examined.inventory, examined.languages,
                  examined.links, examined.reach,     frame.target,
                  rules,          sdk_sets,           {}};
  LP_TRY(Proposals proposals, gather_proposals(frame, examined, input));
  LP_TRY(Plan plan, make_plan(input, command_line.plan));
  // The same without libraries that are needed for nothing.
  LP_TRY(plan, plan_needed_entries(input, std::move(plan), examined, frame));
  if (compiled) explain_compiled(*compiled, package, plan);
  for (auto& more : {template_findings(command_line), unmatched_keep_findings(plan)})
    std::ranges::copy(more, std::back_inserter(examined.findings));
  return std::pair(std::move(frame), Planned{std::move(package), std::move(examined), std::move(sdk_sets),
                                             std::move(proposals.distribution_evidence), std::move(proposals.npm_steps),
                                             std::move(plan), std::move(prepared.bundle), std::move(compiled)});
}

PlanInput plan_input(const Frame& frame, const Planned& all) {
  PlanInput input{all.package,        all.examined.inventory, all.examined.languages,
                  all.examined.links, all.examined.reach,     frame.target,
                  frame.rules,        all.sdk_sets,           {}};
  input.distribution_evidence = all.distribution_evidence;
  return input;
}

}  // namespace lambdapack
