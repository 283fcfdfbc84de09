// Layers are judged as a whole: which of their files a function uses is mostly not known, so one finding per layer says
// what cannot work, and not one per file.
#include "plan/check_layers.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

namespace lambdapack {
namespace {

// Folders of a layer that only one version of a runtime searches. Source: AWS Lambda Developer Guide,
// "Packaging your layer content" (layer paths for each runtime).
struct VersionedFolder {
  std::string_view prefix, family, suffix;
};
constexpr std::array kVersioned = {VersionedFolder{"python/lib/python", "python", ""},
                                   VersionedFolder{"nodejs/node", "nodejs", ""},
                                   VersionedFolder{"ruby/gems/", "ruby", ".0"}};

// The versioned folder on the way to `path`, "" when there is none: "nodejs/node22".
std::string versioned_folder(std::string_view path) {
  for (const VersionedFolder& folder : kVersioned) {
    if (!path.starts_with(folder.prefix)) continue;
    const std::size_t end = path.find('/', folder.prefix.size());
    const std::string_view rest = path.substr(folder.prefix.size(), end - folder.prefix.size());
    if (end != std::string_view::npos && !rest.empty() && rest.front() >= '0' && rest.front() <= '9')
      return std::string(path.substr(0, end));
  }
  return {};
}

void check_count(const LayerCheck& input, std::vector<Finding>& findings) {
  const std::size_t most = static_cast<std::size_t>(std::max(input.rules.limits.layers, 0));
  if (input.layers.size() <= most) return;
  findings.push_back({"too-many-layers",
                      Severity::error,
                      {},
                      {},
                      fmt::format("{} layers are given, a function takes {}", input.layers.size(), most),
                      "merge some of them into one"});
}

void check_machine(const LayerCheck& input, const LayerInfo& layer, std::vector<Finding>& findings) {
  const bool wants_arm64 = input.target.arch == Arch::arm64;
  const std::size_t right = wants_arm64 ? layer.arm64 : layer.x86_64, wrong = wants_arm64 ? layer.x86_64 : layer.arm64;
  if (right > 0 || wrong == 0) return;
  const std::string_view other = wants_arm64 ? "x86_64" : "arm64";
  findings.push_back(
      {"layer-wrong-machine", Severity::error, layer.source, std::string(to_string(input.target.arch)),
       fmt::format("the layer's {} ELF file{} all for {}, the function is {}", wrong, wrong == 1 ? " is" : "s are",
                   other, to_string(input.target.arch)),
       fmt::format("take the layer's {} build, or pass --arch {}", to_string(input.target.arch), other)});
  if (wrong == 1) {
    std::string& message = findings.back().message;
    message =
        fmt::format("the layer's only ELF file is for {}, the function is {}", other, to_string(input.target.arch));
  }
}

// A layer may bring folders for several versions, as long as one of them is this runtime's.
void check_folders(const LayerCheck& input, const LayerInfo& layer, std::vector<Finding>& findings) {
  const Runtime& runtime = input.target.runtime;
  for (const VersionedFolder& kind : kVersioned) {
    if (kind.family != runtime.family || runtime.version.empty()) continue;
    const std::string wanted = fmt::format("{}{}{}", kind.prefix, runtime.version, kind.suffix);
    std::vector<std::string> others;
    for (const std::string& folder : layer.folders)
      if (folder.starts_with(kind.prefix)) others.push_back(folder);
    if (others.empty() || std::ranges::find(others, wanted) != others.end()) continue;
    findings.push_back({"layer-folder-not-searched", Severity::warning, layer.source, others.front(),
                        fmt::format("has {}, and {} searches {}", fmt::join(others, ", "), runtime.id, wanted),
                        fmt::format("take the layer's build for {}", runtime.id)});
  }
}

// /opt/python and its like are searched before the runtime's own folders.
bool on_module_path(std::string_view folder, const Runtime& runtime) {
  return folder.empty() || folder == "/opt/python" ||
         folder == fmt::format("/opt/python/lib/python{}/site-packages", runtime.version);
}

// boto3 from one place with botocore from another: they are released together and pin each other.
void check_sdk(const LayerCheck& input, std::vector<Finding>& findings) {
  if (input.target.runtime.family != "python") return;
  std::map<std::string_view, const Distribution*> first;  // as `import` finds them
  for (const bool in_layer : {false, true})
    for (const Distribution& distribution : input.languages.distributions)
      if ((distribution.name == "boto3" || distribution.name == "botocore") &&
          is_layer_file(distribution.folder) == in_layer && on_module_path(distribution.folder, input.target.runtime))
        first.try_emplace(distribution.name, &distribution);
  const bool layer_has_one = std::ranges::any_of(first, [](const auto& f) { return is_layer_file(f.second->folder); });
  if (!layer_has_one) return;
  const auto place = [&](std::string_view name) {
    const auto found = first.find(name);
    if (found == first.end()) return fmt::format("{} from the runtime", name);
    return fmt::format("{} {} from {}", name, found->second->version,
                       is_layer_file(found->second->folder) ? found->second->folder : "the function");
  };
  if (first.size() == 2 && first["boto3"]->folder == first["botocore"]->folder) return;
  findings.push_back({"sdk-split",
                      Severity::warning,
                      {},
                      "boto3",
                      fmt::format("imports {} and {}", place("boto3"), place("botocore")),
                      "bring both from one place, since each release of one needs the other's"});
}

struct Copy {
  std::string version, folder;
};

void check_repeats(const LayerCheck& input, std::vector<Finding>& findings) {
  std::map<std::string, std::pair<std::vector<Copy>, std::vector<Copy>>> python, node;  // the function's, the layers'
  for (const Distribution& d : input.languages.distributions) {
    auto& [own, layers] = python[d.name];
    (is_layer_file(d.folder) ? layers : own).push_back({d.version, d.folder});
  }
  for (const NodePackage& n : input.languages.node_packages) {
    if (n.folder != "node_modules/" + n.name && !is_layer_file(n.folder)) continue;  // nested ones are private
    const std::string modules = n.folder.substr(0, n.folder.size() - n.name.size());
    if (is_layer_file(n.folder) && modules.find("node_modules/") != modules.rfind("node_modules/")) continue;
    auto& [own, layers] = node[n.name];
    (is_layer_file(n.folder) ? layers : own).push_back({n.version, n.folder});
  }
  for (const auto* kind : {&python, &node}) {
    for (const auto& [name, copies] : *kind) {
      const auto& [own, layers] = copies;
      if (own.empty() || layers.empty()) continue;
      findings.push_back({"also-in-layer", Severity::info, own.front().folder, name,
                          fmt::format("{} {} is also in {} ({}); the function's copy is used", name,
                                      own.front().version, layers.front().folder, layers.front().version),
                          "leave it out of one of them"});
    }
  }
}

}  // namespace

LayerInfo describe_layer(const Package& layer, const Inventory& inventory) {
  LayerInfo info{layer.source, 0, layer.total_size(), 0, 0, 0, {}};
  std::set<std::string> folders;
  for (std::size_t i = 0; i < layer.files.size(); ++i) {
    if (layer.files[i].kind == FileKind::regular) ++info.files;
    if (std::string folder = versioned_folder(layer.files[i].path); !folder.empty()) folders.insert(std::move(folder));
    const auto& elf = inventory.files[i].elf;
    if (!elf || !elf->is64 || (elf->type != ElfType::shared && elf->type != ElfType::executable)) continue;
    if (elf->machine == kMachineX86_64) ++info.x86_64;
    if (elf->machine == kMachineAArch64) ++info.arm64;
  }
  info.folders = {folders.begin(), folders.end()};
  return info;
}

std::vector<Finding> check_layers(const LayerCheck& input) {
  std::vector<Finding> findings;
  if (input.layers.empty()) return findings;
  check_count(input, findings);
  for (const LayerInfo& layer : input.layers) {
    check_machine(input, layer, findings);
    check_folders(input, layer, findings);
  }
  check_sdk(input, findings);
  check_repeats(input, findings);
  return findings;
}

}  // namespace lambdapack
