// The bytes of one member of a zip.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "package/zip_directory.h"

namespace lambdapack {

// subject: for messages. Errors: compressed with something that Lambda does not unpack (it takes stored and deflated
// members), damaged, another size or checksum than declared.
Result<std::vector<std::uint8_t>> unpack_member(const std::string& subject, Bytes archive, const ZipMember& member);

}  // namespace lambdapack
