// Which Python distributions can the function use, and by what is that known?
//
// The function's own files are the roots. A distribution is reached when code that is kept imports it, requires it
// (Requires-Dist, all extras), names it in a string constant, asks for a group of entry points that it provides, or is
// linked against its libraries; when a .pth file runs it; and when the configuration names it. What is left is only
// possibly unused, for a name can be put together in ways that no text shows. docs/decisions/0038.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "languages/python_sources.h"
#include "plan/plan.h"

namespace lambdapack {

struct PythonReachInput {
  const PlanInput& plan;
  const std::vector<PythonFile>& sources;
  const std::vector<bool>& idle;                  // by package file: sources that do not count, such as tests that go
  const std::vector<std::string>& keep;           // --keep
  const std::map<std::string, std::string>& env;  // --env and the template's
};

struct PythonReach {
  // Parallel to LanguageView::distributions: "app.py imports it"; empty when nothing reaches it.
  std::vector<std::string> evidence;
  std::string computed;  // a file of the function's own that imports modules by computed names; empty: none
};

// The words of string constants that the reach has to know.
void add_reach_words(const LanguageView& languages, WordSet& words);

// Errors: a file cannot be read.
Result<PythonReach> reach_distributions(const PythonReachInput& input, unsigned threads);

// The files of distributions that nothing reaches, without those that a reached one installed as well; dist-info goes
// with its distribution.
std::vector<ProposedDrop> drop_unreached_distributions(const PlanInput& input, const PythonReach& reach);

}  // namespace lambdapack
