// A library with native code brings it for every platform, and takes at run time the one whose path names its own: the
// others are as dead as binaries for other platforms in a folder. And a jar is compressed member by member; stored, the
// zip around it compresses all classes as one stream, which is smaller, and the JVM reads them without unpacking.
#include "plan/judge_jars.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/bytes.h"

namespace lambdapack {
namespace {

void leave_out_natives(const JavaArchive& jar, const FunctionTarget& target, ProposedRewrite& proposed) {
  const auto foreign = foreign_natives(jar, target);
  std::set<std::string> platforms;
  for (std::size_t i = 0; i < foreign.size(); ++i) {
    const auto& native = foreign[i];
    if (!native || !native->alternative || native->sole || (native->wrong_machine && !target.arch_is_sure())) continue;
    proposed.jar->left_out.push_back(jar.natives.files[i].path);
    proposed.saved += jar.natives.files[i].packed_size;
    platforms.insert(foreign_path_part(jar.natives.files[i].path, target.arch));
  }
  if (platforms.empty()) return;
  proposed.reason = fmt::format("{} native libraries in it are for other platforms ({})", proposed.jar->left_out.size(),
                                printable(fmt::format("{}", fmt::join(platforms, ", "))));
}

}  // namespace

std::vector<std::optional<ForeignBinary>> foreign_natives(const JavaArchive& jar, const FunctionTarget& target) {
  LanguageView nobody;  // no package manager owns a member
  nobody.distribution_of.resize(jar.natives.files.size());
  nobody.node_package_of.resize(jar.natives.files.size());
  std::vector<std::optional<ForeignBinary>> foreign;
  for (std::size_t i = 0; i < jar.natives.files.size(); ++i)
    foreign.push_back(foreign_binary(jar.natives, jar.native_inventory, nobody, target, i));
  mark_sole_builds(foreign, jar.natives, jar.native_inventory, nobody, target.arch);
  return foreign;
}

std::vector<ProposedRewrite> judge_jars(const Package& package, const LanguageView& languages,
                                        const FunctionTarget& target, std::uint64_t used_bytes,
                                        std::uint64_t unzipped_limit) {
  std::vector<ProposedRewrite> proposals;
  const bool has_cds =
      std::ranges::any_of(package.files, [](const PackageFile& f) { return f.path.ends_with(".jsa"); });
  if (has_cds) return proposals;
  for (const JavaArchive& jar : languages.jars) {
    const PackageFile& file = package.files[jar.file];
    if (jar.is_signed || !jar.can_change || is_layer_file(file.path)) continue;
    ProposedRewrite proposed{.file = jar.file,
                             .head = {},
                             .rule = "drop-jar-natives",
                             .reason = {},
                             .confidence = Confidence::likely,
                             .jar = JarChange{}};
    leave_out_natives(jar, target, proposed);
    const std::uint64_t growth = jar.unpacked > file.size() ? jar.unpacked - file.size() : 0;
    if (jar.compressed > 0 && used_bytes <= unzipped_limit && growth <= unzipped_limit - used_bytes) {
      proposed.jar->store = true;
      used_bytes += growth;
    }
    if (proposed.jar->store || !proposed.jar->left_out.empty()) proposals.push_back(std::move(proposed));
  }
  return proposals;
}

}  // namespace lambdapack
