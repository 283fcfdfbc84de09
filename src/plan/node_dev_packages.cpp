// npm marks in its lock file, also in the hidden one in node_modules, which packages only devDependencies lead to.
#include "plan/node_dev_packages.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/bytes.h"
#include "languages/node_packages.h"
#include "languages/package_paths.h"

namespace lambdapack {
namespace {

// From version 7 on TypeScript is a program, in a package per platform.
bool is_for_compilers(std::string_view name) {
  return name == "typescript" || name.starts_with("@typescript/typescript-") || name.starts_with("@types/");
}

// The folder that a lock file of npm's is about; nothing for other files.
std::optional<std::string_view> locked_folder(std::string_view path) {
  const std::string_view name = base_name(path), folder = parent_folder(path);
  if (name == ".package-lock.json" && base_name(folder) == "node_modules") return parent_folder(folder);
  if (path.contains("node_modules/") || (name != "package-lock.json" && name != "npm-shrinkwrap.json"))
    return std::nullopt;
  return folder;
}

bool is_below(std::string_view folder, const std::set<std::string_view>& tops) {
  while (true) {
    if (tops.contains(folder)) return true;
    if (folder.empty()) return false;
    folder = parent_folder(folder);
  }
}

// Folders of packages that lock files say are for development; package.json files where no lock file says anything.
Result<std::set<std::string>> dev_folders(const Package& package) {
  std::set<std::string> folders;
  std::set<std::string_view> locked;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const auto folder = locked_folder(package.files[i].path);
    if (!folder) continue;
    LP_TRY(const auto places, read_dev_places(package, i));
    if (!places) continue;
    locked.insert(*folder);
    for (const std::string& place : *places) folders.insert(join_path(*folder, place));
  }
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const std::string& path = package.files[i].path;
    const std::string_view folder = parent_folder(path);
    if (base_name(path) != "package.json" || path.contains("node_modules/") || is_below(folder, locked)) continue;
    LP_TRY(const auto parsed, read_package_json(package, i));
    if (!parsed) continue;
    for (const std::string& dev : parsed->dev_dependencies)
      if (!std::ranges::binary_search(parsed->dependencies, dev))
        folders.insert(join_path(folder, "node_modules/" + dev));
  }
  return folders;
}

}  // namespace

Result<std::vector<ProposedDrop>> drop_dev_packages(const NodeReachInput& input, const NodeReach& reach) {
  const std::vector<NodePackage>& nodes = input.languages.node_packages;
  std::vector<std::size_t> going;
  for (std::size_t node = 0; node < nodes.size(); ++node)
    if (!reach.packages[node].reached && is_for_compilers(nodes[node].name)) going.push_back(node);
  std::vector<ProposedDrop> drops;
  if (going.empty()) return drops;
  LP_TRY(const auto folders, dev_folders(input.package));
  std::erase_if(going, [&](std::size_t node) { return !folders.contains(nodes[node].folder); });
  // And what only these need: undici-types of @types/node.
  for (std::size_t at = 0; at < going.size(); ++at) {
    for (const std::string& name : nodes[going[at]].dependencies) {
      const auto node = input.modules.find_from(nodes[going[at]].folder, name);
      if (node && !reach.packages[*node].reached && folders.contains(nodes[*node].folder) &&
          std::ranges::find(going, *node) == going.end())
        going.push_back(*node);
    }
  }
  for (const std::size_t node : going)
    for (const auto* files : {&nodes[node].files, &input.modules.links_to(node)})
      for (const std::size_t file : *files)
        drops.push_back({file, "drop-dev-package",
                         fmt::format("{} is there for development, and no code names it", printable(nodes[node].name)),
                         Confidence::likely});
  return drops;
}

}  // namespace lambdapack
