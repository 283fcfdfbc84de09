// Names, folders and patterns of the libraries that are looked for; see wanted.h.
#include "plan/wanted.h"

#include <algorithm>
#include <map>

#include "base/glob.h"
#include "languages/package_paths.h"

namespace lambdapack {
namespace {

bool same_owner(const LanguageView& languages, std::size_t script, std::size_t library) {
  if (!languages.owned(script)) return true;  // the function's own scripts may open anything
  return languages.distribution_of[script] == languages.distribution_of[library] &&
         languages.node_package_of[script] == languages.node_package_of[library];
}

}  // namespace

LibraryNames::LibraryNames(const Package& package) : names_(package.files.size()) {
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    names_[i].push_back(base_name(package.files[i].path));
    if (package.files[i].kind != FileKind::symlink) continue;
    const auto real = resolve_path(package, package.files[i].path);
    if (real && *real != i) names_[*real].push_back(base_name(package.files[i].path));
  }
  for (auto& names : names_) {
    // The file's own name stays first.
    std::ranges::sort(names.begin() + 1, names.end());
    const auto repeats = std::ranges::unique(names.begin() + 1, names.end());
    names.erase(repeats.begin(), repeats.end());
  }
}

Wanted::Wanted(const ReachInput& input, const LibraryNames& names, std::vector<std::size_t> libraries)
    : files(std::move(libraries)) {
  std::map<std::string_view, std::vector<std::size_t>> by_folder;
  for (const std::size_t i : files) {
    for (const std::string_view name : names.of(i))
      for (std::string& needle : library_needles(name)) {
        needles.push_back(std::move(needle));
        needle_file.push_back(i);
      }
    const std::string_view folder = base_name(parent_folder(input.package.files[i].path));
    if (!is_common_folder(folder)) by_folder[folder].push_back(i);
  }
  for (auto& [folder, inside] : by_folder) {
    folders.emplace_back(folder);
    in_folder.push_back(std::move(inside));
  }
}

bool may_make_name(const ReachInput& input, const LibraryNames& names, const Evidence::Pattern& found,
                   std::size_t library) {
  const NamePattern& pattern = found.pattern;
  const bool matches = std::ranges::any_of(names.of(library), [&](std::string_view name) {
    // "libfoo-%s.so" may be a link, or the name before ".1" is added.
    return glob_match(pattern.file, name) || glob_match(pattern.file + "*", name);
  });
  if (!matches) return false;
  if (pattern.names_files()) return true;
  const std::string_view folder = base_name(parent_folder(input.package.files[library].path));
  if (pattern.names_folder()) return glob_match(pattern.folder, folder);
  return !input.inventory.files[found.file].elf && same_owner(input.languages, found.file, library);
}

bool runtime_has(const ReachInput& input, std::size_t library) {
  const Runtime& runtime = input.target.runtime;
  const std::string_view name = base_name(input.package.files[library].path);
  const std::string& soname = input.inventory.files[library].elf->soname;
  return runtime.folder_of(name).has_value() || (!soname.empty() && runtime.folder_of(soname).has_value());
}

}  // namespace lambdapack
