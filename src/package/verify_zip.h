// Whether a zip holds a package, file by file and byte by byte.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "package/package.h"

namespace lambdapack {

// Read twice: the table of contents for raw names and modes, and all members with libarchive, which shares no code with
// what wrote them. `name` is for messages.
Result<void> verify_zip(const std::string& name, Bytes zip, const Package& package);

}  // namespace lambdapack
