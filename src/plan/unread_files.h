// Files of npm packages that only people and build tools read: documents, type declarations, source maps, tests. Which
// they are say the rules of kind unread; whether code reads them after all, its texts say.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plan/node_reach.h"
#include "plan/plan.h"

namespace lambdapack {

class UnreadFiles {
 public:
  // All must outlive it.
  UnreadFiles(const Package& package, const LanguageView& languages, const Rules& rules, std::string_view family);

  bool empty() const { return candidates_.empty(); }

  // What has to be looked for in scripts.
  TextQuestions questions() const;

  // What may go. reached: what reached code and the user's own says; other: what the scripts of packages that nothing
  // reaches say, which counts for those packages alone. settings: texts of the configuration. Sorted by file.
  std::vector<ProposedDrop> drops(const std::vector<ReadScript>& reached, const std::vector<ReadScript>& other,
                                  const std::vector<std::string>& settings) const;

 private:
  struct Candidate {
    std::size_t file = 0, rule = 0, name = 0;  // rule, name: positions in rules_, file_names_
  };
  bool matches(std::size_t file, std::size_t rule) const;

  const Package& package_;
  const LanguageView& languages_;
  std::vector<const Rule*> rules_;
  std::vector<Candidate> candidates_;         // sorted by file, then rule
  std::vector<std::string_view> file_names_;  // of candidates; sorted, unique
  std::vector<std::string> words_;            // of all rules; sorted, unique
};

}  // namespace lambdapack
