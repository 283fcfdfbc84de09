// What one package has and another has not, when the difference between two architectures is not a difference.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace lambdapack {

// What of a report is compared.
struct DiffSide {
  std::string source, arch, runtime;
  std::uint64_t unpacked_bytes = 0, zip_bytes = 0;  // zip_bytes 0: not known
  bool zip_estimated = false;
  std::vector<FileLine> files;
  std::vector<Finding> findings;
};

DiffSide side_of(const Report& report);

struct FilePair {
  FileLine a, b;
};

// A distribution, an npm package, or a folder at the top; only those that are not the same on both sides.
struct GroupDiff {
  std::string name;                  // "pypi:numpy", "npm:sharp", "lib/", "files at the top"
  std::string version_a, version_b;  // empty when it has none
  std::uint64_t files_a = 0, files_b = 0, bytes_a = 0, bytes_b = 0;
};

struct PackageDiff {
  DiffSide a, b;  // without files
  std::uint64_t files_a = 0, files_b = 0;
  std::vector<FileLine> only_a, only_b;              // sorted by path
  std::vector<FilePair> changed;                     // the same file with another size; sorted by path of a
  std::uint64_t renamed = 0;                         // pairs whose names differ in the architecture or a hash only
  std::vector<GroupDiff> groups;                     // largest change first
  std::vector<Finding> new_findings, gone_findings;  // that only b has, that only a has
};

PackageDiff diff_packages(DiffSide a, DiffSide b);

// A path or name with the words for an architecture, and the hash that auditwheel puts into names of libraries, taken
// out: equal for counterparts. "x.cpython-312-x86_64-linux-gnu.so" and "x.cpython-312-aarch64-linux-gnu.so" both give
// "x.cpython-312-{arch}-linux-gnu.so".
std::string neutral_name(std::string_view path);

}  // namespace lambdapack
