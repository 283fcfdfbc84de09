// A function of AWS SAM or CloudFormation.
//
// Globals.Function is merged as SAM does it (docs/globals.rst of serverless-application-model): a text of the function
// replaces the global one, maps are merged by key, lists are joined with the global one first, and an intrinsic
// function counts as a text. IgnoreGlobals of a resource switches that off, wholly or by property. Plain
// AWS::Lambda::Function has no globals.
#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.h"
#include "cli/template_dialects.h"

namespace lambdapack {
namespace {

constexpr std::string_view kSamFunction = "AWS::Serverless::Function";

const YamlNode* path_of(const YamlTree& tree, const YamlNode* node, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) node = node != nullptr ? find_key(tree, *node, key) : nullptr;
  return node;
}

std::string type_of(const YamlTree& tree, const YamlNode& resource) {
  const YamlNode* const type = find_key(tree, resource, "Type");
  return type != nullptr ? type->text : std::string();
}

bool ignores_globals(const YamlTree& tree, const YamlNode& resource, std::string_view property) {
  const YamlNode* const ignore = find_key(tree, resource, "IgnoreGlobals");
  if (ignore == nullptr) return false;
  return ignore->text == "*" ||
         std::ranges::any_of(ignore->items, [&](std::size_t item) { return tree.nodes[item].text == property; });
}

// The same property of the function and of the globals; either may be null.
struct Property {
  const YamlNode *own = nullptr, *global = nullptr;
};

Property property_of(const YamlTree& tree, const YamlNode& resource, std::string_view name) {
  Property property{path_of(tree, &resource, {"Properties", name}), nullptr};
  if (type_of(tree, resource) == kSamFunction && !ignores_globals(tree, resource, name))
    property.global = path_of(tree, &tree.nodes[tree.root], {"Globals", "Function", name});
  return property;
}

bool is_plain(const YamlTree& tree, const YamlNode* node, YamlKind kind) {
  return node != nullptr && node->kind == kind && intrinsic_of(tree, *node).name.empty();
}

// Of a list: the items of both, or those of the one that counts. Nothing when that is no list.
std::optional<std::vector<std::size_t>> items_of(const YamlTree& tree, const Property& property) {
  std::vector<std::size_t> items;
  if (is_plain(tree, property.global, YamlKind::list) &&
      (property.own == nullptr || is_plain(tree, property.own, YamlKind::list)))
    items = property.global->items;
  const YamlNode* const last = property.own != nullptr ? property.own : property.global;
  if (!is_plain(tree, last, YamlKind::list)) return std::nullopt;
  if (property.own != nullptr) items.insert(items.end(), property.own->items.begin(), property.own->items.end());
  return items;
}

// A list or map may also turn out to be a text.
std::string why_not(const TemplateValue& value, const char* otherwise) {
  return value.why.empty() ? otherwise : value.why;
}

class SamFunction {
 public:
  SamFunction(const TemplateContext& context, const TemplateCandidate& candidate)
      : context_(context), tree_(context.tree), resource_(*candidate.node), values_(context.tree) {
    function_.file = context.file;
    function_.name = candidate.name;
  }

  Result<TemplateFunction> read() {
    LP_CHECK(text("Runtime", function_.runtime));
    LP_CHECK(text("Handler", function_.handler));
    LP_CHECK(architecture());
    layers();
    LP_CHECK(variables());
    return std::move(function_);
  }

 private:
  Property property(std::string_view name) const { return property_of(tree_, resource_, name); }

  std::unexpected<Error> wrong_kind(const YamlNode& node, const char* name, const char* wanted) const {
    return fail(fmt::format("{}:{}", context_.file, node.line),
                fmt::format("{} of function {} is no {}", name, printable(function_.name), wanted),
                "correct the template");
  }

  Result<void> text(const char* name, std::optional<std::string>& target) {
    const Property found = property(name);
    const YamlNode* const node = found.own != nullptr ? found.own : found.global;
    if (node == nullptr) return {};
    return take_text(context_, *node, name, values_.value(*node), target, function_);
  }

  // https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html: x86_64 when there is none, and one at most.
  Result<void> architecture() {
    const Property found = property("Architectures");
    const YamlNode* const node = found.own != nullptr ? found.own : found.global;
    const auto items = items_of(tree_, found);
    if (node == nullptr || (items && items->empty())) {
      function_.arch = "x86_64";
      function_.arch_is_default = true;
      return {};
    }
    if (!items) {
      if (intrinsic_of(tree_, *node).name.empty()) return wrong_kind(*node, "Architectures", "list");
      function_.unknown.push_back({"Architectures", why_not(values_.value(*node), "it is no list")});
      return {};
    }
    std::vector<TemplateValue> found_values;
    for (const std::size_t item : *items) found_values.push_back(values_.value(tree_.nodes[item]));
    const auto differs = [&](const TemplateValue& each) { return each.text != found_values.front().text; };
    if (std::ranges::any_of(found_values, differs)) {
      function_.unknown.push_back(
          {"Architectures",
           fmt::format("it has {} entries, those of Globals counted, and Lambda takes one", found_values.size())});
      return {};
    }
    return take_text(context_, tree_.nodes[items->front()], "Architectures", found_values.front(), function_.arch,
                     function_);
  }

