// See layer_copies.h.
#include "plan/layer_copies.h"

#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

#include "languages/package_paths.h"
#include "package/layers.h"
#include "plan/evidence.h"
#include "plan/roots.h"

namespace lambdapack {
namespace {

constexpr std::string_view kLayerLibraries = "/opt/lib";

bool is_searched(const LoaderProfile& profile, std::string_view folder) {
  return std::ranges::find(profile.library_path, folder) != profile.library_path.end();
}

bool on_library_path(const LoaderProfile& profile, std::string_view path) {
  const std::string_view folder = parent_folder(path);
  return is_searched(profile, folder.empty() ? "/var/task" : "/var/task/" + std::string(folder));
}

Result<bool> same_bytes(const PackageFile& a, const PackageFile& b) {
  if (a.size() != b.size()) return false;
  LP_TRY(const Bytes bytes_a, a.content.read());
  LP_TRY(const Bytes bytes_b, b.content.read());
  return std::ranges::equal(bytes_a, bytes_b);
}

// Symbolic links of the function, by the file that they lead to.
std::multimap<std::size_t, std::size_t> links_by_file(const Package& package) {
  std::multimap<std::size_t, std::size_t> links;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    if (package.files[i].kind != FileKind::symlink || is_layer_file(package.files[i].path)) continue;
    if (const auto real = resolve_path(package, package.files[i].path)) links.emplace(*real, i);
  }
  return links;
}

// Why the library may care where it lies.
std::string opens_beside_itself(const ElfInfo& elf) {
  if (elf.calls_dlopen) return "it opens libraries, perhaps beside itself";
  const auto asks_where = [](const std::string& symbol) { return symbol.substr(0, symbol.find('@')) == "dladdr"; };
  return std::ranges::any_of(elf.undefined_symbols, asks_where) ? "it asks where it lies (dladdr)" : "";
}

}  // namespace

Result<std::vector<LayerCopy>> find_layer_copies(const PlanInput& input, const LoaderProfile& profile,
                                                 unsigned threads) {
  std::vector<LayerCopy> copies;
  const auto [first, last] = layer_files(input.package);
  if (first == last || !is_searched(profile, kLayerLibraries)) return copies;
  const auto links = links_by_file(input.package);
  const auto in_layer = [&](std::size_t file) {
    return resolve_path(input.package,
                        std::string(kLayerLibraries) + "/" + std::string(base_name(input.package.files[file].path)));
  };
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const PackageFile& file = input.package.files[i];
    if (is_layer_file(file.path) || file.kind != FileKind::regular ||
        !is_plain_shared_library(input.inventory.files[i]))
      continue;
    if (input.reach.steps[i].kind == ReachKind::root || input.reach.foreign[i]) continue;
    if (!on_library_path(profile, file.path)) continue;
    const auto other = in_layer(i);
    if (!other) continue;
    LP_TRY(const bool same, same_bytes(file, input.package.files[*other]));
    if (!same) continue;
    // Every name of it must lead to the layer's.
    const auto [link, end] = links.equal_range(i);
    if (std::any_of(link, end, [&](const auto& l) {
          return !on_library_path(profile, input.package.files[l.second].path) || in_layer(l.second) != other;
        }))
      continue;
    copies.push_back({i, *other, {}, Confidence::likely});
  }
  if (copies.empty()) return copies;

  std::vector<std::string> needles{"LD_LIBRARY_PATH", "LD_PRELOAD"};
  for (const LayerCopy& copy : copies) {
    const std::string& path = input.package.files[copy.file].path;
    needles.push_back(path.contains('/') ? path : "/" + path);
  }
  std::vector<std::size_t> all(input.package.files.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  LP_TRY(const auto mentions, find_mentions(input.package, input.inventory, all, needles, threads));
  for (std::size_t c = 0; c < copies.size(); ++c) {
    std::string doubt = opens_beside_itself(*input.inventory.files[copies[c].file].elf);
    for (const Mention& mention : mentions) {
      if (!doubt.empty() || (mention.needle > 1 && mention.needle != c + 2)) continue;
      doubt = fmt::format("{} names {}", input.package.files[mention.file].path, needles[mention.needle]);
    }
    copies[c].reason = fmt::format("the same bytes as {}", input.package.files[copies[c].layer_file].path);
    if (doubt.empty()) continue;
    copies[c].confidence = Confidence::possible;
    copies[c].reason += ", but " + doubt;
  }
  return copies;
}

}  // namespace lambdapack
