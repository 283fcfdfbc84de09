// Which folder of a layer is the input's top? pip, npm and Bundler leave different trees, and people hand over any of
// them: the tree itself, the folder above it, or a whole layer. What already stands where the runtime looks is left
// where it is; the rest gets the folder in front that makes it so.
#include "languages/layer_layout.h"

#include <algorithm>

#include <fmt/format.h>

#include "languages/function_target.h"
#include "languages/node_packages.h"
#include "languages/package_paths.h"

namespace lambdapack {
namespace {

bool has_folder(const Package& package, std::string_view folder) {
  const auto [first, last] = files_below(package, folder);
  return first < last;
}

// The folders at the top are a layer's; files beside them (a README) are in no one's way.
bool has_layer_folders_only(const Package& package) {
  return std::ranges::all_of(package.files, [](const PackageFile& file) {
    const std::size_t slash = file.path.find('/');
    return slash == std::string::npos || is_layer_folder(std::string_view(file.path).substr(0, slash));
  });
}

// Every path is below one of these folders.
bool all_below(const Package& package, const std::vector<std::string>& folders) {
  return std::ranges::all_of(package.files, [&](const PackageFile& file) {
    return std::ranges::any_of(folders, [&](const std::string& f) { return file.path.starts_with(f); });
  });
}

LayerLayout with_prefix(const Package& package, const std::string& prefix) {
  LayerLayout layout;
  layout.summary = prefix + " in front of every path";
  for (const PackageFile& file : package.files) layout.paths.push_back(prefix + file.path);
  return layout;
}

// "sharp", "@img/sharp": a folder of node_modules that require() can name.
bool is_package_name(std::string_view name) {
  return !name.empty() && name[0] != '.' && name[0] != '/' && name.find("..") == std::string_view::npos;
}

// node_modules/ with what lies beside it, one package, or the contents of a node_modules folder.
Result<LayerLayout> node_layout(const Package& package) {
  if (has_folder(package, "node_modules")) return with_prefix(package, "nodejs/");
  const auto manifest = file_at(package, "package.json");
  if (!manifest) return with_prefix(package, "nodejs/node_modules/");
  const Result<std::string> name = read_package_name(package, *manifest);
  if (!name) return std::unexpected(name.error());
  if (!is_package_name(*name))
    return fail("package.json", "has no name, so nothing can require() the package from a layer",
                "give it a name, or hand over a folder with node_modules/ in it");
  return with_prefix(package, "nodejs/node_modules/" + *name + "/");
}

Result<LayerLayout> java_layout(const Package& package) {
  for (const PackageFile& file : package.files) {
    if (!file.path.ends_with(".class")) continue;
    return fail(printable(file.path), "is a class outside a jar, and the runtime takes only jars from a layer",
                "put the classes into a jar first (jar cf)");
  }
  return with_prefix(package, all_below(package, {"lib/"}) ? "java/" : "java/lib/");
}

// A GEM_HOME (gems/, specifications/), what `bundle install --path` makes (ruby/3.4.0/gems/…), or plain Ruby files.
Result<LayerLayout> ruby_layout(const Package& package, std::string_view runtime_version) {
  if (has_folder(package, "gems") && has_folder(package, "specifications")) {
    if (runtime_version.empty())
      return fail("--as-layer ruby", "needs the version of Ruby for ruby/gems/", "add --runtime, such as ruby3.4");
    return with_prefix(package, fmt::format("ruby/gems/{}.0/", runtime_version));
  }
  if (!all_below(package, {"ruby/"})) return with_prefix(package, "ruby/lib/");
  LayerLayout layout;
  layout.summary = "ruby/gems/ instead of ruby/ in front of every path";
  for (const PackageFile& file : package.files) layout.paths.push_back("ruby/gems/" + file.path.substr(5));
  return layout;
}

bool is_program(const Package& package, const Inventory& inventory, std::size_t file) {
  const FileRecord& record = inventory.files[file];
  if (record.elf) return record.elf->is_executable();
  return record.type == FileType::script && (package.files[file].mode & 0111) != 0;
}

// Programs go where PATH looks, everything else where the loader does. A link stays beside what it leads to.
LayerLayout native_layout(const Package& package, const Inventory& inventory) {
  LayerLayout layout;
  layout.summary = "programs in bin/, the rest in lib/";
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const std::size_t real = resolve_path(package, package.files[i].path).value_or(i);
    layout.paths.push_back((is_program(package, inventory, real) ? "bin/" : "lib/") + package.files[i].path);
  }
  return layout;
}

}  // namespace

Result<LayerLayout> lay_out_layer(const Package& package, const Inventory& inventory, std::string_view kind,
                                  std::string_view runtime_version) {
  const std::string folder = kind == "lib" ? "lib" : std::string(kind);
  const bool is_there =
      kind == "lib" ? has_folder(package, "lib") || has_folder(package, "bin") || has_folder(package, "extensions")
                    : has_folder(package, folder);
  // Bundler's ruby/3.4.0 and a Python environment's lib/python3.12 only look like a layer.
  const bool bundler =
      kind == "ruby" && is_there && !has_folder(package, "ruby/gems") && !has_folder(package, "ruby/lib");
  if (is_there && has_layer_folders_only(package) && !bundler) {
    LayerLayout layout;
    for (const PackageFile& file : package.files) layout.paths.push_back(file.path);
    return layout;
  }
  if (kind == "nodejs") return node_layout(package);
  if (kind == "java") return java_layout(package);
  if (kind == "ruby") return ruby_layout(package, runtime_version);
  if (kind == "lib") return native_layout(package, inventory);
  return with_prefix(package, "python/");
}

}  // namespace lambdapack
