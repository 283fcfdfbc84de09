// What may the C library and GCC's libraries look up in a library of the package, of which they know nothing?
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/rules.h"

namespace lambdapack {

// Those of rules.c_library_names, sorted.
std::vector<std::string> c_library_names(const Rules& rules);

// Whether one of the libraries that is_base_library knows may be bound to a definition of this name and version ("" for
// none) in a library that is loaded before it. names: c_library_names. True when in doubt.
bool base_libraries_may_use(std::string_view symbol, std::string_view version, const std::vector<std::string>& names);

// dlsym and the like: what a program calls to find symbols or libraries by a name that is nowhere in its symbol table.
bool finds_symbols_by_name(std::string_view symbol);

}  // namespace lambdapack
