// What an addon fits is said by the name of its initializer, by the structure that it registers, or only by its path;
// see check_addons.cpp for what Node.js makes of it.
#include "plan/node_addons.h"

#include <algorithm>
#include <charconv>

#include "languages/package_paths.h"

namespace lambdapack {
namespace {

std::optional<int> number_after(std::string_view text, std::string_view word) {
  const std::size_t at = text.find(word);
  if (at == std::string_view::npos) return std::nullopt;
  int number = 0;
  const char* const begin = text.data() + at + word.size();
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), number);
  if (error != std::errc() || end == begin) return std::nullopt;
  return number;
}

// "node.abi108.node" of prebuildify is any addon; "fast.abi108.node" is one of "fast".
std::string slot_of(std::string_view name) {
  std::string slot;
  std::size_t start = 0;
  while (start < name.size()) {
    const std::size_t end = std::min(name.find('.', start), name.size());
    const std::string_view word = name.substr(start, end - start);
    const bool build = word == "node" || word == "napi" || word == "glibc" || word == "musl" ||
                       word.starts_with("abi") || word.starts_with("armv");
    if (!build) slot += (slot.empty() ? "" : ".") + std::string(word);
    start = end + 1;
  }
  return slot;
}

bool has_prefix(const std::vector<std::string>& names, std::string_view prefix) {
  return std::ranges::any_of(names, [&](const std::string& name) { return name.starts_with(prefix); });
}

NodeAddon read_addon(const Package& package, const Inventory& inventory, const LanguageView& languages,
                     std::size_t file) {
  const ElfInfo& elf = *inventory.files[file].elf;
  const std::string& path = package.files[file].path;
  NodeAddon addon{file, false, elf.node_versions, {}, slot_of(base_name(path))};
  for (const std::string& name : elf.entry_points) {
    constexpr std::string_view initializer = "node_register_module_v";
    if (const auto version = number_after(name, initializer); version && name.starts_with(initializer))
      addon.versions.push_back(*version);
  }
  addon.node_api = has_prefix(elf.entry_points, "napi_") || (addon.versions.empty() && !elf.node_api.empty());
  if (!addon.node_api && addon.versions.empty()) {
    // node-pre-gyp's "node-v108-linux-x64", prebuildify's "node.abi108.node"
    auto version = number_after(base_name(path), ".abi");
    if (!version) version = number_after(parent_folder(path), "node-v");
    if (version) addon.versions.push_back(*version);
  }
  std::ranges::sort(addon.versions);
  if (const auto owner = languages.node_package_of[file]) addon.owner = languages.node_packages[*owner].folder;
  return addon;
}

}  // namespace

bool NodeAddon::fits(int version) const {
  return node_api || std::ranges::find(versions, version) != versions.end();
}

std::vector<NodeAddon> list_node_addons(const Package& package, const Inventory& inventory,
                                        const LanguageView& languages,
                                        const std::vector<std::optional<ForeignBinary>>& foreign) {
  std::vector<NodeAddon> addons;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const auto& elf = inventory.files[i].elf;
    const std::string& path = package.files[i].path;
    if (!elf || elf->type != ElfType::shared || !path.ends_with(".node") || foreign[i]) continue;
    if (base_name(path).starts_with("electron.")) continue;
    addons.push_back(read_addon(package, inventory, languages, i));
  }
  return addons;
}

}  // namespace lambdapack
