// What the two kinds of template have in common: where functions are, and how one is read.
#pragma once

#include <string>
#include <vector>

#include "cli/template.h"
#include "cli/template_values.h"
#include "cli/yaml_tree.h"

namespace lambdapack {

struct TemplateContext {
  const YamlTree& tree;
  std::string folder;  // of the template, "" for the current one
  std::string file;    // its name in messages
};

struct TemplateCandidate {
  std::string name;
  const YamlNode* node = nullptr;
  bool image = false;  // a container image
};

std::vector<TemplateCandidate> sam_functions(const YamlTree& tree);
std::vector<TemplateCandidate> serverless_functions(const YamlTree& tree);

Result<TemplateFunction> read_sam_function(const TemplateContext& context, const TemplateCandidate& function);
Result<TemplateFunction> read_serverless_function(const TemplateContext& context, const TemplateCandidate& function);

// Puts a value where it belongs: the text, or under the unknown ones. Absent values leave no trace. Errors: `node` is a
// list or map, where only a text makes sense.
Result<void> take_text(const TemplateContext& context, const YamlNode& node, const std::string& property,
                       const TemplateValue& value, std::optional<std::string>& text, TemplateFunction& function);
void take_variable(const std::string& name, const TemplateValue& value, TemplateFunction& function);

// A layer's local path, when there is something; else why it is not known.
void take_layer_path(const TemplateContext& context, const std::string& property, const TemplateValue& path,
                     TemplateFunction& function);

}  // namespace lambdapack
