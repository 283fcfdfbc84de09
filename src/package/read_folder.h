// The files below a folder.
#pragma once

#include <string>

#include "package/collect_files.h"

namespace lambdapack {

// Adds everything below the folder `root`. Opens no file. Errors: FIFOs, sockets, devices; a folder that cannot be
// listed.
Result<void> read_folder(const std::string& root, const ReadOptions& options, FileCollector& collector);

}  // namespace lambdapack
