// The names that the C library and GCC's libraries define for programs.
#pragma once

#include <string_view>

namespace lambdapack {

// Whether glibc, libgcc or libstdc++ define a symbol of this name: of those that do not begin with an underscore, which
// are all theirs.
bool is_c_library_name(std::string_view name);

}  // namespace lambdapack
