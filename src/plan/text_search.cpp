// One pass over a file finds all expected names in it; a question then only picks its own. See text_search.h.
#include "plan/text_search.h"

#include <algorithm>
#include <utility>

#include "base/parallel.h"

namespace lambdapack {

TextSearch::TextSearch(const Package& package, const Inventory& inventory, unsigned threads)
    : package_(package),
      inventory_(inventory),
      threads_(threads),
      scanned_(package.files.size()),
      found_(package.files.size()) {}

void TextSearch::expect(const std::vector<std::string>& needles) {
  if (set_) return;
  for (const std::string& needle : needles)
    if (ids_.try_emplace(needle, expected_.size()).second) expected_.push_back(needle);
}

Result<void> TextSearch::scan(const std::vector<std::size_t>& files) {
  std::vector<std::size_t> fresh;
  for (const std::size_t file : files)
    if (!std::exchange(scanned_[file], 1)) fresh.push_back(file);
  std::vector<std::optional<Error>> errors(fresh.size());
  parallel_for(fresh.size(), threads_, [&](std::size_t i) {
    auto found = names_in(package_, inventory_, fresh[i], *set_);
    if (found)
      found_[fresh[i]] = *std::move(found);
    else
      errors[i] = std::move(found).error();
  });
  for (std::optional<Error>& error : errors)
    if (error) return std::unexpected(*std::move(error));
  return {};
}

Result<std::vector<Mention>> TextSearch::find(const std::vector<std::size_t>& files,
                                              const std::vector<std::string>& needles) {
  std::vector<Mention> mentions;
  if (needles.empty() || files.empty()) return mentions;
  expect(needles);
  const auto known = [&](const std::string& needle) { return ids_.contains(needle); };
  if (!std::ranges::all_of(needles, known)) return find_mentions(package_, inventory_, files, needles, threads_);
  if (!set_) set_.emplace(expected_);
  LP_CHECK(scan(files));

  std::vector<std::vector<std::size_t>> asked(expected_.size());  // by id: positions in needles
  for (std::size_t n = 0; n < needles.size(); ++n) asked[ids_.at(needles[n])].push_back(n);
  for (const std::size_t file : files)
    for (const std::size_t id : found_[file])
      for (const std::size_t needle : asked[id]) mentions.push_back({needle, file});
  std::ranges::sort(mentions, {}, [](const Mention& m) { return std::pair(m.needle, m.file); });
  return mentions;
}

}  // namespace lambdapack
