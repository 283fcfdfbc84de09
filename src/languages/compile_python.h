// Compiling Python sources with the interpreter that the function will run on (--bytecode compile).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "rules/rules.h"

namespace lambdapack {

struct PythonInterpreter {
  std::string program;  // absolute path
  std::string version;  // "3.11.2"
};

// program: as the user gave it, or "" to look for one in PATH. Errors: there is none of exactly this minor version of
// CPython, or the one given is another.
Result<PythonInterpreter> find_interpreter(const std::string& program, const PythonBytecode& python);

struct SourceToCompile {
  std::string path;  // where it will lie: "/var/task/app.py", for tracebacks
  Bytes bytes;
};

// The code of each source, marshalled, as it stands behind a .pyc header; empty for one that does not compile. The same
// whatever the number of threads. level: 0, 1 (-O) or 2 (-OO). Nothing of a source is run. Errors: the interpreter
// cannot be started.
Result<std::vector<std::vector<std::uint8_t>>> compile_sources(const PythonInterpreter& interpreter,
                                                               const std::vector<SourceToCompile>& sources, int level,
                                                               unsigned threads);

}  // namespace lambdapack