  void layers() {
    const Property found = property("Layers");
    const YamlNode* const node = found.own != nullptr ? found.own : found.global;
    if (node == nullptr) return;
    const auto items = items_of(tree_, found);
    if (!items) {
      const TemplateValue value = values_.value(*node);
      if (!value.absent) function_.unknown.push_back({"Layers", why_not(value, "it is no list")});
      return;
    }
    for (std::size_t i = 0; i < items->size() && i < 100; ++i)
      layer(fmt::format("Layers[{}]", i), tree_.nodes[(*items)[i]]);
  }

  void layer(const std::string& name, const YamlNode& item) {
    const Intrinsic intrinsic = intrinsic_of(tree_, item);
    const YamlNode* const resource =
        intrinsic.name == "Ref" ? path_of(tree_, &tree_.nodes[tree_.root], {"Resources", intrinsic.argument->text})
                                : nullptr;
    if (resource == nullptr) return take_layer_path(context_, name, values_.value(item), function_);
    const std::string type = type_of(tree_, *resource);
    const bool sam = type == "AWS::Serverless::LayerVersion";
    const YamlNode* const content = path_of(tree_, resource, {"Properties", sam ? "ContentUri" : "Content"});
    if ((!sam && type != "AWS::Lambda::LayerVersion") || content == nullptr) {
      function_.unknown.push_back(
          {name, fmt::format("{} has no content in the template", printable(intrinsic.argument->text))});
      return;
    }
    // `sam build` makes such a layer out of what ContentUri names, and a template beside it that names the result.
    const bool built = path_of(tree_, resource, {"Metadata", "BuildMethod"}) != nullptr;
    if (built && context_.folder.find(".aws-sam") == std::string::npos) {
      function_.unknown.push_back({name, fmt::format("{} is made by sam build; give .aws-sam/build/template.yaml",
                                                     printable(intrinsic.argument->text))});
      return;
    }
    take_layer_path(context_, name, values_.value(*content), function_);
  }

  Result<void> variables() {
    const Property environment = property("Environment");
    const auto of = [&](const YamlNode* node) { return path_of(tree_, node, {"Variables"}); };
    const Property found{of(environment.own), of(environment.global)};
    for (const YamlNode* node : {environment.own, environment.global})
      if (node != nullptr && !intrinsic_of(tree_, *node).name.empty())
        function_.unknown.push_back({"Environment", why_not(values_.value(*node), "it is no map")});
    const YamlNode* const last = found.own != nullptr ? found.own : found.global;
    if (last == nullptr) return {};
    if (!is_plain(tree_, last, YamlKind::map)) {
      const TemplateValue value = values_.value(*last);
      if (intrinsic_of(tree_, *last).name.empty() && !value.absent)
        return wrong_kind(*last, "Environment.Variables", "map");
      if (!value.absent) function_.unknown.push_back({"Environment.Variables", why_not(value, "it is no map")});
      return {};
    }
    std::map<std::string, const YamlNode*> merged;
    if (is_plain(tree_, found.global, YamlKind::map))
      for (const auto& [name, value] : found.global->entries) merged[name] = &tree_.nodes[value];
    if (found.own != nullptr)
      for (const auto& [name, value] : found.own->entries) merged[name] = &tree_.nodes[value];
    for (const auto& [name, node] : merged) take_variable(name, values_.value(*node), function_);
    return {};
  }

  const TemplateContext& context_;
  const YamlTree& tree_;
  const YamlNode& resource_;
  TemplateValues values_;
  TemplateFunction function_;
};

}  // namespace

std::vector<TemplateCandidate> sam_functions(const YamlTree& tree) {
  std::vector<TemplateCandidate> functions;
  const YamlNode* const resources = find_key(tree, tree.nodes[tree.root], "Resources");
  if (resources == nullptr) return functions;
  for (const auto& [name, index] : resources->entries) {
    const YamlNode& resource = tree.nodes[index];
    const std::string type = type_of(tree, resource);
    if (type != kSamFunction && type != "AWS::Lambda::Function") continue;
    const Property package = property_of(tree, resource, "PackageType");
    const YamlNode* const node = package.own != nullptr ? package.own : package.global;
    functions.push_back({name, &resource, node != nullptr && node->text == "Image"});
  }
  return functions;
}

Result<TemplateFunction> read_sam_function(const TemplateContext& context, const TemplateCandidate& function) {
  return SamFunction(context, function).read();
}

}  // namespace lambdapack
