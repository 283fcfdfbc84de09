// Does something open a library by its path? Then the order of folders does not decide which copy it gets.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plan/reach.h"
#include "plan/text_search.h"
#include "plan/wanted.h"

namespace lambdapack {

// Two parts of the path, or "/" and the name when there is no folder: what a program writes to open a file by path.
std::string path_tail(std::string_view path);

// What opened_by_path looks for, two names of each library: for TextSearch::expect_evidence.
std::vector<std::string> path_needles(const Package& package, const std::vector<std::size_t>& libraries);

// By position in `libraries`: who of the searched files names its path or makes paths like it, in words; "" when nobody
// does. A bare name counts in scripts, where it may be part of a path; in an ELF file it gets what is first in the
// order. Errors: a file that cannot be read.
Result<std::vector<std::string>> opened_by_path(const ReachInput& input, const LibraryNames& names,
                                                const std::vector<std::size_t>& searched,
                                                const std::vector<std::size_t>& libraries, TextSearch& texts);

}  // namespace lambdapack
