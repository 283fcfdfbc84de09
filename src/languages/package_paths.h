// Questions about paths that every language asks of a Package. Its files are sorted by path, so all answers are binary
// searches and no index has to be built.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "package/package.h"

namespace lambdapack {

// Index of the file with exactly this path.
std::optional<std::size_t> file_at(const Package& package, std::string_view path);

// [first, last) of the files whose path begins with `prefix`.
std::pair<std::size_t, std::size_t> files_with_prefix(const Package& package, std::string_view prefix);

// [first, last) of the files below a folder, "" being the whole package.
std::pair<std::size_t, std::size_t> files_below(const Package& package, std::string_view folder);

std::string_view parent_folder(std::string_view path);                  // "a/b" of "a/b/c", "" of "c"
std::string_view base_name(std::string_view path);                      // "c" of "a/b/c"
std::string join_path(std::string_view folder, std::string_view name);  // "name" when folder is ""

}  // namespace lambdapack
