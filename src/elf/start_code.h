// Does a library do anything by being loaded?
#pragma once

#include "base/bytes.h"
#include "elf/elf_info.h"

namespace lambdapack {

// Whether code of the library's own runs when it is loaded or unloaded: constructors, destructors, DT_INIT, DT_FINI.
// Every library that GCC or Clang links has start-up code that registers nothing and calls nothing; it is told by its
// instructions (crtbeginS.o and crti.o of GCC, x86-64 and AArch64). True when in doubt. info: of the same bytes.
bool runs_code_when_loaded(Bytes bytes, const ElfInfo& info);

}  // namespace lambdapack
