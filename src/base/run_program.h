// Runs another program: bytes in, bytes out. The only ones that lambdapack ever starts, and only when asked to, are
// Graphviz's dot and a Python interpreter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lambdapack {

// words: the program, looked up in PATH, and its arguments. input: its standard input. Gives its standard output.
// Errors: it is not installed (the hint is `when_missing`), or it ended with another status than 0 (with the first line
// of what it wrote to standard error).
Result<std::string> run_program(const std::vector<std::string>& words, std::string_view input,
                                const std::string& when_missing);

}  // namespace lambdapack
