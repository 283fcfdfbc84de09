// What would no longer work if one file were not there? Asked of the loader's rules by resolving the package once more
// without it: another file of the same name may take its place, on the search path or in the runtime.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace lambdapack {

// A file that the loader could no longer load.
struct BrokenFile {
  std::size_t file = 0;
  std::string needed;              // the name it needs, as written
  std::optional<std::size_t> via;  // the file that it finds under that name and that is broken itself; else missing
  std::size_t distance = 1;        // 1: it needs the file itself
};

struct OtherBinding {
  std::size_t file = 0;
  std::string needed;
  std::string instead;  // a file of the package or outside
};

struct WithoutFile {
  std::vector<BrokenFile> broken;     // nearest first, then by path
  std::vector<OtherBinding> rebound;  // loads, but another library
  std::vector<std::size_t> name_it;   // files whose text or notes reach it or a broken one: dlopen would fail
  bool complete = true;               // LinkGraph::complete, of both
};

WithoutFile without_file(const PlanInput& input, const LoaderProfile& profile, const Mount& mount, std::size_t file);

// The same in words, for `lambdapack explain`: one line each, indented by two spaces, the nearest files of many.
std::vector<std::string> explain_without(const PlanInput& input, const LoaderProfile& profile, const Mount& mount,
                                         std::size_t file);

}  // namespace lambdapack
