// The border to toml++: parse, copy into our own tree, forget it. Exceptions are switched off in it, and its nesting
// limit (256 levels) bounds the recursion below.
#include "rules/toml_tree.h"

#include <algorithm>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#include <fmt/format.h>
#include <toml++/toml.h>

namespace lambdapack {

namespace {

TomlValue copy(const toml::node& node);

TomlTable copy_table(const toml::table& table) {
  TomlTable copied;
  copied.entries.reserve(table.size());
  for (const auto& [key, value] : table) copied.entries.push_back({std::string(key.str()), copy(value)});
  return copied;
}

TomlValue copy(const toml::node& node) {
  TomlValue copied;
  copied.line = static_cast<int>(node.source().begin.line);
  if (const auto* text = node.as_string()) {
    copied.value = text->get();
  } else if (const auto* integer = node.as_integer()) {
    copied.value = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    copied.value = number->get();
  } else if (const auto* truth = node.as_boolean()) {
    copied.value = truth->get();
  } else if (const auto* array = node.as_array()) {
    TomlArray items;
    items.reserve(array->size());
    for (const toml::node& item : *array) items.push_back(copy(item));
    copied.value = std::move(items);
  } else if (const auto* table = node.as_table()) {
    copied.value = copy_table(*table);
  }
  return copied;
}

}  // namespace

const TomlValue* TomlTable::find(std::string_view key) const {
  const auto at = std::ranges::lower_bound(entries, key, {}, &TomlEntry::key);
  return at != entries.end() && at->key == key ? &at->value : nullptr;
}

Result<TomlTable> parse_toml(std::string_view name, std::string_view text) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return fail(fmt::format("{}:{}", name, error.source().begin.line),
                fmt::format("is not TOML: {}", error.description()));
  }
  return copy_table(parsed.table());
}

}  // namespace lambdapack
