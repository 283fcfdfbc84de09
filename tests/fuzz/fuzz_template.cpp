// Any text is read as a template in bounded time and memory; what is known of a function and what is not are apart.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "cli/template.h"
#include "cli/yaml_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lambdapack;
  const std::string_view text = as_text(Bytes(data, size));
  if (const auto tree = read_yaml(text, "input")) {
    for (const YamlNode& node : tree->nodes) {
      // Children come before their aliases and after their parents: no node is inside itself.
      if (node.kind == YamlKind::scalar && (!node.items.empty() || !node.entries.empty())) std::abort();
      for (const std::size_t item : node.items)
        if (item >= tree->nodes.size()) std::abort();
      for (const auto& [key, value] : node.entries)
        if (value >= tree->nodes.size() || key == "<<") std::abort();
    }
  }
  for (const char* name : {"", "Hello"}) {
    const auto function = read_template_text(text, "/nonexistent", "input", name);
    if (!function) {
      if (function.error().message.empty()) std::abort();
      continue;
    }
    for (const std::string& variable : function->unknown_variables)
      if (function->variables.contains(variable)) std::abort();
    for (const UnknownProperty& each : function->unknown)
      if (each.why.empty()) std::abort();
  }
  return 0;
}
