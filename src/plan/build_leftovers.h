// What distributions bring for compiling and installing, which Lambda's Python runtimes do not do: C and Cython
// sources, and pip, setuptools and wheel themselves. docs/decisions/0039.
#pragma once

#include <vector>

#include "languages/python_sources.h"
#include "plan/unscanned_code.h"

namespace lambdapack {

// The words of string constants that matter for this.
void add_build_words(const Package& package, const LanguageView& languages, WordSet& words);

// C, C++ and Cython headers and sources that distributions own, sorted. They stay where kept code names them or their
// ending, and all of them while the package or a layer has a compiler. `likely`, and `possible` with unknown layers.
// Errors: a file cannot be read.
Result<std::vector<ProposedDrop>> drop_native_sources(const PythonCode& code);

// pip, setuptools and wheel, each with its .pth file, while no kept code outside of them needs them. Sorted; `likely`,
// and `possible` with unknown layers. Errors: a file cannot be read.
Result<std::vector<ProposedDrop>> drop_installers(const PythonCode& code);

}  // namespace lambdapack
