// Folders of tests in Python distributions: they are a tenth of a scientific package, and no function runs them.
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
void add_test_folder_words(WordSet& words);

// Their files, sorted. None of the user's own: a folder with one of those stays.
std::vector<ProposedDrop> drop_test_folders(const PlanInput& input, const std::vector<PythonFile>& sources);

}  // namespace lambdapack
