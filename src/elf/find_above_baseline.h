// Does a file have code that some of Lambda's processors cannot run, and does it look as if it would run it there?
#pragma once

#include <optional>

#include "base/bytes.h"
#include "elf/elf_info.h"

namespace lambdapack {

// Of a shared object or program for x86-64 or arm64, in the first place one that the inventory has read (bytes are the
// file's). Reads samples of the code; nothing when those have no such code. The answer does not change when the file is
// stripped.
std::optional<AboveBaseline> find_above_baseline(Bytes bytes, const ElfInfo& info);

}  // namespace lambdapack
