// What the text of an option's value means. Each error names the option, the value seen, and what would be right.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "package/add_files.h"

namespace lambdapack {

// "268435456", "500MB", "4GiB", "1.5 G" as bytes. 1 KB is 1,024 bytes, as in the report and in Lambda's own limits, so
// MB and MiB are the same.
Result<std::uint64_t> parse_size(std::string_view option, std::string_view text);

// A whole number in [least, most].
Result<std::uint64_t> parse_number(std::string_view option, std::string_view text, std::uint64_t least,
                                   std::uint64_t most);

// {"A=1", "B="} as a map; the last of a name wins, as in a shell.
Result<std::map<std::string, std::string>> parse_settings(std::string_view option,
                                                          const std::vector<std::string>& settings);

// {"data:share/data", "lib.so.1:lib/"} as sources and destinations, split at the last colon.
Result<std::vector<AddedFiles>> parse_added(std::string_view option, const std::vector<std::string>& values);

// The position of text in choices.
Result<std::size_t> parse_choice(std::string_view option, std::string_view text,
                                 const std::vector<std::string_view>& choices);

// The candidate that `typed` is most likely a misspelling of; empty when none is near.
std::string nearest(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace lambdapack
