// Path patterns of --keep and of rules: gitignore's, without negation.
#pragma once

#include <string_view>

namespace lambdapack {

// "*" and "?" stop at "/", "**" does not, "[a-z]" is a set. A pattern without "/" matches the file name in any folder;
// one that ends in "/" (or names a folder) matches everything below it. path has no leading "/".
bool glob_match(std::string_view pattern, std::string_view path);

// A run of ordinary characters that every path has which the pattern matches; may be empty. Settles most paths of many
// without a look at the pattern; a view into it.
std::string_view glob_literal(std::string_view pattern);

}  // namespace lambdapack
