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
  if (script_set_) return;
  for (const std::string& needle : needles)
    if (ids_.try_emplace(needle, expected_.size()).second) expected_.push_back(needle);
}

void TextSearch::expect_in_scripts(std::vector<std::string> needles) {
  in_scripts_ = std::move(needles);
}

Result<void> TextSearch::scan(const std::vector<std::size_t>& files) {
  std::vector<std::size_t> fresh;
  for (const std::size_t file : files)
    if (!std::exchange(scanned_[file], 1)) fresh.push_back(file);
  std::vector<std::optional<Error>> errors(fresh.size());
  parallel_for(fresh.size(), threads_, [&](std::size_t i) {
    const bool is_elf = inventory_.files[fresh[i]].elf.has_value();
    auto found = names_in(package_, inventory_, fresh[i], is_elf ? *elf_set_ : *script_set_);
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
  const bool any_elf = std::ranges::any_of(files, [&](std::size_t f) { return inventory_.files[f].elf.has_value(); });
  if (!script_set_) {
    if (any_elf) expect(needles);
    for_elf_ = expected_.size();
    elf_set_.emplace(expected_);
    expect(in_scripts_);
    expect(needles);
    script_set_.emplace(expected_);
  }
  const auto known = [&](const std::string& needle) {
    const auto id = ids_.find(needle);
    return id != ids_.end() && (!any_elf || id->second < for_elf_);
  };
  if (!std::ranges::all_of(needles, known)) return find_mentions(package_, inventory_, files, needles, threads_);
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
