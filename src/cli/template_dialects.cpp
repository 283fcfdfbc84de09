// Values of a template on their way into a TemplateFunction.
#include "cli/template_dialects.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/bytes.h"

namespace lambdapack {

namespace fs = std::filesystem;

// (Out-parameter: three texts of a function are filled alike.)
Result<void> take_text(const TemplateContext& context, const YamlNode& node, const std::string& property,
                       const TemplateValue& value, std::optional<std::string>& text, TemplateFunction& function) {
  if (value.absent) return {};
  if (value.text) {
    text = value.text;
    return {};
  }
  if (node.kind != YamlKind::scalar && intrinsic_of(context.tree, node).name.empty())
    return fail(fmt::format("{}:{}", context.file, node.line),
                fmt::format("{} of function {} is a {}, not a text", property, printable(function.name),
                            node.kind == YamlKind::list ? "list" : "map"),
                "correct the template");
  function.unknown.push_back({property, value.why});
  return {};
}

void take_variable(const std::string& name, const TemplateValue& value, TemplateFunction& function) {
  if (value.text)
    function.variables[name] = *value.text;
  else if (!value.absent)
    function.unknown_variables.push_back(name);
}

void take_layer_path(const TemplateContext& context, const std::string& property, const TemplateValue& path,
                     TemplateFunction& function) {
  if (path.absent) return;
  const auto unknown = [&](std::string why) { function.unknown.push_back({property, std::move(why)}); };
  if (!path.text) return unknown(path.why);
  if (path.text->starts_with("arn:")) return unknown(printable(*path.text) + " is not on this machine");
  if (path.text->find("://") != path.text->npos) return unknown(printable(*path.text) + " is not on this machine");
  const fs::path local = fs::path(context.folder) / *path.text;
  std::error_code error;
  if (path.text->find('\0') != path.text->npos || !fs::exists(local, error))
    return unknown(fmt::format("{} is not there", printable(local.string())));
  function.layers.push_back(local.lexically_normal().string());
}

}  // namespace lambdapack
