// Which names do files mention? A search for text, not for imports: it finds more than there is, and what is found is
// kept. All names are looked for in one pass over each file.

#include "languages/find_mentions.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/find_strings.h"
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

Result<std::vector<Mention>> find_mentions(const Package& package, const std::vector<GroupedFile>& files,
                                           const std::vector<std::string>& names, Accept accept, unsigned threads) {
  if (names.empty() || files.empty()) return std::vector<Mention>();
  std::vector<std::size_t> too_short;
  for (std::size_t name = 0; name < names.size(); ++name)
    if (names[name].size() < 3) too_short.push_back(name);

  const StringSet set(names);
  struct Found {
    std::vector<std::size_t> names;
    std::optional<Error> error;
  };
  std::vector<Found> found(files.size());
  parallel_for(files.size(), threads, [&](std::size_t i) {
    const Content& content = package.files[files[i].file].content;
    thread_local std::vector<std::uint8_t> buffer;
    const auto bytes = content.read_once(buffer);
    if (!bytes) {
      found[i].error = bytes.error();
      return;
    }
    for (const std::size_t name : set.find_in(*bytes))
      if (mentions(as_text(*bytes), names[name], accept)) found[i].names.push_back(name);
    content.release();
  });

  std::vector<Mention> all;
  std::set<std::size_t> seen;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (found[i].error) return std::unexpected(*found[i].error);
    for (const std::size_t name : found[i].names) all.push_back({files[i].group, name, files[i].file});
    if (too_short.empty() || !seen.insert(files[i].group).second) continue;
    for (const std::size_t name : too_short) all.push_back({files[i].group, name, files[i].file});
  }
  const auto pair = [](const Mention& mention) { return std::pair(mention.group, mention.name); };
  std::ranges::sort(all, {},
                    [](const Mention& mention) { return std::tuple(mention.group, mention.name, mention.file); });
  all.erase(std::ranges::unique(all, {}, pair).begin(), all.end());
  return all;
}

}  // namespace lambdapack
