// Whether anybody touched what an installer wrote.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "languages/language_view.h"
#include "package/package.h"

namespace lambdapack {

// "boto3 1.42.97"
std::string versioned(const Distribution& distribution);

// SHA-256 as RECORD writes it: base64 for URLs, without padding.
std::string record_sha256(Bytes bytes);

// The first file of the distributions all[which] that was changed or added after they were installed, in words; empty
// when there is none. Bytecode and scripts in bin/ do not count. Errors: a file cannot be read.
Result<std::string> why_not_as_installed(const Package& package, const std::vector<Distribution>& all,
                                         const std::vector<std::size_t>& which, unsigned threads);

}  // namespace lambdapack
