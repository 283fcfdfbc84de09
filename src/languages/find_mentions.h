// Which names do files mention? The evidence that decides whether something else still needs a package.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "package/package.h"

namespace lambdapack {

struct GroupedFile {
  std::size_t file = 0;   // index into Package::files
  std::size_t group = 0;  // whose file it is, in [0, groups)
};

// Whether the occurrence of a name at text[at, at + length) counts.
using Accept = bool (*)(std::string_view text, std::size_t at, std::size_t length);

bool is_whole_word(std::string_view text, std::size_t at, std::size_t length);     // no letter, digit or "_" beside it
bool is_quoted_module(std::string_view text, std::size_t at, std::size_t length);  // "name" or 'name/…' or `name`

struct Mention {
  std::size_t group = 0, name = 0;  // name: index into the names looked for
  std::size_t file = 0;             // the first file of the group, by index, that mentions it
};

// Sorted by group, then name, each pair once. Names shorter than three bytes are taken as mentioned by every group that
// has a file, since they cannot be searched for.
Result<std::vector<Mention>> find_mentions(const Package& package, const std::vector<GroupedFile>& files,
                                           const std::vector<std::string>& names, Accept accept, unsigned threads);

}  // namespace lambdapack
