// Only `explain` asks this: it reads the texts of the whole package for the sake of one file.
#include "plan/named_by.h"

#include <map>

#include <fmt/format.h>

#include "base/bytes.h"
#include "languages/package_paths.h"
#include "links/load.h"
#include "plan/evidence.h"

namespace lambdapack {
namespace {

constexpr std::size_t kListed = 20;

std::vector<std::string> needles_of(const PlanInput& input, std::size_t file) {
  const std::string& path = input.package.files[file].path;
  if (starts_as_program(*input.inventory.files[file].elf)) return {std::string(base_name(path))};
  return library_needles(path);
}

}  // namespace

Result<std::vector<std::string>> named_by(const PlanInput& input, std::size_t file) {
  std::vector<std::string> lines;
  if (!input.inventory.files[file].elf) return lines;
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < input.package.files.size(); ++i)
    if (i != file && input.reach.reached(i)) others.push_back(i);
  const std::vector<std::string> needles = needles_of(input, file);
  LP_TRY(const auto mentions, find_mentions(input.package, input.inventory, others, needles, 0));
  // The file name says more than the stem, and comes first.
  std::map<std::size_t, std::string> names;
  for (const Mention& mention : mentions) names.emplace(mention.file, needles[mention.needle]);
  for (const auto& [other, name] : names) {
    if (lines.size() == kListed) break;
    lines.push_back(fmt::format("named by {} ({})", printable(input.package.files[other].path), name));
  }
  if (names.size() > kListed) lines.push_back(fmt::format("named by {} more files", names.size() - kListed));
  return lines;
}

}  // namespace lambdapack
