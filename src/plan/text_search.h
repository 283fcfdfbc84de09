// Which files name what, asked several times while reachability is worked out, and answered by reading each file once.
//
// Reading and searching text is most of what analyze costs on a package of many scripts. The questions come one after
// the other, each depending on the answers before, but what they can be about is known before the first of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "plan/evidence.h"

namespace lambdapack {

class TextSearch {
 public:
  TextSearch(const Package& package, const Inventory& inventory, unsigned threads, ScriptListener listener = {});

  // What later questions will be about. Only before the first of them; what nobody expected still gets its answer, by
  // a search of its own.
  void expect(const std::vector<std::string>& needles);
  void expect_evidence(const std::vector<std::string>& needles, const std::vector<std::string>& folders);

  // Which of the needles occur in which of the files' texts (file_texts.h). Sorted by needle, then file. Errors: a file
  // that cannot be read.
  Result<std::vector<Mention>> find(const std::vector<std::size_t>& files, const std::vector<std::string>& needles);

  // As find, and what else in the texts may become the path of a library.
  Result<Evidence> find_evidence(const std::vector<std::size_t>& files, const std::vector<std::string>& needles,
                                 const std::vector<std::string>& folders);

 private:
  // What one pass over a file finds: ids, sorted.
  struct Found {
    std::vector<std::size_t> names, folders;
    std::vector<NamePattern> patterns;
  };
  // Strings with positions as their ids.
  struct Expected {
    std::vector<std::string> all;
    std::unordered_map<std::string, std::size_t> ids;
    void add(const std::vector<std::string>& more);
    bool has(const std::vector<std::string>& strings) const;
  };

  std::vector<Mention> mentions(const std::vector<std::size_t>& files, const std::vector<std::string>& needles,
                                const Expected& expected, std::vector<std::size_t> Found::* of) const;
  Result<void> scan(const std::vector<std::size_t>& files);
  Result<Found> read(std::size_t file) const;

  const Package& package_;
  const Inventory& inventory_;
  unsigned threads_;
  ScriptListener listener_;
  Expected names_, folders_;
  bool patterns_ = false;
  std::optional<NameSet> set_;  // names, then folders; from the first question on
  std::vector<char> scanned_;   // by file
  std::vector<Found> found_;    // by file
};

}  // namespace lambdapack
