// Which files name what, asked several times while reachability is worked out, and answered by reading each file once.
//
// Reading and searching text is most of what analyze costs on a package of many scripts. The questions come one after
// the other, each depending on the answers before, but the names in them are known from the start.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/find_strings.h"
#include "plan/evidence.h"

namespace lambdapack {

class TextSearch {
 public:
  TextSearch(const Package& package, const Inventory& inventory, unsigned threads);

  // Names that later questions will have. Only before the first of them; a name that nobody expected still gets its
  // answer, by a search of its own.
  void expect(const std::vector<std::string>& needles);
  // The same for names that will be asked for of scripts alone, such as "cffi": to look for names that short in ELF
  // files, too, would double the time they take.
  void expect_in_scripts(std::vector<std::string> needles);

  // As find_mentions, and with the same answer.
  Result<std::vector<Mention>> find(const std::vector<std::size_t>& files, const std::vector<std::string>& needles);

 private:
  Result<void> scan(const std::vector<std::size_t>& files);

  const Package& package_;
  const Inventory& inventory_;
  unsigned threads_;
  std::vector<std::string> expected_;
  std::unordered_map<std::string, std::size_t> ids_;  // positions in expected_
  std::size_t for_elf_ = 0;                           // ids below are looked for in ELF files
  std::vector<std::string> in_scripts_;               // appended to expected_ by the first question
  std::optional<StringSet> elf_set_, script_set_;     // of the first for_elf_, of all; from the first question on
  std::vector<char> scanned_;                         // by file
  std::vector<std::vector<std::size_t>> found_;       // by file: ids, sorted
};

}  // namespace lambdapack
