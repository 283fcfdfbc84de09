// What distributions bring for compiling and installing, which Lambda's Python runtimes do not do: C and Cython
// sources, and pip, setuptools and wheel themselves. docs/decisions/0039.
#pragma once

#include <vector>

#include "languages/python_sources.h"
#include "plan/plan.h"

namespace lambdapack {

// The words of string constants that matter for this.
void add_build_words(const Package& package, const LanguageView& languages, WordSet& words);

// C, C++ and Cython headers and sources that distributions own, sorted. They stay where a kept source names them or
// their ending, and all of them while the package or a layer has a compiler. idle: sources that do not count.
std::vector<ProposedDrop> drop_native_sources(const PlanInput& input, const std::vector<PythonFile>& sources,
                                              const std::vector<bool>& idle);

// pip, setuptools and wheel, each with its .pth file, while no kept code outside of them needs them. Sorted. Errors: a
// file cannot be read.
Result<std::vector<ProposedDrop>> drop_installers(const PlanInput& input, const std::vector<PythonFile>& sources,
                                                  const std::vector<bool>& idle, unsigned threads);

}  // namespace lambdapack
