// More files for a package that has been read: --add, and the libraries of a bundled program.
#pragma once

#include <string>
#include <vector>

#include "package/read_package.h"

namespace lambdapack {

// The package with other files, sorted and checked as if they had been read so. Keeps source, kind and findings.
// Errors: two files of one path, a file below another file or below a link, more than options allow.
Result<Package> with_files(Package package, std::vector<PackageFile> files, const ReadOptions& options);

struct AddedFiles {
  std::string source;       // a file or folder on this machine
  std::string destination;  // path in the package; of a folder, that its contents go to; "lib/" keeps a file's name
};

// The package and these. Errors: as above; a source that cannot be read; a destination that is absolute or has "..".
Result<Package> add_files(Package package, const std::vector<AddedFiles>& added, const ReadOptions& options);

}  // namespace lambdapack
