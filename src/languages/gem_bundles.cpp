// Names only: RubyGems itself decides by them. A gem's folder is NAME-VERSION or NAME-VERSION-PLATFORM
// (Gem::Specification#full_name); what was compiled at the installation lies in extensions/PLATFORM/RUBY/NAME-VERSION
// (Gem::BasicSpecification#extension_dir); gems with ready libraries have one for each Ruby in a folder of its own
// (rake-compiler's cross builds: lib/nokogiri/3.3/nokogiri.so). Where Lambda looks: GEM_PATH in the Developer Guide,
// "Defined runtime environment variables".
#include "languages/gem_bundles.h"

#include <algorithm>
#include <array>
#include <map>

#include "languages/package_paths.h"

namespace lambdapack {
namespace {

constexpr std::string_view kFunctionBundle = "vendor/bundle/ruby/", kLayerGems = "ruby/gems/",
                           kMountedGems = "/opt/ruby/gems/";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_version(std::string_view text) {
  return !text.empty() && is_digit(text.front()) && is_digit(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
}

// Up to the next slash, which goes too.
std::string_view take_part(std::string_view& path) {
  const std::string_view part = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(path.size(), part.size() + 1));
  return part;
}

std::string_view root_of(std::string_view path, bool is_layer) {
  for (const std::string_view root : {kFunctionBundle, kMountedGems})
    if (path.starts_with(root)) return root;
  return is_layer && path.starts_with(kLayerGems) ? kLayerGems : std::string_view();
}

bool is_platform(std::string_view text) {
  static constexpr auto kSystems =
      std::to_array<std::string_view>({"linux", "darwin", "mingw", "mswin", "java", "freebsd", "cygwin"});
  return std::ranges::any_of(kSystems, [&](std::string_view system) { return text.contains(system); });
}

// "ffi-1.17.0-x86_64-linux-gnu" -> "ffi-1.17.0", "x86_64-linux-gnu".
std::pair<std::string, std::string> split_full_name(std::string_view name) {
  for (std::size_t dash = name.find('-'); dash != std::string_view::npos; dash = name.find('-', dash + 1)) {
    if (dash + 1 >= name.size() || !is_digit(name[dash + 1])) continue;
    const std::size_t end = name.find('-', dash + 1);
    if (end == std::string_view::npos || !is_platform(name.substr(end + 1))) break;
    return {std::string(name.substr(0, end)), std::string(name.substr(end + 1))};
  }
  return {std::string(name), {}};
}

// "3.3" of "lib/nokogiri/3.3/nokogiri.so".
std::string_view version_folder(std::string_view rest) {
  const std::string_view folder = base_name(parent_folder(rest));
  return rest.ends_with(".so") && is_version(folder) && folder.contains('.') ? folder : std::string_view();
}

void add_file(std::string_view rest, GemBundle& bundle, std::map<std::string, GemBuild>& builds) {
  const std::string_view kind = take_part(rest);
  GemBuild build;
  if (kind == "gems") {
    const std::string_view name = take_part(rest);
    if (rest.empty()) return;
    std::tie(build.gem, build.platform) = split_full_name(name);
    build.path = bundle.folder + "/gems/" + std::string(name);
  } else if (kind == "extensions") {
    const std::string_view platform = take_part(rest), ruby = take_part(rest), name = take_part(rest);
    if (!rest.ends_with(".so")) return;
    build.gem = name;
    build.platform = platform;
    build.path =
        bundle.folder + "/extensions/" + std::string(platform) + "/" + std::string(ruby) + "/" + std::string(name);
  } else {
    return;
  }
  const auto [at, is_new] = builds.try_emplace(build.path, build);
  if (const std::string_view version = version_folder(rest); kind == "gems" && !version.empty())
    at->second.ruby_versions.emplace(version);
}

}  // namespace

std::vector<GemBundle> list_gem_bundles(const Package& package, bool is_layer) {
  std::map<std::string, GemBundle> bundles;
  std::map<std::string, std::map<std::string, GemBuild>> builds;
  for (const PackageFile& file : package.files) {
    const std::string_view root = root_of(file.path, is_layer);
    if (root.empty() || file.kind != FileKind::regular) continue;
    std::string_view rest = std::string_view(file.path).substr(root.size());
    const std::string_view version = take_part(rest);
    if (!is_version(version) || rest.empty()) continue;
    const std::string folder = std::string(root) + std::string(version);
    GemBundle& bundle = bundles[folder];
    bundle.folder = folder;
    bundle.ruby = version.ends_with(".0") ? version.substr(0, version.size() - 2) : version;
    add_file(rest, bundle, builds[folder]);
  }
  std::vector<GemBundle> list;
  for (auto& [folder, bundle] : bundles) {
    for (auto& [path, build] : builds[folder]) bundle.builds.push_back(std::move(build));
    list.push_back(std::move(bundle));
  }
  return list;
}

bool gem_platform_fits(std::string_view platform, Arch arch) {
  if (platform.empty()) return true;
  if (!platform.contains("linux") || platform.contains("musl")) return false;
  const std::string_view cpu = platform.substr(0, platform.find('-'));
  return arch == Arch::x86_64 ? cpu == "x86_64" || cpu == "amd64" : cpu == "aarch64" || cpu == "arm64";
}

bool is_in_gem_bundle(std::string_view path, bool is_layer) {
  return !root_of(path, is_layer).empty();
}

}  // namespace lambdapack
