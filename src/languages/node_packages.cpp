// Which files did an npm client install, and for which package?
//
// A package is what require() can find by name: a folder directly in a node_modules folder (or in an @scope there). Its
// files are everything below it but the packages in its own node_modules. A package.json deeper down ({"type":
// "module"} in dist/esm) makes no package. Links, as pnpm and workspaces make them, are files of whoever has them.

#include "languages/node_packages.h"
#include "languages/node_modules.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "base/parallel.h"
#include "languages/package_paths.h"

namespace lambdapack {

namespace {

using nlohmann::json;

constexpr std::uint64_t kPackageJsonBytes = 4 << 20;
constexpr std::uint64_t kLockBytes = 64 << 20;
constexpr std::string_view kModules = "node_modules/";

std::string string_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  const auto* text = found->get_ptr<const json::string_t*>();
  return text ? *text : std::string();
}

// "os": "linux" and "os": ["linux", "!darwin"] are both in use.
std::vector<std::string> strings_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (const auto* text = found->get_ptr<const json::string_t*>()) return {*text};
  std::vector<std::string> strings;
  if (found->is_array())
    for (const json& item : *found)
      if (const auto* text = item.get_ptr<const json::string_t*>()) strings.push_back(*text);
  return strings;
}

// {"#a": "pg", "#b": {"node": "./b.js", "default": ["b-shim"]}}: "b-shim" and "pg".
std::vector<std::string> import_targets(const json& imports) {
  std::vector<std::string> targets;
  std::vector<const json*> pending = {&imports};
  while (!pending.empty()) {
    const json& value = *pending.back();
    pending.pop_back();
    if (value.is_structured())
      for (const json& item : value) pending.push_back(&item);
    else if (const auto* text = value.get_ptr<const json::string_t*>(); text != nullptr && !text->starts_with('.'))
      targets.push_back(*text);
  }
  std::ranges::sort(targets);
  targets.erase(std::ranges::unique(targets).begin(), targets.end());
  return targets;
}

// Length of "name/" or "@scope/name/" at the front of rest, 0 when there is neither.
std::size_t package_name_length(std::string_view rest) {
  std::size_t end = rest.find('/');
  if (end == std::string_view::npos || end == 0 || rest.front() == '.') return 0;
  if (rest.front() == '@') end = rest.find('/', end + 1);
  return end == std::string_view::npos ? 0 : end;
}

// Every folder on the way to `path` that could be a package's, deepest first.
std::vector<std::string_view> package_folders(std::string_view path) {
  std::vector<std::string_view> folders;
  for (std::size_t at = path.find(kModules); at != std::string_view::npos; at = path.find(kModules, at + 1)) {
    if (at != 0 && path[at - 1] != '/') continue;
    const std::size_t begin = at + kModules.size();
    if (const std::size_t length = package_name_length(path.substr(begin)))
      folders.push_back(path.substr(0, begin + length));
  }
  std::ranges::reverse(folders);
  return folders;
}

struct ReadPackage {
  NodePackage node;
  bool readable = true;  // its package.json
};

Result<ReadPackage> read_node_package(const Package& package, std::size_t file) {
  NodePackage node;
  node.folder = parent_folder(package.files[file].path);
  node.name = node.folder.substr(node.folder.rfind(kModules) + kModules.size());
  LP_TRY(const auto parsed, read_package_json(package, file));
  if (!parsed) return ReadPackage{.node = std::move(node), .readable = false};
  node.version = parsed->version;
  node.dependencies = parsed->dependencies;
  for (const std::string& target : parsed->imports)
    if (const std::string_view name = package_of_specifier(target); !name.empty()) node.imports.emplace_back(name);
  node.os = parsed->os;
  node.cpu = parsed->cpu;
  node.libc = parsed->libc;
  node.optional = parsed->optional;
  return ReadPackage{.node = std::move(node)};
}

Finding bad_package_json(const std::string& path) {
  return {.code = "bad-package-json",
          .severity = Severity::info,
          .path = path,
          .detail = {},
          .message = "is not a JSON object, or longer than 4 MB; what the package depends on is not known",
          .help = "install the package again"};
}

}  // namespace

