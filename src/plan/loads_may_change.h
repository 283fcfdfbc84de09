// Is what the loader maps decided before anything runs?
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "languages/function_target.h"
#include "links/bindings.h"

namespace lambdapack {

// Why something that runs may open libraries, look for symbols by name or make the loader search elsewhere: "app.py may
// open libraries while it runs". Empty when none of `files`, the reached ones, does. Rules about openers do not count:
// they say which libraries are opened, not what is looked for in them. Errors: a file that cannot be read.
Result<std::string> why_loads_may_change(const BindingInput& loads, const Bindings& bindings,
                                         const FunctionTarget& target, std::vector<std::size_t> files);

}  // namespace lambdapack
