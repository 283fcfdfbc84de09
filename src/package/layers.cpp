// What is in /opt after all layers have been extracted; see layers.h.
#include "package/layers.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>

namespace lambdapack {
namespace {

struct Origin {
  const PackageFile* file = nullptr;
  std::size_t layer = 0;
};

using Tree = std::map<std::string, Origin>;

// A folder is merged with a folder; anything else at the path gives way to what comes later, with all below it.
void remove_conflicts(Tree& tree, const PackageFile& file, std::vector<std::size_t>& hidden) {
  const auto remove = [&](Tree::iterator found) {
    ++hidden[found->second.layer];
    return tree.erase(found);
  };
  for (std::size_t slash = file.path.find('/'); slash != std::string::npos; slash = file.path.find('/', slash + 1)) {
    const auto above = tree.find(file.path.substr(0, slash));
    if (above != tree.end() && above->second.file->kind == FileKind::regular) remove(above);
  }
  if (file.kind == FileKind::directory) return;
  const std::string below = file.path + "/";
  for (auto at = tree.lower_bound(below); at != tree.end() && at->first.starts_with(below);) at = remove(at);
}

}  // namespace

MergedLayers merge_layers(const std::vector<Package>& layers) {
  MergedLayers merged;
  merged.hidden.resize(layers.size());
  Tree tree;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    for (const PackageFile& file : layers[layer].files) {
      if (layer > 0) remove_conflicts(tree, file, merged.hidden);
      const auto [at, is_new] = tree.try_emplace(file.path, Origin{&file, layer});
      if (is_new) continue;
      ++merged.hidden[at->second.layer];
      at->second = {&file, layer};
    }
  }
  for (const auto& [path, origin] : tree) {
    merged.files.push_back(*origin.file);
    merged.layer_of.push_back(origin.layer);
  }
  return merged;
}

Package with_layers(Package function, const MergedLayers& layers) {
  std::vector<PackageFile> files = layers.files;
  for (PackageFile& file : files) file.path.insert(0, "/opt/");
  const auto by_path = [](const PackageFile& a, const PackageFile& b) { return a.path < b.path; };
  std::vector<PackageFile> all;
  all.reserve(function.files.size() + files.size());
  std::merge(std::make_move_iterator(function.files.begin()), std::make_move_iterator(function.files.end()),
             std::make_move_iterator(files.begin()), std::make_move_iterator(files.end()), std::back_inserter(all),
             by_path);
  function.files = std::move(all);
  return function;
}

std::pair<std::size_t, std::size_t> layer_files(const Package& package) {
  const auto by_path = [](const PackageFile& file) -> std::string_view { return file.path; };
  const auto first = std::ranges::lower_bound(package.files, std::string_view("/"), {}, by_path);
  const auto last = std::ranges::lower_bound(package.files, std::string_view("0"), {}, by_path);  // "/" + 1
  return {static_cast<std::size_t>(first - package.files.begin()),
          static_cast<std::size_t>(last - package.files.begin())};
}

bool is_extension(std::string_view path, bool is_layer) {
  const std::string_view folder = is_layer ? "extensions/" : "/opt/extensions/";
  return path.starts_with(folder) && path.find('/', folder.size()) == std::string_view::npos;
}

FunctionPart::FunctionPart(const Package& package) : package_(&package) {
  const auto [first, last] = layer_files(package);
  if (first == last) return;
  Package& function = copy_.emplace();
  function.source = package.source;
  function.kind = package.kind;
  function.source_bytes = package.source_bytes;
  function.source_sha256 = package.source_sha256;
  function.findings = package.findings;
  function.files.reserve(package.files.size() - (last - first));
  for (std::size_t i = 0; i < package.files.size(); ++i)
    if (i < first || i >= last) function.files.push_back(package.files[i]);
}

}  // namespace lambdapack
