// Does a library do anything by being loaded, whether or not anybody calls it?
#pragma once

#include <string>

#include "base/bytes.h"
#include "elf/elf_info.h"

namespace lambdapack {

// What loading this library does to the process beyond mapping it, in words: it runs code of its own, has thread-local
// storage or indirect functions, shares unique symbols, makes stacks executable, asks the loader for something. Empty
// when nothing; never empty when in doubt. info: of the same bytes.
std::string effect_of_loading(Bytes bytes, const ElfInfo& info);

}  // namespace lambdapack
