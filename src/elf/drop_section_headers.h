// The last bytes of a file that the loader never looks at: the section header table and the names of sections.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "elf/elf_info.h"

namespace lambdapack {

// Whether the file may lose its section headers when it is stripped: a sound shared object or executable, of whose
// sections only loaded ones and what strip removes are known. A section that is not loaded and stays is there for
// somebody who finds it through the headers; and cargo auditable's list of crates is found by its name alone.
bool can_drop_section_headers(const ElfInfo& info);

// `stripped` without section headers, cut behind the last byte that is loaded; empty when that is not smaller, or when
// it is not proven that the loader sees the file that `original` was.
std::vector<std::uint8_t> drop_section_headers(Bytes original, Bytes stripped);

}  // namespace lambdapack
