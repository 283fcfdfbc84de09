// Which names do files mention? A search for text, not for imports: it finds more than there is, and what is found is
// kept. All names are looked for in one pass over each file.

#include "languages/find_mentions.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/parallel.h"

namespace lambdapack {

namespace {

bool is_word(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= '0' && u <= '9') || (u >= 'A' && u <= 'Z') || (u >= 'a' && u <= 'z') || u == '_' || u >= 0x80;
}

bool mentions(std::string_view text, std::string_view name, Accept accept) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1))
    if (accept(text, at, name.size())) return true;
  return false;
}

}  // namespace

bool is_whole_word(std::string_view text, std::size_t at, std::size_t length) {
  return (at == 0 || !is_word(text[at - 1])) && (at + length == text.size() || !is_word(text[at + length]));
}

bool is_quoted_module(std::string_view text, std::size_t at, std::size_t length) {
  if (at == 0 || at + length == text.size()) return false;
  const char quote = text[at - 1], next = text[at + length];
  return (quote == '"' || quote == '\'' || quote == '`') && (next == quote || next == '/');
}

MentionSearch::MentionSearch(std::vector<GroupedFile> files, std::vector<std::string> names, Accept accept)
    : files_(std::move(files)),
      names_(std::move(names)),
      accept_(accept),
      set_(names_),
      seen_(files_.size()),
      found_(files_.size()) {
  for (std::size_t i = 0; i < files_.size(); ++i) index_of_.emplace(files_[i].file, i);
}

void MentionSearch::search(std::size_t index, Bytes bytes) {
  for (const std::size_t name : set_.find_in(bytes))
    if (mentions(as_text(bytes), names_[name], accept_)) found_[index].push_back(name);
  seen_[index] = 1;
}

void MentionSearch::see(std::size_t file, Bytes bytes) {
  if (const auto index = index_of_.find(file); index != index_of_.end() && seen_[index->second] == 0)
    search(index->second, bytes);
}

Result<std::vector<GroupMention>> MentionSearch::finish(const Package& package, unsigned threads) {
  if (names_.empty() || files_.empty()) return std::vector<GroupMention>();
  std::vector<std::size_t> too_short, unseen;
  for (std::size_t name = 0; name < names_.size(); ++name)
    if (names_[name].size() < 3) too_short.push_back(name);
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (seen_[i] == 0) unseen.push_back(i);

  std::vector<std::optional<Error>> errors(unseen.size());
  parallel_for(unseen.size(), threads, [&](std::size_t u) {
    const Content& content = package.files[files_[unseen[u]].file].content;
    thread_local std::vector<std::uint8_t> buffer;
    const auto bytes = content.read_once(buffer);
    if (!bytes) {
      errors[u] = bytes.error();
      return;
    }
    search(unseen[u], *bytes);
    content.release();
  });
  for (std::optional<Error>& error : errors)
    if (error) return std::unexpected(*std::move(error));

  std::vector<GroupMention> all;
  std::set<std::size_t> groups;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    for (const std::size_t name : found_[i]) all.push_back({files_[i].group, name, files_[i].file});
    if (too_short.empty() || !groups.insert(files_[i].group).second) continue;
    for (const std::size_t name : too_short) all.push_back({files_[i].group, name, files_[i].file});
  }
  const auto pair = [](const GroupMention& mention) { return std::pair(mention.group, mention.name); };
  std::ranges::sort(all, {},
                    [](const GroupMention& mention) { return std::tuple(mention.group, mention.name, mention.file); });
  all.erase(std::ranges::unique(all, {}, pair).begin(), all.end());
  return all;
}

Result<std::vector<GroupMention>> find_mentions(const Package& package, const std::vector<GroupedFile>& files,
                                                const std::vector<std::string>& names, Accept accept,
                                                unsigned threads) {
  return MentionSearch(files, names, accept).finish(package, threads);
}

}  // namespace lambdapack
