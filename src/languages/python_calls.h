// Calls that load a module, or make an AWS client, by a name: PythonSource::calls.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "languages/python_imports.h"

namespace lambdapack::python {

// The call whose opening bracket is at `bracket`, when it is one of those that PythonCall names and has an argument.
std::optional<PythonCall> call_at(std::string_view text, std::size_t bracket);

}  // namespace lambdapack::python
