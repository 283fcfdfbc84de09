// Which names do files mention? The evidence that decides whether something else still needs a package.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/find_strings.h"
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

struct GroupMention {
  std::size_t group = 0, name = 0;  // name: index into the names looked for
  std::size_t file = 0;             // the first file of the group, by index, that mentions it
};

// A search that may be shown what somebody else reads anyway, and reads only the rest itself.
class MentionSearch {
 public:
  MentionSearch(std::vector<GroupedFile> files, std::vector<std::string> names, Accept accept);

  // All bytes of a file, which need not be one of those that are searched. For different files from several threads at
  // once; not after finish.
  void see(std::size_t file, Bytes bytes);

  // Sorted by group, then name, each pair once. Names shorter than three bytes are taken as mentioned by every group
  // that has a file, since they cannot be searched for. Errors: a file cannot be read.
  Result<std::vector<GroupMention>> finish(const Package& package, unsigned threads);

 private:
  void search(std::size_t index, Bytes bytes);

  std::vector<GroupedFile> files_;
  std::vector<std::string> names_;
  Accept accept_;
  StringSet set_;
  std::unordered_map<std::size_t, std::size_t> index_of_;  // by file: index into files_
  std::vector<char> seen_;                                 // parallel to files_
  std::vector<std::vector<std::size_t>> found_;            // parallel to files_: names
};

// The same when nobody else reads the files.
Result<std::vector<GroupMention>> find_mentions(const Package& package, const std::vector<GroupedFile>& files,
                                                const std::vector<std::string>& names, Accept accept, unsigned threads);

}  // namespace lambdapack
