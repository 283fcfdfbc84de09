// Strings from packages inside JSON, which must be UTF-8: paths are raw bytes and may be anything.
#pragma once

#include <string>
#include <string_view>

namespace lambdapack {

// text itself when it is UTF-8, else with \xNN for the bytes that are not.
std::string json_text(std::string_view text);

// The bytes in lower-case hex when text is not UTF-8; else empty. Goes beside the path as "…_hex".
std::string json_hex(std::string_view text);

}  // namespace lambdapack
