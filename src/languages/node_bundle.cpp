// A bundle has the modules of npm packages inside, under their paths as string constants; without the metafile these
// would look like names of packages to load. Its outputs are told from other files by length and path: esbuild writes
// both, and a file that was changed since is no longer what the metafile describes.
#include "languages/node_bundle.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "languages/node_modules.h"
#include "languages/package_paths.h"

namespace lambdapack {
namespace {

using nlohmann::json;

constexpr std::uint64_t kLargestMetafile = 64 << 20;
constexpr std::size_t kHead = 256;  // esbuild's begins with "inputs"

std::uint64_t bytes_of(const json& output, const char* key) {
  const auto found = output.find(key);
  return found != output.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::vector<std::string> packages_in(const json& output) {
  std::vector<std::string> holds;
  const auto inputs = output.find("inputs");
  if (inputs == output.end() || !inputs->is_object()) return holds;
  for (const auto& [path, input] : inputs->items()) {
    if (!path.contains("node_modules/") || !input.is_object() || bytes_of(input, "bytesInOutput") == 0) continue;
    if (const std::string_view name = package_of_specifier(path); !name.empty()) holds.emplace_back(name);
  }
  std::ranges::sort(holds);
  holds.erase(std::ranges::unique(holds).begin(), holds.end());
  return holds;
}

// Whether one of the paths ends with the other: the package's top need not be where esbuild ran.
bool same_path(std::string_view output, std::string_view file) {
  const auto [shorter, longer] = output.size() < file.size() ? std::pair(output, file) : std::pair(file, output);
  return longer.ends_with(shorter) &&
         (longer.size() == shorter.size() || longer[longer.size() - shorter.size() - 1] == '/');
}

void add_outputs(const Package& package, const std::vector<BundleOutput>& outputs, std::vector<NodeBundle>& bundles) {
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const PackageFile& file = package.files[i];
    if (file.kind != FileKind::regular || file.path.contains("node_modules/")) continue;
    for (const BundleOutput& output : outputs)
      if (output.bytes == file.size() && same_path(output.path, file.path)) bundles.push_back({i, output.holds});
  }
}

}  // namespace

std::optional<std::vector<BundleOutput>> parse_metafile(std::string_view text) {
  const json root = json::parse(text, nullptr, false);
  if (!root.is_object() || !root.contains("inputs") || !root.contains("outputs") || !root["outputs"].is_object())
    return std::nullopt;
  std::vector<BundleOutput> outputs;
  for (const auto& [path, output] : root["outputs"].items())
    if (output.is_object()) outputs.push_back({path, bytes_of(output, "bytes"), packages_in(output)});
  return outputs;
}

bool NodeBundles::holds(std::size_t file, std::string_view name) const {
  const auto [first, last] = std::ranges::equal_range(files, file, {}, &NodeBundle::file);
  return std::any_of(first, last,
                     [&](const NodeBundle& bundle) { return std::ranges::binary_search(bundle.holds, name); });
}

Result<NodeBundles> find_node_bundles(const Package& package, std::string_view metafile) {
  NodeBundles found;
  if (!metafile.empty()) {
    const auto outputs = parse_metafile(metafile);
    if (!outputs)
      return fail("--metafile", "is no metafile of esbuild", "pass the file that esbuild --metafile=FILE wrote");
    add_outputs(package, *outputs, found.files);
  }
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const PackageFile& file = package.files[i];
    if (file.kind != FileKind::regular || !file.path.ends_with(".json") || file.path.contains("node_modules/") ||
        file.size() > kLargestMetafile)
      continue;
    LP_TRY(const auto head, file.content.head(kHead));
    if (!as_text(head).contains("\"inputs\"")) continue;
    LP_TRY(const Bytes bytes, file.content.read());
    if (const auto outputs = parse_metafile(as_text(bytes))) {
      found.metafiles.push_back(i);
      add_outputs(package, *outputs, found.files);
    }
  }
  std::ranges::sort(found.files, {}, [](const NodeBundle& bundle) { return std::pair(bundle.file, bundle.holds); });
  return found;
}

}  // namespace lambdapack
