// Which modules of distributions that stay does no kept code import or name?
//
// Distributions bring more than one function uses: backends, command lines, compatibility code. From the function's own
// files, entry points and .pth files the search follows imports, names of modules in string constants, and names in
// compiled modules. A distribution stays whole as soon as code of it that is reached loads modules by computed names or
// looks into folders, and when nothing tells what of it is used. docs/decisions/0044.
#pragma once

#include <vector>

#include "plan/python_reach.h"
#include "plan/unscanned_code.h"

namespace lambdapack {

// The words of string constants that matter for this.
void add_module_words(const Package& package, const LanguageView& languages, WordSet& words);

// Sources and extension modules, sorted; always `possible`. None while the function's own code computes what it
// imports, or there may be code that is not known here. Errors: a file cannot be read.
Result<std::vector<ProposedDrop>> drop_unreached_modules(const PythonCode& code, const PythonReachInput& asked,
                                                         const PythonReach& reach);

}  // namespace lambdapack
