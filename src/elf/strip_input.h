// What LLVM's objcopy is given to read instead of the original: the same file, with nothing of what will be removed.
#pragma once

#include <cstddef>
#include <set>
#include <string_view>

#include "base/bytes.h"
#include "elf/elf_layout.h"

namespace lambdapack {

// Anonymous memory as long as the original. Only what stays is copied into it, so the debug info that is removed costs
// address space and no memory. Aligned to a page.
class StripInput {
 public:
  // `removed`: names of the sections that will be removed. Throws std::bad_alloc.
  StripInput(const ElfLayout& layout, const std::set<std::string_view>& removed);
  ~StripInput();
  StripInput(const StripInput&) = delete;
  StripInput& operator=(const StripInput&) = delete;

  Bytes bytes() const { return {data_, size_}; }

  // Gives the memory back to the system; the bytes read as zero from then on.
  void discard();

 private:
  void copy_what_stays(const ElfLayout& layout, const std::set<std::string_view>& removed);

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace lambdapack
