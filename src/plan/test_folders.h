// Folders of tests in Python distributions, which no function runs.
//
// Only folders named exactly "tests" or "test" below the level of packages, and only while nothing outside of them
// imports a module in them or names it: numpy.testing imports from numpy/_core/tests, django.test is no folder of
// tests at all. Names that only look alike (testing, _testing, tests.py) are code. docs/decisions/0039.
#pragma once

#include <vector>

#include "languages/python_sources.h"
#include "plan/plan.h"

namespace lambdapack {

// The words of string constants that matter for this.
void add_test_folder_words(const Package& package, const LanguageView& languages, WordSet& words);

// Their files, sorted. A folder stays with all that is in it when a file of it is the user's own, or held (by package
// file: --keep or a rule keeps it). Errors: a file cannot be read.
Result<std::vector<ProposedDrop>> drop_test_folders(const PlanInput& input, const std::vector<PythonFile>& sources,
                                                    const std::vector<bool>& held, unsigned threads);

}  // namespace lambdapack
