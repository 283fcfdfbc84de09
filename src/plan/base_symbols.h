// What may the C library and GCC's libraries look up in a library of the package, of which they know nothing?
#pragma once

#include <string_view>

namespace lambdapack {

// Whether one of the libraries that is_base_library knows may be bound to a definition of this name and version ("" for
// none) in a library that is loaded before it. True when in doubt.
bool base_libraries_may_use(std::string_view symbol, std::string_view version);

// dlsym and the like: what a program calls to find symbols or libraries by a name that is nowhere in its symbol table.
bool finds_symbols_by_name(std::string_view symbol);

}  // namespace lambdapack
