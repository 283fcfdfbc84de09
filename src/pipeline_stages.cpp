// The stages between reading and planning; see pipeline_stages.h.
#include "pipeline_stages.h"

#include <algorithm>
#include <ctime>
#include <iterator>

#include <fmt/format.h>

#include "pipeline_layers.h"
#include "pipeline_template.h"
#include "plan/check_node_imports.h"

namespace lambdapack {

std::string date_of_today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

Result<Frame> make_frame(const CommandLine& command_line, const Rules& rules, const Package& package,
                         const Inventory& inventory, const LanguageView& languages, LayerFacts layers) {
  LP_TRY(FunctionTarget target, detect_target(package, inventory, languages, rules, command_line.target));
  LP_TRY(target, ask_layers(command_line, rules, package, inventory, languages, layers, std::move(target)));
  LoaderProfile profile = lambda_profile(target.runtime, command_line.env);
  // The layers beside a layer that is packed: where among them it will come is not known, so only their names count.
  if (target.is_layer) {
    for (const std::string& library : layers.libraries) {
      const std::size_t slash = library.rfind('/');
      profile.outside[library.substr(0, slash)].insert(library.substr(slash + 1));
    }
  }
  return Frame{command_line, rules, std::move(target), std::move(profile), std::move(layers), date_of_today()};
}

CheckInput check_input(const Package& package, const Examined& examined, const Frame& frame, std::uint64_t zip_bytes) {
  return {package,     examined.inventory, examined.languages,     examined.links, examined.reach, frame.target,
          frame.rules, frame.layers.bytes, frame.layers.bootstrap, zip_bytes,      frame.today};
}

Mount mount_of(const Frame& frame) {
  return Mount{frame.target.is_layer ? "/opt" : "/var/task"};
}

bool search_path_unknown(const CommandLine& command_line) {
  return command_line.from_template &&
         std::ranges::any_of(command_line.from_template->unknown_variables,
                             [](const std::string& name) { return name == "LD_LIBRARY_PATH" || name == "LD_PRELOAD"; });
}

ReachInput reach_input(const Package& package, const Inventory& inventory, const LanguageView& languages,
                       const LinkGraph& links, const Frame& frame) {
  return {package,
          inventory,
          languages,
          links,
          frame.target,
          frame.rules,
          frame.command_line.plan.keep,
          frame.command_line.env,
          search_path_unknown(frame.command_line)};
}

BindingInput binding_input(const Package& package, const Inventory& inventory, const Reach& reach, const Frame& frame,
                           const Mount& mount) {
  return {package, inventory, frame.profile, mount, binding_starts(inventory, reach), {}, frame.command_line.threads};
}

Result<Examined> examine(const Package& package, Inventory inventory, LanguageView languages, const Frame& frame,
                         ScriptListener listener) {
  Examined examined{std::move(inventory), std::move(languages), {}, {}, {}, {}, {}};
  const Mount mount = mount_of(frame);
  examined.links = resolve_links(package, examined.inventory, frame.profile, mount);
  ReachInput reach = reach_input(package, examined.inventory, examined.languages, examined.links, frame);
  reach.listener = std::move(listener);
  LP_TRY(examined.reach, find_reachable(reach, frame.command_line.threads));
  const BindingInput bindings = binding_input(package, examined.inventory, examined.reach, frame, mount);
  LP_TRY(examined.bindings, resolve_bindings(bindings));
  const BindingCheckInput check{package,        examined.inventory, examined.links,
                                examined.reach, frame.target,       examined.bindings};
  LP_TRY(examined.idle, find_idle_libraries(check));
  examined.findings = check_package(check_input(package, examined, frame, 0));
  std::ranges::move(check_unresolved(check), std::back_inserter(examined.findings));
  std::ranges::move(check_layers({package, examined.languages, frame.target, frame.rules, frame.layers.layers}),
                    std::back_inserter(examined.findings));
  const std::vector<std::string> none;
  const auto& from_template = frame.command_line.from_template;
  LP_TRY(auto modules, check_node_imports({package, examined.languages, frame.target, frame.command_line.env,
                                           from_template ? from_template->unknown_variables : none,
                                           has_unknown_layers(frame.command_line)}));
  std::ranges::move(modules, std::back_inserter(examined.findings));
  allow_for_unknown_layers(frame.command_line, examined.findings);
  // Which of a layer's files this function uses is not known; only what Lambda starts by itself must work.
  for (Finding& finding : examined.findings)
    if (is_layer_file(finding.path) && finding.code != "bootstrap-not-executable" && finding.code != "bad-interpreter")
      finding.severity = std::min(finding.severity, Severity::warning);
  sort_findings(examined.findings);
  return examined;
}

}  // namespace lambdapack
