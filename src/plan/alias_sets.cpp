// Alias copies of one library; see alias_sets.h.
#include "plan/alias_sets.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

namespace lambdapack {
namespace {

// "lib/libfoo.so" of "lib/libfoo.so.1.2.3"; "" when what follows ".so" is no version.
std::string unversioned(const std::string& path) {
  const std::size_t name = path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1;
  const std::size_t so = path.find(".so", name);
  if (so == std::string::npos) return {};
  const std::string_view rest = std::string_view(path).substr(so + 3);
  const bool version = std::ranges::all_of(rest, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  if (!version || (!rest.empty() && rest.front() != '.')) return {};
  return path.substr(0, so + 3);
}

}  // namespace

Result<std::vector<AliasSet>> find_alias_sets(const Package& package, const std::vector<std::size_t>& files) {
  std::map<std::pair<std::string, std::uint64_t>, std::vector<std::size_t>> groups;
  for (const std::size_t file : files) {
    const PackageFile& entry = package.files[file];
    if (entry.kind != FileKind::regular) continue;
    if (std::string base = unversioned(entry.path); !base.empty())
      groups[{std::move(base), entry.size()}].push_back(file);
  }
  std::vector<AliasSet> sets;
  for (auto& [key, group] : groups) {
    if (group.size() < 2) continue;
    std::ranges::sort(group, [&](std::size_t a, std::size_t b) {
      const std::string& x = package.files[a].path;
      const std::string& y = package.files[b].path;
      return std::tuple(y.size(), x) < std::tuple(x.size(), y);
    });
    AliasSet set{group.front(), {}};
    LP_TRY(const Bytes real, package.files[set.real].content.read());
    for (std::size_t i = 1; i < group.size(); ++i) {
      LP_TRY(const Bytes bytes, package.files[group[i]].content.read());
      if (std::ranges::equal(real, bytes)) set.aliases.push_back(group[i]);
      package.files[group[i]].content.release();
    }
    std::ranges::sort(set.aliases);
    if (!set.aliases.empty()) sets.push_back(std::move(set));
  }
  std::ranges::sort(sets, {}, &AliasSet::real);
  return sets;
}

}  // namespace lambdapack
