// Evidence of dynamic loading: which kept files name a library in their text.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/find_strings.h"
#include "elf/inventory.h"
#include "package/package.h"
#include "plan/cut_names.h"
#include "plan/file_texts.h"
#include "plan/name_patterns.h"

namespace lambdapack {

struct Mention {
  std::size_t needle = 0;  // index into the needles that were looked for
  std::size_t file = 0;    // the file whose text has it
};

// Names that are looked for in texts. In code only those are that an instruction can hold, and, where the file opens
// libraries, those that its instructions may put together: docs/decisions/0022.
class NameSet {
 public:
  NameSet(const std::vector<std::string>& names, const std::vector<std::string>& folders);

  // Positions of the names that are in the part, each once, ascending; folders count from names.size() on. Whether a
  // folder stands alone there is another question. moves: move_texts of the part, for the code of an opener.
  std::vector<std::size_t> find_in(const TextPart& part, const std::vector<MoveText>& moves) const;

 private:
  const CutNames& cut_names() const;

  std::vector<std::string> names_;
  StringSet all_;
  std::vector<std::size_t> short_names_;  // positions
  std::optional<StringSet> short_;        // parallel to short_names_; nothing when there are none
  mutable std::once_flag cut_once_;       // few files open libraries
  mutable std::unique_ptr<CutNames> cut_;
};

// Which of the needles occur in which of the files' texts (file_texts.h). Sorted by needle, then file. Files are
// searched in parallel.
Result<std::vector<Mention>> find_mentions(const Package& package, const Inventory& inventory,
                                           const std::vector<std::size_t>& files,
                                           const std::vector<std::string>& needles, unsigned threads);

// What in texts may become the path of a library.
struct Evidence {
  std::vector<Mention> names;    // of the needles
  std::vector<Mention> folders;  // of folder names that stand alone or between slashes
  struct Pattern {
    NamePattern pattern;
    std::size_t file = 0;
  };
  std::vector<Pattern> patterns;  // in the order of the files, then by pattern
};

// What a program would write to open a library of this file name: the name, and the name without "lib", ".so", version
// and the hash that auditwheel appends. When that stem is too short to be looked for, the name up to ".so".
std::vector<std::string> library_needles(std::string_view path);

// The stem that library_needles looks for: "gfortran" of "libgfortran-8a9d7f1c.so.5".
std::string_view library_stem(std::string_view path);

}  // namespace lambdapack
