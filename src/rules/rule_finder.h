// Which rules of a kind are for this path? Asked for every file of a package, so not by trying every glob on every
// path: with 20,000 files and 200 globs that alone would take longer than reading the package.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/rules.h"

namespace lambdapack {

// Looks at the enabled rules of one kind that apply to a family of runtimes. Keeps pointers into `rules`.
class RuleFinder {
 public:
  // family: "python"; empty when rules of all families are wanted.
  RuleFinder(const Rules& rules, RuleKind kind, std::string_view family);

  // All rules whose Rule::matches(path) holds, in order of ids; mostly none.
  std::vector<const Rule*> find(std::string_view path) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  struct Glob {
    std::size_t rule = 0;
    std::string_view literal;  // glob_literal
  };

  void propose(const std::vector<Glob>& globs, std::string_view path, std::vector<std::size_t>& rules) const;

  std::vector<const Rule*> rules_;
  // Start of a part of the path -> globs that can match only paths with such a part.
  std::unordered_map<std::string, std::vector<Glob>, Hash, std::equal_to<>> by_start_;
  std::vector<Glob> always_;  // globs that say too little to look them up
  std::size_t longest_ = 0;   // of the keys
};

}  // namespace lambdapack
