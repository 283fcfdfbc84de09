// Which names of libraries a file holds in pieces: programs that make a name at run time have its parts in the
// immediates of instructions (move_texts.h) and in vector constants, cut wherever 8 or 16 bytes of the string end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "elf/move_texts.h"

namespace lambdapack {

class CutNames {
 public:
  explicit CutNames(std::vector<std::string> names);

  // Positions of the names that a piece can be a part of, ascending: the piece ends within
  // the name, or the name ends within the piece. At least 5 bytes must agree, two of them letters or digits that are
  // neither of "lib" nor behind ".so"; of a piece of 4 bytes all, at the name's beginning.
  std::vector<std::size_t> find_in(const std::vector<MoveText>& moves) const;

  // The same of the constants of 16 bytes that may be in data (of a file, from an offset on): names that are cut where
  // one ends.
  std::vector<std::size_t> find_in_constants(Bytes data, std::uint64_t offset) const;

 private:
  struct Gram {
    std::uint64_t bytes = 0;
    std::uint32_t name = 0, offset = 0;  // where the name has them
    auto operator<=>(const Gram&) const = default;
  };
  class Search;

  std::vector<std::string> names_;
  std::vector<Gram> grams_;          // sorted
  std::vector<std::uint8_t> known_;  // by a hash of the bytes: most look-ups end here
};

}  // namespace lambdapack
