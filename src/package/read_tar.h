// A tar, plain or compressed, as a Package.
#pragma once

#include "package/collect_files.h"

namespace lambdapack {

// Whether bytes start with a tar header (its checksum is right).
bool has_tar_header(Bytes bytes);

// Whether bytes start as gzip, bzip2, xz or zstd do.
bool has_compressed_magic(Bytes bytes);

Result<Package> read_tar(Bytes archive, FileCollector collector);

}  // namespace lambdapack
