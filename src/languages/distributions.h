// Python distributions: every *.dist-info and *.egg-info of a package, and which files each of them installed.
#pragma once

#include "languages/language_view.h"
#include "languages/python_metadata.h"

namespace lambdapack {

struct Distributions {
  std::vector<Distribution> found;  // sorted by info path
  std::vector<Finding> findings;
};

Result<Distributions> read_distributions(const Package& package, unsigned threads);

// The parsed RECORD of a distribution, empty when it has none.
Result<std::vector<RecordEntry>> read_record(const Package& package, const Distribution& distribution);

// Which file of the package a path of RECORD or installed-files.txt means, `folder` being what it is relative to.
std::optional<std::size_t> recorded_file(const Package& package, std::string_view folder, std::string_view path);

}  // namespace lambdapack
