// CloudFormation's intrinsic functions, those that a template decides alone:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
//
// A parameter counts as its Default, as `sam local` takes it too; a deployment may give another, so what came from one
// says so. What depends on the account, the region, other stacks or other resources is unknown.
#include "cli/template_values.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"

namespace lambdapack {
namespace {

constexpr int kMostSteps = 20'000, kMostStepsInAll = 2'000'000;
constexpr int kDeepest = 32;
constexpr std::size_t kLongest = 64 << 10;  // bytes of a value; Lambda takes 4 KB of environment in all

TemplateValue known(std::string text) {
  return {std::move(text), {}, false};
}

TemplateValue unknown(std::string why) {
  return {{}, std::move(why), false};
}

std::string short_form(const std::string& name) {
  return "!" + (name.starts_with("Fn::") ? name.substr(4) : name);
}

TemplateValue at_deployment(const std::string& name) {
  return unknown(fmt::format("{} is known only at deployment", printable(short_form(name))));
}

bool is_null(const YamlNode& node) {
  return node.kind == YamlKind::scalar && node.plain && (node.text.empty() || node.text == "null" || node.text == "~");
}

std::optional<std::size_t> index_of(const std::string& text) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(index) : std::nullopt;
}

}  // namespace

Intrinsic intrinsic_of(const YamlTree& tree, const YamlNode& node) {
  if (node.tag.size() > 1 && node.tag.front() == '!') {
    const std::string name = node.tag.substr(1);
    return {name == "Ref" || name == "Condition" ? name : "Fn::" + name, &node};
  }
  if (node.kind != YamlKind::map || node.entries.size() != 1) return {};
  const auto& [key, value] = node.entries.front();
  if (key != "Ref" && key != "Condition" && !key.starts_with("Fn::")) return {};
  return {key, &tree.nodes[value]};
}

TemplateValue TemplateValues::value(const YamlNode& node) {
  total_steps_ += std::exchange(steps_, 0);
  return value_at(node, 0);
}

TemplateValue TemplateValues::value_at(const YamlNode& node, int depth) {
  if (depth > kDeepest || ++steps_ > kMostSteps || total_steps_ > kMostStepsInAll)
    return unknown("it is too entangled");
  if (const Intrinsic intrinsic = intrinsic_of(tree_, node); !intrinsic.name.empty())
    return call(intrinsic.name, *intrinsic.argument, depth + 1);
  if (node.kind != YamlKind::scalar) return unknown(node.kind == YamlKind::list ? "it is a list" : "it is a map");
  if (is_null(node)) return {{}, "it is empty", true};
  if (node.text.size() > kLongest) return unknown("it is too long");
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
  if (node.text.find("{{resolve:") != node.text.npos) return unknown("{{resolve:…}} is known only at deployment");
  return known(node.text);
}

TemplateValue TemplateValues::call(const std::string& name, const YamlNode& argument, int depth) {
  if (name == "Ref" && argument.kind == YamlKind::scalar) return reference(argument.text, depth);
  if (name == "Fn::Sub") return substitute(argument, depth);
  if (name == "Fn::Join") return join(argument, depth);
  if (name == "Fn::Select") return select(argument, depth);
  if (name == "Fn::FindInMap") return find_in_map(argument, depth);
  if (name == "Fn::If") return choose(argument, depth);
  return at_deployment(name);
}

TemplateValue TemplateValues::reference(const std::string& name, int depth) {
  if (name == "AWS::NoValue") return {{}, "it is AWS::NoValue", true};
  const YamlNode* const parameters = find_key(tree_, root(), "Parameters");
  const YamlNode* const parameter = parameters != nullptr ? find_key(tree_, *parameters, name) : nullptr;
  if (parameter == nullptr) return unknown(fmt::format("!Ref {} is known only at deployment", printable(name)));
  // The default of an SSM parameter is the name of the value, not the value.
  const YamlNode* const type = find_key(tree_, *parameter, "Type");
  if (type != nullptr && type->text.starts_with("AWS::SSM::Parameter::Value"))
    return unknown(fmt::format("parameter {} is read from SSM at deployment", printable(name)));
  const YamlNode* const value = find_key(tree_, *parameter, "Default");
  if (value == nullptr) return unknown(fmt::format("parameter {} has no Default", printable(name)));
  return value_at(*value, depth + 1);
}