std::optional<PackageJson> parse_package_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  // Nothing deeper than conditions in conditions of "imports" is asked for, and values that are left out take no
  // memory.
  const json::parser_callback_t shallow = [](int depth, json::parse_event_t event, json&) {
    return depth <= 4 || (event != json::parse_event_t::object_start && event != json::parse_event_t::array_start);
  };
  const json root = json::parse(text, shallow, false);
  if (!root.is_object()) return std::nullopt;

  PackageJson parsed;
  parsed.version = string_at(root, "version");
  std::set<std::string> names;
  for (const char* key : {"dependencies", "optionalDependencies", "peerDependencies"})
    if (const auto found = root.find(key); found != root.end() && found->is_object())
      for (const auto& item : found->items()) names.insert(item.key());
  parsed.dependencies = {names.begin(), names.end()};
  if (const auto optional = root.find("optionalDependencies"); optional != root.end() && optional->is_object())
    for (const auto& item : optional->items())
      parsed.optional.emplace_back(item.key(), string_at(*optional, item.key().c_str()));
  std::ranges::sort(parsed.optional);
  if (const auto imports = root.find("imports"); imports != root.end()) parsed.imports = import_targets(*imports);
  if (const auto dev = root.find("devDependencies"); dev != root.end() && dev->is_object())
    for (const auto& item : dev->items()) parsed.dev_dependencies.push_back(item.key());
  std::ranges::sort(parsed.dev_dependencies);
  parsed.os = strings_at(root, "os");
  parsed.cpu = strings_at(root, "cpu");
  parsed.libc = strings_at(root, "libc");
  if (const auto engines = root.find("engines"); engines != root.end() && engines->is_object())
    parsed.engines_node = string_at(*engines, "node");
  return parsed;
}

Result<std::optional<PackageJson>> read_package_json(const Package& package, std::size_t file) {
  const Content& content = package.files[file].content;
  if (package.files[file].kind != FileKind::regular || content.size() > kPackageJsonBytes) return std::nullopt;
  LP_TRY(const auto bytes, content.slice(0, static_cast<std::size_t>(content.size())));
  return parse_package_json(as_text(bytes));
}

Result<std::string> read_package_name(const Package& package, std::size_t file) {
  const Content& content = package.files[file].content;
  if (package.files[file].kind != FileKind::regular || content.size() > kPackageJsonBytes) return std::string();
  LP_TRY(const auto bytes, content.slice(0, static_cast<std::size_t>(content.size())));
  const json root = json::parse(as_text(bytes), nullptr, false);
  return root.is_object() ? string_at(root, "name") : std::string();
}

Result<std::optional<std::vector<std::string>>> read_dev_places(const Package& package, std::size_t file) {
  const Content& content = package.files[file].content;
  if (package.files[file].kind != FileKind::regular || content.size() > kLockBytes) return std::nullopt;
  LP_TRY(const auto bytes, content.slice(0, static_cast<std::size_t>(content.size())));
  const json root = json::parse(as_text(bytes), nullptr, false);
  const auto packages = root.is_object() ? root.find("packages") : root.end();
  if (packages == root.end() || !packages->is_object()) return std::nullopt;
  std::vector<std::string> places;
  for (const auto& [place, entry] : packages->items())
    if (const auto dev = entry.find("dev");
        entry.is_object() && dev != entry.end() && dev->is_boolean() && *dev == true)
      places.push_back(place);
  return places;
}

Result<NodePackages> read_node_packages(const Package& package, unsigned threads) {
  std::vector<std::size_t> json_files;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const std::string_view path = package.files[i].path;
    if (package.files[i].kind != FileKind::regular || !path.ends_with("/package.json")) continue;
    const auto folders = package_folders(path);
    if (!folders.empty() && folders.front() == parent_folder(path)) json_files.push_back(i);
  }
  std::vector<Result<ReadPackage>> read(json_files.size());
  parallel_for(read.size(), threads, [&](std::size_t i) { read[i] = read_node_package(package, json_files[i]); });

  NodePackages packages;
  for (std::size_t i = 0; i < read.size(); ++i) {
    LP_TRY(ReadPackage one, std::move(read[i]));
    if (!one.readable) packages.findings.push_back(bad_package_json(package.files[json_files[i]].path));
    packages.found.push_back(std::move(one.node));
  }
  std::ranges::sort(packages.found, {}, &NodePackage::folder);

  std::unordered_map<std::string_view, std::size_t> by_folder;
  for (std::size_t i = 0; i < packages.found.size(); ++i) by_folder.emplace(packages.found[i].folder, i);
  packages.owner.resize(package.files.size());
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    if (package.files[i].kind == FileKind::directory) continue;
    for (const std::string_view folder : package_folders(package.files[i].path)) {
      const auto found = by_folder.find(folder);
      if (found == by_folder.end()) continue;
      packages.owner[i] = found->second;
      packages.found[found->second].files.push_back(i);
      break;
    }
  }
  return packages;
}

}  // namespace lambdapack
