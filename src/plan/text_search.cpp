// One pass over a file finds all that is expected in it; a question then only picks its own. See text_search.h.
#include "plan/text_search.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/parallel.h"
#include "elf/move_texts.h"

namespace lambdapack {

void TextSearch::Expected::add(const std::vector<std::string>& more) {
  for (const std::string& one : more)
    if (ids.try_emplace(one, all.size()).second) all.push_back(one);
}

bool TextSearch::Expected::has(const std::vector<std::string>& strings) const {
  return std::ranges::all_of(strings, [&](const std::string& one) { return ids.contains(one); });
}

TextSearch::TextSearch(const Package& package, const Inventory& inventory, unsigned threads, ScriptListener listener)
    : package_(package),
      inventory_(inventory),
      threads_(threads),
      listener_(std::move(listener)),
      scanned_(package.files.size()),
      found_(package.files.size()) {}

void TextSearch::expect(const std::vector<std::string>& needles) {
  if (!set_) names_.add(needles);
}

void TextSearch::expect_evidence(const std::vector<std::string>& needles, const std::vector<std::string>& folders) {
  if (set_) return;
  names_.add(needles);
  folders_.add(folders);
  patterns_ = true;
}

Result<TextSearch::Found> TextSearch::read(std::size_t file) const {
  std::set<std::size_t> names, folders;
  std::set<NamePattern> patterns;
  const FileRecord& record = inventory_.files[file];
  const bool listens = listener_ && !record.elf && record.type != FileType::archive;
  LP_CHECK(visit_texts(package_, inventory_, file, [&](const TextPart& part) {
    if (listens) listener_(file, part.bytes);
    const std::vector<MoveText> moves = part.opener && part.code ? move_texts(part.bytes) : std::vector<MoveText>();
    for (const std::size_t id : set_->find_in(part, moves)) {
      if (id < names_.all.size())
        names.insert(id);
      else if (const std::size_t folder = id - names_.all.size();
               names_folder(as_text(part.bytes), folders_.all[folder]))
        folders.insert(folder);
    }
    if (!patterns_) return;
    if (part.text)
      for (NamePattern& pattern : name_patterns(as_text(part.bytes))) patterns.insert(std::move(pattern));
    for (NamePattern& pattern : name_patterns(moves)) patterns.insert(std::move(pattern));
  }));
  return Found{{names.begin(), names.end()}, {folders.begin(), folders.end()}, {patterns.begin(), patterns.end()}};
}

Result<void> TextSearch::scan(const std::vector<std::size_t>& files) {
  if (!set_) set_.emplace(names_.all, folders_.all);
  std::vector<std::size_t> fresh;
  for (const std::size_t file : files)
    if (!std::exchange(scanned_[file], 1)) fresh.push_back(file);
  std::vector<std::optional<Error>> errors(fresh.size());
  parallel_for(fresh.size(), threads_, [&](std::size_t i) {
    auto found = read(fresh[i]);
    if (found)
      found_[fresh[i]] = *std::move(found);
    else
      errors[i] = std::move(found).error();
  });
  for (std::optional<Error>& error : errors)
    if (error) return std::unexpected(*std::move(error));
  return {};
}

std::vector<Mention> TextSearch::mentions(const std::vector<std::size_t>& files,
                                          const std::vector<std::string>& needles, const Expected& expected,
                                          std::vector<std::size_t> Found::* of) const {
  std::vector<std::vector<std::size_t>> asked(expected.all.size());  // by id: positions in needles
  for (std::size_t n = 0; n < needles.size(); ++n) asked[expected.ids.at(needles[n])].push_back(n);
  std::vector<Mention> mentions;
  for (const std::size_t file : files)
    for (const std::size_t id : found_[file].*of)
      for (const std::size_t needle : asked[id]) mentions.push_back({needle, file});
  std::ranges::sort(mentions, {}, [](const Mention& m) { return std::pair(m.needle, m.file); });
  return mentions;
}

Result<std::vector<Mention>> TextSearch::find(const std::vector<std::size_t>& files,
                                              const std::vector<std::string>& needles) {
  if (needles.empty() || files.empty()) return std::vector<Mention>{};
  expect(needles);
  if (!names_.has(needles)) return TextSearch(package_, inventory_, threads_).find(files, needles);
  LP_CHECK(scan(files));
  return mentions(files, needles, names_, &Found::names);
}

Result<Evidence> TextSearch::find_evidence(const std::vector<std::size_t>& files,
                                           const std::vector<std::string>& needles,
                                           const std::vector<std::string>& folders) {
  if (needles.empty() || files.empty()) return Evidence{};
  expect_evidence(needles, folders);
  if (!patterns_ || !names_.has(needles) || !folders_.has(folders))
    return TextSearch(package_, inventory_, threads_).find_evidence(files, needles, folders);
  LP_CHECK(scan(files));
  Evidence evidence;
  evidence.names = mentions(files, needles, names_, &Found::names);
  evidence.folders = mentions(files, folders, folders_, &Found::folders);
  for (const std::size_t file : files)
    for (const NamePattern& pattern : found_[file].patterns) evidence.patterns.push_back({pattern, file});
  return evidence;
}

}  // namespace lambdapack
