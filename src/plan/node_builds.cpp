// Builds for other machines, systems and C libraries are told by content (foreign_binary.h); here the headers are the
// same, and the version of Node.js, or the OpenSSL that is linked, tells which one is taken.
#include "plan/node_builds.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "languages/package_paths.h"
#include "plan/node_addons.h"

namespace lambdapack {
namespace {

// "prebuilds/linux-x64/node.abi93.node" and "…/node.abi127.node"; "lib/binding/node-v93-linux-x64/x.node" and
// "lib/binding/node-v127-linux-x64/x.node".
bool are_side_by_side(std::string_view a, std::string_view b) {
  return parent_folder(a) == parent_folder(b) || parent_folder(parent_folder(a)) == parent_folder(parent_folder(b));
}

// The binary target that Prisma asks for, as its @prisma/get-platform works it out on Amazon Linux 2 and 2023.
std::string prisma_target(const FunctionTarget& target) {
  const std::string openssl = target.runtime.os == "al2" ? "openssl-1.0.x" : "openssl-3.0.x";
  return (target.arch == Arch::arm64 ? "linux-arm64-" : "rhel-") + openssl;
}

// "debian-openssl-1.1.x" of "libquery_engine-debian-openssl-1.1.x.so.node"; "" for all other files.
std::string_view prisma_build(std::string_view name) {
  for (const std::string_view engine :
       {"libquery_engine-", "query-engine-", "query_engine-", "schema-engine-", "migration-engine-"}) {
    if (!name.starts_with(engine)) continue;
    std::string_view build = name.substr(engine.size());
    build = build.substr(0, build.find(".so.node"));
    const bool linux = build.starts_with("debian-") || build.starts_with("rhel-") || build.starts_with("linux-");
    if (linux && build.contains("openssl-")) return build;
  }
  return {};
}

void drop_engines(const PlanInput& input, Confidence confidence, std::vector<ProposedDrop>& drops) {
  const std::string wanted = prisma_target(input.target);
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const std::string& path = input.package.files[i].path;
    const std::string_view name = base_name(path), build = prisma_build(name);
    if (build.empty() || build == wanted || is_layer_file(path)) continue;
    std::string beside(name);
    beside.replace(beside.find(build), build.size(), wanted);
    if (!file_at(input.package, join_path(parent_folder(path), beside))) continue;
    drops.push_back({i, "drop-other-node-build",
                     fmt::format("Prisma's engine for {}; on {} it loads {}", build, input.target.runtime.id, beside),
                     confidence});
  }
}

}  // namespace

std::vector<ProposedDrop> drop_other_node_builds(const PlanInput& input) {
  std::vector<ProposedDrop> drops;
  const int version = input.target.runtime.node_module_version;
  if (version == 0) return drops;
  const Confidence confidence = input.target.runtime_guessed ? Confidence::possible : Confidence::likely;
  const auto path = [&](std::size_t file) -> const std::string& { return input.package.files[file].path; };
  const std::vector<NodeAddon> addons =
      list_node_addons(input.package, input.inventory, input.languages, input.reach.foreign);
  for (const NodeAddon& addon : addons) {
    if (addon.versions.empty() || addon.fits(version) || addon.owner.empty() || is_layer_file(path(addon.file)))
      continue;
    const auto better = std::ranges::find_if(addons, [&](const NodeAddon& other) {
      return other.fits(version) && other.owner == addon.owner && other.slot == addon.slot &&
             are_side_by_side(path(other.file), path(addon.file));
    });
    if (better == addons.end()) continue;
    drops.push_back({addon.file, "drop-other-node-build",
                     fmt::format("built for NODE_MODULE_VERSION {}; {} has {} and loads {}",
                                 fmt::join(addon.versions, ", "), input.target.runtime.id, version, path(better->file)),
                     confidence});
  }
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    if (!base_name(path(i)).starts_with("electron.") || !path(i).ends_with(".node")) continue;
    const auto node = std::ranges::find_if(addons, [&](const NodeAddon& other) {
      return other.fits(version) && parent_folder(path(other.file)) == parent_folder(path(i));
    });
    if (node == addons.end() || !input.languages.node_package_of[i] || is_layer_file(path(i))) continue;
    drops.push_back({i, "drop-other-node-build", fmt::format("built for Electron; Node.js loads {}", path(node->file)),
                     confidence});
  }
  drop_engines(input, confidence, drops);
  std::ranges::sort(drops, {}, &ProposedDrop::file);
  return drops;
}

}  // namespace lambdapack
