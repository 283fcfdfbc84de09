// Only modules that an import statement can name get bytecode; Python compiles scripts anew at each start anyway.
#include "plan/missing_bytecode.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/glob.h"
#include "languages/package_paths.h"

namespace lambdapack {
namespace {

// "x" of "pkg/x.py", when an import statement can name it.
std::optional<std::string_view> module_name(const PackageFile& file) {
  if (file.kind != FileKind::regular || is_layer_file(file.path) || !file.path.ends_with(".py")) return std::nullopt;
  std::string_view name = base_name(file.path);
  name.remove_suffix(3);
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
  };
  if (name.empty() || (name[0] >= '0' && name[0] <= '9') || !std::ranges::all_of(name, in_name)) return std::nullopt;
  return name;
}

}  // namespace

std::vector<MissingBytecode> find_missing_bytecode(const Package& package, const JudgedBytecode& judged,
                                                   const std::string& suffix, const std::vector<std::string>& keep) {
  std::vector<MissingBytecode> missing;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const auto name = module_name(package.files[i]);
    if (!name) continue;
    const std::string cache = join_path(parent_folder(package.files[i].path), "__pycache__");
    if (const auto entry = file_at(package, cache); entry && package.files[*entry].kind != FileKind::directory)
      continue;
    std::string path = fmt::format("{}/{}{}", cache, *name, suffix);
    if (const auto there = file_at(package, path)) {
      const bool goes = std::ranges::binary_search(judged.drops, *there, {}, &ProposedDrop::file);
      const bool kept = std::ranges::any_of(keep, [&](const std::string& glob) { return glob_match(glob, path); });
      if (!goes || kept) continue;
    }
    missing.push_back({i, std::move(path)});
  }
  return missing;
}

}  // namespace lambdapack
