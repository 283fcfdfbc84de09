// Texts are searched for the end of the path, for the bare name, and for patterns that may become it.
#include "plan/opened_by_path.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "languages/package_paths.h"

namespace lambdapack {
namespace {

std::string who_makes_its_path(const ReachInput& input, const LibraryNames& names, const Evidence& evidence,
                               std::size_t file) {
  for (const Evidence::Pattern& found : evidence.patterns)
    if ((!found.pattern.folder.empty() || !input.inventory.files[found.file].elf) &&
        may_make_name(input, names, found, file))
      return fmt::format("{} makes paths like its own ({})", input.package.files[found.file].path,
                         printable(found.pattern.written));
  return {};
}

}  // namespace

std::string path_tail(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return "/" + std::string(path);
  const std::size_t before = slash == 0 ? std::string_view::npos : path.rfind('/', slash - 1);
  return std::string(before == std::string_view::npos ? path : path.substr(before + 1));
}

std::vector<std::string> path_needles(const Package& package, const std::vector<std::size_t>& libraries) {
  std::vector<std::string> needles;
  for (const std::size_t library : libraries) {
    needles.push_back(path_tail(package.files[library].path));
    needles.emplace_back(base_name(package.files[library].path));
  }
  return needles;
}

Result<std::vector<std::string>> opened_by_path(const ReachInput& input, const LibraryNames& names,
                                                const std::vector<std::size_t>& searched,
                                                const std::vector<std::size_t>& libraries, TextSearch& texts) {
  LP_TRY(const auto evidence, texts.find_evidence(searched, path_needles(input.package, libraries), {}));
  std::vector<std::string> who(libraries.size());
  for (const Mention& mention : evidence.names) {
    const std::size_t which = mention.needle / 2;
    const bool by_path = mention.needle % 2 == 0;
    if ((by_path || !input.inventory.files[mention.file].elf) && who[which].empty())
      who[which] = fmt::format("{} names it", input.package.files[mention.file].path);
  }
  for (std::size_t i = 0; i < libraries.size(); ++i)
    if (who[i].empty()) who[i] = who_makes_its_path(input, names, evidence, libraries[i]);
  return who;
}

}  // namespace lambdapack
