#include "pipeline_debug_source.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "elf/read_elf.h"
#include "package/read_bundle.h"

namespace lambdapack {
namespace {

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

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

}  // namespace

Result<DebugSource> DebugSource::open(const std::string& path) {
  DebugSource source;
  source.path_ = path;
  std::error_code error;
  const std::uintmax_t size =
      std::filesystem::is_regular_file(path, error) ? std::filesystem::file_size(path, error) : 0;
  const Content content = Content::from_file(path, error ? 0 : size);
  const auto head = content.head(4);
  if (head && has_elf_magic(*head)) {
    LP_TRY(const Bytes bytes, content.read());
    source.manifest_.files.push_back({std::string(file_name(path)), read_elf(bytes).build_id, {}, {}, path});
    source.contents_.emplace(path, content);
    return source;
  }
  std::vector<std::string> found;
  LP_TRY(const auto members, read_bundle(path, [&](const std::string& member) {
           if (member.starts_with(".build-id/") && member.ends_with(".debug")) found.push_back(member);
           return member == kDebugManifestName;
         }));
  if (const auto manifest = members.find(std::string(kDebugManifestName)); manifest != members.end()) {
    LP_TRY(const Bytes text, manifest->second.read());
    LP_TRY(source.manifest_, read_debug_manifest(as_text(text), path + "/" + std::string(kDebugManifestName)));
    return source;
  }
  // Any folder in the layout of debuginfod: files are known by build id only.
  for (const std::string& member : found) {
    std::string id = member.substr(std::string_view(".build-id/").size());
    id.erase(std::remove(id.begin(), id.end(), '/'), id.end());
    id.resize(id.size() - std::string_view(".debug").size());
    source.manifest_.files.push_back({{}, std::move(id), {}, {}, member});
  }
  if (found.empty())
    return fail(printable(path), "holds neither manifest.json nor .build-id/",
                "give --debug what pack --debug-out wrote, or one ELF file with debug information");
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
    if (!by_id.empty()) return by_id.front();
    // Another build of the same name would give wrong lines, which are worse than none.
    return fail({}, fmt::format("no debug file has build id {}", address.build_id));
  }
  if (!by_path.empty()) return by_path.front();
  if (module.empty() && files().size() == 1 && address.kind != AddressKind::absolute) return 0;
  if (module.empty()) return fail({}, "the log does not say which file this is in");
  const auto by_name =
      matching([&](const DebugFile& file) { return !file.path.empty() && file_name(file.path) == file_name(path); });
  if (is_system_path(module)) return fail({}, fmt::format("no debug file for {}, a file of the runtime", module));
  if (by_name.size() == 1) return by_name.front();
  if (by_name.size() > 1)
    return fail({}, fmt::format("{} files are called {}: {}, {}", by_name.size(), file_name(path),
                                files()[by_name[0]].path, files()[by_name[1]].path));
  return fail({}, fmt::format("no debug file for {}", module));
}

Result<void> DebugSource::load(const std::set<std::size_t>& wanted) {
  std::set<std::string> names;
  for (const std::size_t file : wanted)
    if (!contents_.contains(files()[file].debug_file)) names.insert(files()[file].debug_file);
  if (names.empty()) return {};
  LP_TRY(auto members, read_bundle(path_, [&](const std::string& member) { return names.contains(member); }));
  contents_.merge(members);
  return {};
}

const Symbolizer* DebugSource::symbolizer(std::size_t file, std::string& reason) {
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
  if (at->second) return &*at->second;
  reason = at->second.error().message;
  return nullptr;
}

}  // namespace lambdapack
