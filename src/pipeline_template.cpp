// The template is configuration like any option, but a weaker one: the command line is nearer to the user.
#include "pipeline_template.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/bytes.h"

namespace lambdapack {
namespace {

// What changes which libraries the loader finds.
constexpr std::array<std::string_view, 2> kLoaderVariables = {"LD_LIBRARY_PATH", "LD_PRELOAD"};

bool is_layer_property(std::string_view property) {
  return property.starts_with("Layers") || property.starts_with("layers");
}

std::string option_for(std::string_view property) {
  if (property == "Runtime" || property == "runtime") return "say it with --runtime";
  if (property == "Handler" || property == "handler") return "say it with --handler";
  if (property == "Architectures" || property == "architecture") return "say it with --arch";
  if (is_layer_property(property)) return "give the layer with --layer, as a folder or zip";
  return "say those that matter with --env NAME=VALUE";
}

}  // namespace

Result<CommandLine> apply_template(CommandLine line) {
  if (line.template_file.empty()) return line;
  LP_TRY(TemplateFunction function, read_template(line.template_file, line.template_function));
  const std::string origin = function.origin();
  const auto without = [&](auto&& is_given) {
    std::erase_if(function.unknown, [&](const UnknownProperty& each) { return is_given(each.name); });
  };
  TargetRequest& target = line.target;
  if (!target.runtime.empty()) {
    without([](std::string_view name) { return name == "Runtime" || name == "runtime"; });
  } else if (function.runtime) {
    target.runtime = *function.runtime;
    target.runtime_from = origin;
  }
  if (!target.arch.empty()) {
    without([](std::string_view name) { return name == "Architectures" || name == "architecture"; });
  } else if (function.arch) {
    target.arch = *function.arch;
    target.arch_from = origin + (function.arch_is_default ? ", which names none: Lambda's default" : "");
  }
  if (!target.handlers.empty()) {
    without([](std::string_view name) { return name == "Handler" || name == "handler"; });
  } else if (function.handler) {
    target.handlers = {*function.handler};
    target.handler_from = origin;
  }
  if (!line.layers.empty())
    without(is_layer_property);
  else
    line.layers = function.layers;
  for (const auto& [name, value] : function.variables) line.env.try_emplace(name, value);
  std::erase_if(function.unknown_variables, [&](const std::string& name) { return line.env.contains(name); });
  line.from_template = std::move(function);
  return line;
}

std::vector<Finding> template_findings(const CommandLine& command_line) {
  std::vector<Finding> findings;
  if (!command_line.from_template) return findings;
  const TemplateFunction& function = *command_line.from_template;
  const auto add = [&](Severity severity, const std::string& property, const std::string& message,
                       const std::string& help) {
    findings.push_back({"template-unknown", severity, {}, property, message, help});
  };
  const auto of_function = [&](const std::string& property) {
    return fmt::format("{}: {} of function {}", function.file, printable(property), printable(function.name));
  };
  for (const UnknownProperty& each : function.unknown)
    add(is_layer_property(each.name) ? Severity::warning : Severity::info, each.name,
        fmt::format("{} is not known: {}", of_function(each.name), each.why), option_for(each.name));
  std::vector<std::string> others;
  for (const std::string& name : function.unknown_variables) {
    if (std::ranges::find(kLoaderVariables, name) == kLoaderVariables.end()) {
      others.push_back(printable(name));
      continue;
    }
    add(Severity::warning, name,
        fmt::format("{} is not known, and the loader goes by it", of_function("variable " + name)),
        fmt::format("say it with --env {}=VALUE; until then libraries that it may change are kept", name));
  }
  if (!others.empty())
    add(Severity::info, "variables",
        fmt::format("{} {} known only at deployment: {}",
                    of_function(others.size() == 1 ? "1 variable" : fmt::format("{} variables", others.size())),
                    others.size() == 1 ? "is" : "are", fmt::join(others, ", ")),
        option_for("variables"));
  return findings;
}

bool has_unknown_layers(const CommandLine& command_line) {
  const bool in_opt = std::ranges::any_of(command_line.env, [](const auto& variable) {
    return variable.first != "LD_LIBRARY_PATH" && variable.second.contains("/opt/");
  });
  if (in_opt && command_line.layers.empty()) return true;
  if (!command_line.from_template) return false;
  return std::ranges::any_of(command_line.from_template->unknown,
                             [](const UnknownProperty& each) { return is_layer_property(each.name); });
}

void allow_for_unknown_layers(const CommandLine& command_line, std::vector<Finding>& findings) {
  if (!command_line.from_template) return;
  const auto& unknown = command_line.from_template->unknown;
  const auto layer =
      std::ranges::find_if(unknown, [](const UnknownProperty& each) { return is_layer_property(each.name); });
  if (layer == unknown.end()) return;
  for (Finding& finding : findings) {
    if (finding.code != "missing-library" || finding.severity != Severity::error) continue;
    finding.severity = Severity::warning;
    finding.message += fmt::format("; {} of the template may bring it", layer->name);
    finding.help = "give the layer with --layer; " + finding.help;
  }
}

}  // namespace lambdapack
