// What may import or name something although no scan of Python sources shows it: bytecode without source, compiled
// modules, archives (eggs and zips on the module path), .pth files, scripts of other interpreters, and sources that
// could not be read to their end.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "languages/python_sources.h"
#include "plan/evidence.h"
#include "plan/plan.h"

namespace lambdapack {

// What the rules of Python look through.
struct PythonCode {
  const PlanInput& input;
  const std::vector<PythonFile>& sources;
  const std::vector<bool>& idle;  // by package file: code that does not count, such as tests that go
  bool unknown_layers = false;    // the function has layers that were not given: their code may need anything
  unsigned threads = 0;
};

// Whether the file's text says more than `sources` do; configuration included.
bool is_unscanned_text(const Package& package, const Inventory& inventory, const std::vector<PythonFile>& sources,
                       std::size_t file);

// The same for code alone.
bool is_unscanned_code(const Package& package, const Inventory& inventory, const std::vector<PythonFile>& sources,
                       std::size_t file);

// All of it but what is idle; sorted.
std::vector<std::size_t> find_unscanned_code(const PythonCode& code);

// Which of the names stand in which of the files' texts; short ones ("six") only as words of their own. Names of less
// than three bytes are never found. Sorted by file, then name. Errors: a file cannot be read.
Result<std::vector<Mention>> find_names(const Package& package, const Inventory& inventory,
                                        const std::vector<std::size_t>& files, const std::vector<std::string>& names,
                                        unsigned threads);

}  // namespace lambdapack
