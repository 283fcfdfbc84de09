// A function of the Serverless Framework's serverless.yml:
// https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml
//
// Here nothing is joined: what a function says of runtime, architecture and layers replaces what the provider says;
// only the environment is merged by name.
#include <fmt/format.h>

#include "base/bytes.h"
#include "cli/template_dialects.h"

namespace lambdapack {
namespace {

class ServerlessFunction {
 public:
  ServerlessFunction(const TemplateContext& context, const TemplateCandidate& candidate)
      : context_(context), tree_(context.tree), node_(*candidate.node), values_(context.tree) {
    function_.file = context.file;
    function_.name = candidate.name;
    provider_ = find_key(tree_, root(), "provider");
  }

  Result<TemplateFunction> read() {
    LP_CHECK(text("runtime", function_.runtime));
    LP_CHECK(text("handler", function_.handler));
    LP_CHECK(text("architecture", function_.arch));
    if (!function_.arch && find("architecture") == nullptr) {
      function_.arch = "x86_64";
      function_.arch_is_default = true;
    }
    layers();
    variables();
    return std::move(function_);
  }

 private:
  const YamlNode& root() const { return tree_.nodes[tree_.root]; }

  const YamlNode* find(const char* name) const {
    const YamlNode* const own = find_key(tree_, node_, name);
    if (own != nullptr || provider_ == nullptr || name == std::string_view("handler")) return own;
    return find_key(tree_, *provider_, name);
  }

  Result<void> text(const char* name, std::optional<std::string>& target) {
    const YamlNode* const node = find(name);
    if (node == nullptr) return {};
    return take_text(context_, *node, name, values_.serverless_value(*node), target, function_);
  }

  void layers() {
    const YamlNode* const node = find("layers");
    if (node == nullptr) return;
    if (node->kind != YamlKind::list || !intrinsic_of(tree_, *node).name.empty()) {
      const TemplateValue value = values_.serverless_value(*node);
      if (!value.absent) function_.unknown.push_back({"layers", value.why.empty() ? "it is no list" : value.why});
      return;
    }
    for (std::size_t i = 0; i < node->items.size() && i < 100; ++i)
      layer(fmt::format("layers[{}]", i), tree_.nodes[node->items[i]]);
  }

  // A layer of the same file is called by its name with a capital and "LambdaLayer" behind it.
  void layer(const std::string& name, const YamlNode& item) {
    const Intrinsic intrinsic = intrinsic_of(tree_, item);
    const YamlNode* const own = find_key(tree_, root(), "layers");
    if (intrinsic.name == "Ref" && own != nullptr)
      for (const auto& [key, index] : own->entries) {
        std::string logical = key + "LambdaLayer";
        if (logical.front() >= 'a' && logical.front() <= 'z') logical.front() = static_cast<char>(logical.front() - 32);
        const YamlNode* const path = find_key(tree_, tree_.nodes[index], "path");
        if (logical == intrinsic.argument->text && path != nullptr)
          return take_layer_path(context_, name, values_.serverless_value(*path), function_);
      }
    take_layer_path(context_, name, values_.serverless_value(item), function_);
  }

  void variables() {
    std::map<std::string, const YamlNode*> merged;
    for (const YamlNode* const owner : {provider_, &node_}) {
      const YamlNode* const environment = owner != nullptr ? find_key(tree_, *owner, "environment") : nullptr;
      if (environment == nullptr) continue;
      if (environment->kind != YamlKind::map) {
        const TemplateValue value = values_.serverless_value(*environment);
        if (!value.absent) function_.unknown.push_back({"environment", value.why.empty() ? "it is no map" : value.why});
        continue;
      }
      for (const auto& [name, value] : environment->entries) merged[name] = &tree_.nodes[value];
    }
    for (const auto& [name, node] : merged) take_variable(name, values_.serverless_value(*node), function_);
  }

  const TemplateContext& context_;
  const YamlTree& tree_;
  const YamlNode& node_;
  const YamlNode* provider_ = nullptr;
  TemplateValues values_;
  TemplateFunction function_;
};

}  // namespace

std::vector<TemplateCandidate> serverless_functions(const YamlTree& tree) {
  std::vector<TemplateCandidate> functions;
  const YamlNode* const all = find_key(tree, tree.nodes[tree.root], "functions");
  if (all == nullptr) return functions;
  for (const auto& [name, index] : all->entries)
    functions.push_back({name, &tree.nodes[index], find_key(tree, tree.nodes[index], "image") != nullptr});
  return functions;
}

Result<TemplateFunction> read_serverless_function(const TemplateContext& context, const TemplateCandidate& function) {
  return ServerlessFunction(context, function).read();
}

}  // namespace lambdapack
