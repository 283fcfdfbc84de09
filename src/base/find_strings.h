// Which of many short strings occur in a large buffer. One pass over the buffer, whatever the number of strings:
// evidence of dynamic loading is looked for in hundreds of MB of ELF files and scripts.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace lambdapack {

class StringSet {
 public:
  // Needles shorter than 3 bytes are never reported (compilers build them from immediates; as evidence they are noise).
  explicit StringSet(std::vector<std::string> needles);
  StringSet(StringSet&&) noexcept;
  ~StringSet();

  // Indices (ascending, each once) of the needles that occur in haystack. utf16: also as UTF-16LE, as .NET stores text.
  std::vector<std::size_t> find_in(Bytes haystack, bool utf16 = false) const;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace lambdapack
