// Node addons that the function's Node.js refuses. An addon that uses V8 or Node's C++ directly fits one
// NODE_MODULE_VERSION only; it says which in the name of its initializer or in the structure it registers
// (nodejs.org/api/addons.html, node's src/node_binding.cc). An addon on Node-API fits every later Node.js, as long as
// that has the functions it calls.
//
// prebuildify and node-pre-gyp install builds for several versions side by side, of which one is loaded: an addon is
// wrong only when no other build of the same fits.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>

#include "languages/package_paths.h"
#include "plan/check_package.h"

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

struct Addon {
  std::size_t file = 0;
  bool node_api = false;
  std::vector<int> versions;  // NODE_MODULE_VERSIONs that it fits; empty: nothing says so
  std::string owner;          // folder of the npm package, "" for the user's own
  std::string slot;           // the name without what tells builds apart; "" for a name that says nothing else
};

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

Addon read_addon(const CheckInput& input, std::size_t file) {
  const ElfInfo& elf = *input.inventory.files[file].elf;
  const std::string& path = input.package.files[file].path;
  Addon addon{file, false, elf.node_versions, {}, slot_of(base_name(path))};
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
  if (const auto owner = input.languages.node_package_of[file])
    addon.owner = input.languages.node_packages[*owner].folder;
  return addon;
}

bool fits(const Addon& addon, int version) {
  return addon.node_api || std::ranges::find(addon.versions, version) != addon.versions.end();
}

std::string package_name(const CheckInput& input, const Addon& addon) {
  const auto owner = input.languages.node_package_of[addon.file];
  return owner ? input.languages.node_packages[*owner].name : "";
}

// builds: of one addon, none of which fits; in the order of their paths.
Finding wrong_version(const CheckInput& input, const std::vector<Addon>& builds) {
  const Runtime& runtime = input.target.runtime;
  std::set<int> versions;
  for (const Addon& build : builds) versions.insert(build.versions.begin(), build.versions.end());
  const std::string numbers = fmt::format("{}", fmt::join(versions, ", "));
  const std::string name = package_name(input, builds.front());
  const bool reached = std::ranges::any_of(builds, [&](const Addon& build) { return input.reach.reached(build.file); });
  return {"node-addon-wrong-version",
          reached ? Severity::error : Severity::warning,
          input.package.files[builds.front().file].path,
          numbers,
          fmt::format("{} built for NODE_MODULE_VERSION {}, {} has {} and refuses {}",
                      builds.size() == 1 ? std::string("was") : fmt::format("and {} more are", builds.size() - 1),
                      numbers, runtime.id, runtime.node_module_version, builds.size() == 1 ? "it" : "them"),
          fmt::format("{} with Node.js {}, or use a version of it that is built on Node-API",
                      name.empty() ? "build it" : fmt::format("run npm rebuild {}", name), runtime.version)};
}

void check_node_api(const CheckInput& input, const Addon& addon, std::vector<Finding>& findings) {
  const ElfInfo& elf = *input.inventory.files[addon.file].elf;
  const std::vector<std::string>& lacks = input.target.runtime.node_api_lacks;
  std::vector<std::string> missing;
  std::ranges::copy_if(elf.node_api, std::back_inserter(missing),
                       [&](const std::string& name) { return std::ranges::find(lacks, name) != lacks.end(); });
  if (missing.empty()) return;
  const std::string names = fmt::format("{}", fmt::join(missing, ", "));
  // process.dlopen binds lazily: without BIND_NOW the addon loads, and ends the process at the first call.
  const bool fatal = elf.bind_now && input.reach.reached(addon.file);
  const std::string name = package_name(input, addon);
  findings.push_back({"node-api-too-new", fatal ? Severity::error : Severity::warning,
                      input.package.files[addon.file].path, names,
                      fmt::format("calls {} of Node-API, which {} does not have{}", names, input.target.runtime.id,
                                  elf.bind_now ? "" : "; the first call ends the process"),
                      fmt::format("use an older version of {}, or a newer Node.js runtime",
                                  name.empty() ? std::string("the addon") : name)});
}

}  // namespace

std::vector<Finding> check_node_addons(const CheckInput& input) {
  std::vector<Finding> findings;
  const int version = input.target.runtime.node_module_version;
  if (input.target.runtime.family != "nodejs" || version == 0) return findings;
  std::vector<Addon> addons;
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const auto& elf = input.inventory.files[i].elf;
    const std::string& path = input.package.files[i].path;
    if (!elf || elf->type != ElfType::shared || !path.ends_with(".node") || input.reach.foreign[i]) continue;
    // Electron's own builds, for nobody else.
    if (base_name(path).starts_with("electron.")) continue;
    addons.push_back(read_addon(input, i));
  }
  std::set<std::pair<std::string, std::string>> served;
  std::set<std::string> owners;
  for (const Addon& addon : addons) {
    if (!fits(addon, version)) continue;
    served.emplace(addon.owner, addon.slot);
    owners.insert(addon.owner);
  }
  std::map<std::pair<std::string, std::string>, std::vector<Addon>> wrong;  // by owner and slot
  for (const Addon& addon : addons) {
    if (addon.node_api) check_node_api(input, addon, findings);
    if (addon.versions.empty() || fits(addon, version)) continue;
    if (addon.slot.empty() ? owners.contains(addon.owner) : served.contains({addon.owner, addon.slot})) continue;
    wrong[{addon.owner, addon.slot}].push_back(addon);
  }
  for (const auto& [slot, builds] : wrong) findings.push_back(wrong_version(input, builds));
  return findings;
}

}  // namespace lambdapack
