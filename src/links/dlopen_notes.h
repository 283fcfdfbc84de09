// Where the libraries are that an ELF file says it opens while it runs (.note.dlopen, uapi-group ELF dlopen metadata).
#pragma once

#include <vector>

#include "elf/inventory.h"
#include "links/link_graph.h"
#include "links/loader_profile.h"
#include "package/package.h"

namespace lambdapack {

// One answer per soname of every note, as dlopen of that soname by the file would get it in a process of its own (a
// program) or in the runtime's (a library): the file's RPATH or RUNPATH, LD_LIBRARY_PATH, the default folders. Sorted
// by file, then as they stand in the notes. Files of another machine have none.
std::vector<OpenedName> resolve_dlopen_notes(const Package& package, const Inventory& inventory,
                                             const LoaderProfile& profile, const Mount& mount);

}  // namespace lambdapack