// "${A}-${!literal}", or the same in a list with a map of further names.
TemplateValue TemplateValues::substitute(const YamlNode& argument, int depth) {
  const bool with_names = argument.kind == YamlKind::list && argument.items.size() == 2;
  const YamlNode& text_node = with_names ? tree_.nodes[argument.items[0]] : argument;
  if (text_node.kind != YamlKind::scalar) return unknown("!Sub has no text");
  const YamlNode* const names = with_names ? &tree_.nodes[argument.items[1]] : nullptr;
  std::string result;
  std::string_view rest = text_node.text;
  while (!rest.empty()) {
    const std::size_t start = rest.find("${");
    const std::size_t end = start == rest.npos ? rest.npos : rest.find('}', start);
    result += rest.substr(0, end == rest.npos ? rest.npos : start);
    if (end == rest.npos) break;
    std::string name(rest.substr(start + 2, end - start - 2));
    rest.remove_prefix(end + 1);
    if (name.starts_with('!')) {
      result += "${" + name.substr(1) + "}";
      continue;
    }
    const YamlNode* const local = names != nullptr ? find_key(tree_, *names, name) : nullptr;
    TemplateValue part;
    if (local != nullptr)
      part = value_at(*local, depth + 1);
    else if (name.find('.') != name.npos)
      part = unknown(fmt::format("${{{}}} is known only at deployment", printable(name)));
    else
      part = reference(name, depth);
    if (!part.text) return unknown(part.why);
    result += *part.text;
    if (result.size() > kLongest) return unknown("it is too long");
  }
  if (result.find("{{resolve:") != result.npos) return unknown("{{resolve:…}} is known only at deployment");
  return known(std::move(result));
}

// A list's values; nothing when it is none that the template decides.
std::optional<std::vector<TemplateValue>> TemplateValues::list(const YamlNode& node, int depth) {
  if (depth > kDeepest) return std::nullopt;
  const Intrinsic intrinsic = intrinsic_of(tree_, node);
  std::vector<TemplateValue> values;
  if (intrinsic.name == "Fn::Split") {
    if (intrinsic.argument->kind != YamlKind::list || intrinsic.argument->items.size() != 2) return std::nullopt;
    const auto separator = value_at(tree_.nodes[intrinsic.argument->items[0]], depth + 1);
    const auto text = value_at(tree_.nodes[intrinsic.argument->items[1]], depth + 1);
    if (!separator.text || separator.text->empty() || !text.text) return std::nullopt;
    for (std::size_t start = 0; start <= text.text->size();) {
      const std::size_t end = std::min(text.text->find(*separator.text, start), text.text->size());
      values.push_back(known(text.text->substr(start, end - start)));
      start = end + separator.text->size();
    }
    return values;
  }
  if (!intrinsic.name.empty() || node.kind != YamlKind::list) return std::nullopt;
  for (const std::size_t item : node.items) {
    values.push_back(value_at(tree_.nodes[item], depth + 1));
    if (steps_ > kMostSteps) return std::nullopt;
  }
  return values;
}

TemplateValue TemplateValues::join(const YamlNode& argument, int depth) {
  if (argument.kind != YamlKind::list || argument.items.size() != 2) return unknown("!Join has no two arguments");
  const TemplateValue separator = value_at(tree_.nodes[argument.items[0]], depth);
  const auto values = list(tree_.nodes[argument.items[1]], depth);
  if (!separator.text && !separator.absent) return unknown(separator.why);
  if (!values) return at_deployment("Fn::Join");
  std::string result;
  for (std::size_t i = 0; i < values->size(); ++i) {
    const TemplateValue& value = (*values)[i];
    if (!value.text) return unknown(value.why);
    if (i > 0) result += separator.text.value_or(std::string());
    result += *value.text;
    if (result.size() > kLongest) return unknown("it is too long");
  }
  return known(std::move(result));
}

