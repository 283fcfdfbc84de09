// A zip (also .whl, .jar, .egg, and zips behind a stub) as a Package.
#pragma once

#include "package/collect_files.h"

namespace lambdapack {

Result<Package> read_zip(Bytes archive, const ReadOptions& options, FileCollector collector);

}  // namespace lambdapack
