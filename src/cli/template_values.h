// What a value of a template will be when it is deployed, as far as the template alone says it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/yaml_tree.h"

namespace lambdapack {

// An intrinsic function of CloudFormation, in either of its forms: {"Fn::Sub": …} and !Sub.
struct Intrinsic {
  std::string name;                    // "Ref", "Fn::Sub"; empty: the node is none
  const YamlNode* argument = nullptr;  // for the short form the node itself, whose tag then has no meaning
};

Intrinsic intrinsic_of(const YamlTree& tree, const YamlNode& node);

struct TemplateValue {
  std::optional<std::string> text;
  std::string why;      // when there is no text: "!ImportValue is known only at deployment"
  bool absent = false;  // AWS::NoValue, or null: the property is not there
};

class TemplateValues {
 public:
  explicit TemplateValues(const YamlTree& tree) : tree_(tree) {}

  // A text, number or truth value, with intrinsic functions resolved: Ref of a parameter with a Default, Fn::Sub,
  // Fn::Join, Fn::Select, Fn::Split, Fn::FindInMap, and Fn::If whose branches are the same. All else is unknown, never
  // guessed. Work and length are bounded, whatever aliases make of the tree.
  TemplateValue value(const YamlNode& node);

  // Of the Serverless Framework: "${self:custom.runtime}" of the same file; all other variables are unknown.
  TemplateValue serverless_value(const YamlNode& node);

 private:
  TemplateValue value_at(const YamlNode& node, int depth);
  TemplateValue call(const std::string& name, const YamlNode& argument, int depth);
  TemplateValue reference(const std::string& name, int depth);
  TemplateValue substitute(const YamlNode& argument, int depth);
  TemplateValue join(const YamlNode& argument, int depth);
  TemplateValue select(const YamlNode& argument, int depth);
  TemplateValue find_in_map(const YamlNode& argument, int depth);
  TemplateValue choose(const YamlNode& argument, int depth);
  std::optional<std::vector<TemplateValue>> list(const YamlNode& node, int depth);
  TemplateValue self_reference(std::string_view path, int depth);
  TemplateValue serverless_at(const YamlNode& node, int depth);
  const YamlNode& root() const { return tree_.nodes[tree_.root]; }

  const YamlTree& tree_;
  int steps_ = 0;        // of the value at hand
  int total_steps_ = 0;  // of all of them
};

}  // namespace lambdapack