TemplateValue TemplateValues::select(const YamlNode& argument, int depth) {
  if (argument.kind != YamlKind::list || argument.items.size() != 2) return unknown("!Select has no two arguments");
  const TemplateValue which = value_at(tree_.nodes[argument.items[0]], depth);
  const auto values = list(tree_.nodes[argument.items[1]], depth);
  const auto index = which.text ? index_of(*which.text) : std::nullopt;
  if (!values || !index || *index >= values->size()) return at_deployment("Fn::Select");
  return (*values)[*index];
}

TemplateValue TemplateValues::find_in_map(const YamlNode& argument, int depth) {
  const YamlNode* node = find_key(tree_, root(), "Mappings");
  if (node == nullptr || argument.kind != YamlKind::list || argument.items.size() < 3)
    return at_deployment("Fn::FindInMap");
  for (std::size_t i = 0; i < 3; ++i) {
    const TemplateValue key = value_at(tree_.nodes[argument.items[i]], depth);
    if (!key.text) return unknown(key.why);
    node = find_key(tree_, *node, *key.text);
    if (node == nullptr) return unknown(fmt::format("no such entry in Mappings: {}", printable(*key.text)));
  }
  return value_at(*node, depth);
}

// Conditions are not worked out: parameters decide them, and deployments give parameters.
TemplateValue TemplateValues::choose(const YamlNode& argument, int depth) {
  if (argument.kind != YamlKind::list || argument.items.size() != 3) return unknown("!If has no three arguments");
  const TemplateValue yes = value_at(tree_.nodes[argument.items[1]], depth);
  const TemplateValue no = value_at(tree_.nodes[argument.items[2]], depth);
  if (yes.text && yes.text == no.text) return yes;
  return unknown(fmt::format("!If {} is decided at deployment", printable(tree_.nodes[argument.items[0]].text)));
}

TemplateValue TemplateValues::serverless_value(const YamlNode& node) {
  total_steps_ += std::exchange(steps_, 0);
  return serverless_at(node, 0);
}

TemplateValue TemplateValues::serverless_at(const YamlNode& node, int depth) {
  if (depth > kDeepest || ++steps_ > kMostSteps || total_steps_ > kMostStepsInAll)
    return unknown("it is too entangled");
  if (!intrinsic_of(tree_, node).name.empty() || node.kind != YamlKind::scalar) return value_at(node, depth);
  if (is_null(node)) return {{}, "it is empty", true};
  std::string result;
  std::string_view rest = node.text;
  while (true) {
    const std::size_t start = rest.find("${");
    result += rest.substr(0, start);
    if (start == rest.npos) break;
    const std::size_t end = rest.find('}', start);
    const std::string_view inner = end == rest.npos ? std::string_view() : rest.substr(start + 2, end - start - 2);
    const bool plain = inner.starts_with("self:") && inner.find_first_of("$,({") == inner.npos;
    if (!plain)
      return unknown(fmt::format("${{{}}} is known only at deployment", printable(inner.substr(0, inner.find(',')))));
    const TemplateValue part = self_reference(inner.substr(5), depth);
    if (!part.text) return part;
    result += *part.text;
    if (result.size() > kLongest) return unknown("it is too long");
    rest.remove_prefix(end + 1);
  }
  return known(std::move(result));
}

TemplateValue TemplateValues::self_reference(std::string_view path, int depth) {
  const YamlNode* node = &root();
  for (std::string_view rest = path; node != nullptr;) {
    const std::size_t dot = rest.find('.');
    node = find_key(tree_, *node, rest.substr(0, dot));
    if (dot == rest.npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (node == nullptr) return unknown(fmt::format("${{self:{}}} is not in the file", printable(path)));
  return serverless_at(*node, depth + 1);
}

}  // namespace lambdapack
