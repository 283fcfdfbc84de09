// Node addons that the function's Node.js refuses. An addon that uses V8 or Node's C++ directly fits one
// NODE_MODULE_VERSION only; it says which in the name of its initializer or in the structure it registers
// (nodejs.org/api/addons.html, node's src/node_binding.cc). An addon on Node-API fits every later Node.js, as long as
// that has the functions it calls.
//
// prebuildify and node-pre-gyp install builds for several versions side by side, of which one is loaded: an addon is
// wrong only when no other build of the same fits.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "plan/check_package.h"
#include "plan/node_addons.h"

namespace lambdapack {
namespace {

std::string package_name(const CheckInput& input, const NodeAddon& addon) {
  const auto owner = input.languages.node_package_of[addon.file];
  return owner ? input.languages.node_packages[*owner].name : "";
}

// builds: of one addon, none of which fits; in the order of their paths.
Finding wrong_version(const CheckInput& input, const std::vector<NodeAddon>& builds) {
  const Runtime& runtime = input.target.runtime;
  std::set<int> versions;
  for (const NodeAddon& build : builds) versions.insert(build.versions.begin(), build.versions.end());
  const std::string numbers = fmt::format("{}", fmt::join(versions, ", "));
  const std::string name = package_name(input, builds.front());
  const bool reached =
      std::ranges::any_of(builds, [&](const NodeAddon& build) { return input.reach.reached(build.file); });
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

void check_node_api(const CheckInput& input, const NodeAddon& addon, std::vector<Finding>& findings) {
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
  const std::vector<NodeAddon> addons =
      list_node_addons(input.package, input.inventory, input.languages, input.reach.foreign);
  std::set<std::pair<std::string, std::string>> served;
  std::set<std::string> owners;
  for (const NodeAddon& addon : addons) {
    if (!addon.fits(version)) continue;
    served.emplace(addon.owner, addon.slot);
    owners.insert(addon.owner);
  }
  std::map<std::pair<std::string, std::string>, std::vector<NodeAddon>> wrong;  // by owner and slot
  for (const NodeAddon& addon : addons) {
    if (addon.node_api) check_node_api(input, addon, findings);
    if (addon.versions.empty() || addon.fits(version)) continue;
    if (addon.slot.empty() ? owners.contains(addon.owner) : served.contains({addon.owner, addon.slot})) continue;
    wrong[{addon.owner, addon.slot}].push_back(addon);
  }
  for (const auto& [slot, builds] : wrong) findings.push_back(wrong_version(input, builds));
  return findings;
}

}  // namespace lambdapack
