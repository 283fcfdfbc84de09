#include "pipeline_debug_source.h"

#include <algorithm>

#include <fmt/format.h>

#include "elf/read_elf.h"
#include "languages/package_paths.h"
#include "package/read_package.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kMostBytes = 64ULL << 30;  // that a bundle unpacks to

constexpr const char* kHint = "give --debug what pack --debug-out wrote, or one ELF file with debug information";

// Of a path on Lambda, in the package: "/var/task/lib/liba.so" is "lib/liba.so".
std::string_view package_path(std::string_view module) {
  for (const std::string_view folder : {"/var/task/", "/opt/", "./"})
    if (module.starts_with(folder)) return module.substr(folder.size());
  return module;
}

// A library of the runtime's, not the one of the same name in the package.
bool is_system_path(std::string_view module) {
  for (const std::string_view folder :
       {"/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/usr/bin/", "/usr/local/lib/", "/var/lang/", "/var/runtime/"})
    if (module.starts_with(folder)) return true;
  return false;
}

// A bundle is a package like any other; of an archive only what is asked for is kept.
Result<Package> read_members(const std::string& path, const std::set<std::string>& names) {
  ReadOptions options;
  options.max_unpacked = kMostBytes;
  options.wanted = [&](const std::string& member) { return names.contains(member); };
  auto package = read_package(path, options);
  if (!package) return fail(package.error().subject, package.error().message, kHint);
  return package;
}

}  // namespace

Result<DebugSource> DebugSource::open(const std::string& path) {
  DebugSource source;
  source.path_ = path;
  LP_TRY(const Package package, read_members(path, {std::string(kDebugManifestName)}));
  if (package.kind == InputKind::elf) {
    const Content& content = package.files.front().content;
    LP_TRY(const Bytes bytes, content.read());
    source.manifest_.files.push_back({std::string(base_name(path)), read_elf(bytes).build_id, {}, {}, path});
    source.contents_.emplace(path, content);
    return source;
  }
  if (const PackageFile* const manifest = package.find(kDebugManifestName)) {
    LP_TRY(const Bytes text, manifest->content.read());
    LP_TRY(source.manifest_, read_debug_manifest(as_text(text), path + "/" + std::string(kDebugManifestName)));
    return source;
  }
  // Any folder in the layout of debuginfod: files are known by build id only.
  for (const PackageFile& file : package.files) {
    const std::string& member = file.path;
    if (!member.starts_with(".build-id/") || !member.ends_with(".debug")) continue;
    std::string id = member.substr(std::string_view(".build-id/").size());
    id.erase(std::remove(id.begin(), id.end(), '/'), id.end());
    id.resize(id.size() - std::string_view(".debug").size());
    source.manifest_.files.push_back({{}, std::move(id), {}, {}, member});
  }
  if (source.manifest_.files.empty()) return fail(printable(path), "holds neither manifest.json nor .build-id/", kHint);
  return source;
}

Result<std::size_t> DebugSource::find(const LogAddress& address, std::string_view module) const {
  const auto matching = [&](auto&& holds) {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < files().size(); ++i)
      if (holds(files()[i])) result.push_back(i);
    return result;
  };
  const std::string_view path = package_path(module);
  const auto by_path = matching([&](const DebugFile& file) { return !file.path.empty() && file.path == path; });
  if (!address.build_id.empty()) {
    const auto by_id = matching([&](const DebugFile& file) { return file.build_id == address.build_id; });
    if (by_id.size() == 1) return by_id.front();
    for (const std::size_t file : by_id)
      if (files()[file].path == path) return file;
    const auto differs = [&](std::size_t file) { return files()[file].debug_file != files()[by_id[0]].debug_file; };
    if (std::ranges::any_of(by_id, differs))
      return fail({}, fmt::format("{} different files have build id {}: {}, {}", by_id.size(), address.build_id,
                                  files()[by_id[0]].path, files()[by_id[1]].path));
    if (!by_id.empty()) return by_id.front();
    // Another build of the same name would give wrong lines, which are worse than none.
    return fail({}, fmt::format("no debug file has build id {}", address.build_id));
  }
  if (!by_path.empty()) return by_path.front();
  if (module.empty() && files().size() == 1 && address.kind != AddressKind::absolute) return 0;
  if (module.empty()) return fail({}, "the log does not say which file this is in");
  const auto by_name =
      matching([&](const DebugFile& file) { return !file.path.empty() && base_name(file.path) == base_name(path); });
  if (is_system_path(module)) return fail({}, fmt::format("no debug file for {}, a file of the runtime", module));
  if (by_name.size() == 1) return by_name.front();
  if (by_name.size() > 1)
    return fail({}, fmt::format("{} files are called {}: {}, {}", by_name.size(), base_name(path),
                                files()[by_name[0]].path, files()[by_name[1]].path));
  return fail({}, fmt::format("no debug file for {}", module));
}

Result<void> DebugSource::load(const std::set<std::size_t>& wanted) {
  std::set<std::string> names;
  for (const std::size_t file : wanted)
    if (!contents_.contains(files()[file].debug_file)) names.insert(files()[file].debug_file);
  if (names.empty()) return {};
  LP_TRY(const Package package, read_members(path_, names));
  for (const PackageFile& file : package.files)
    if (names.contains(file.path)) contents_.emplace(file.path, file.content);
  return {};
}

Symbolizer* DebugSource::symbolizer(std::size_t file, std::string& reason) {
  // Each has a process of its own when it is asked. A log that alternates between more files than this is none.
  constexpr std::ptrdiff_t kMostReaders = 32;
  auto at = symbolizers_.find(file);
  if (at == symbolizers_.end()) {
    const auto open = [&]() -> Result<Symbolizer> {
      const std::string& name = files()[file].debug_file;
      const auto content = contents_.find(name);
      if (content == contents_.end()) return fail({}, fmt::format("{} is not in the bundle", name));
      LP_TRY(const Bytes bytes, content->second.read());
      return Symbolizer::open(name, bytes);
    };
    at = symbolizers_.emplace(file, open()).first;
  }
  if (!at->second) {
    reason = at->second.error().message;
    return nullptr;
  }
  const auto awake = [](const auto& each) { return each.second && !each.second->resting(); };
  if (at->second->resting() && std::ranges::count_if(symbolizers_, awake) >= kMostReaders)
    for (auto& [other, symbolizer] : symbolizers_)
      if (symbolizer) symbolizer->rest();
  return &*at->second;
}

std::vector<Error> DebugSource::troubles() const {
  std::vector<Error> list;
  for (const auto& [file, symbolizer] : symbolizers_) {
    if (!symbolizer || symbolizer->trouble().empty()) continue;
    const DebugFile& debug_file = files()[file];
    std::string frames = "some of its frames are unresolved";
    if (debug_file.path != debug_file.debug_file && !debug_file.path.empty())
      frames = fmt::format("some frames of {} are unresolved", printable(debug_file.path));
    list.push_back({printable(debug_file.debug_file), symbolizer->trouble(),
                    frames + ", the rest is not affected; the debug file is damaged: make the bundle again"});
  }
  return list;
}

}  // namespace lambdapack
