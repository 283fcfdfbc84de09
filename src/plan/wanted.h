// What is looked for in texts to find out whether libraries that no needed entry reaches are opened by name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "plan/evidence.h"
#include "plan/reach.h"

namespace lambdapack {

// All names under which a library can be opened: its file's, and those of links that lead to it.
class LibraryNames {
 public:
  explicit LibraryNames(const Package& package);
  const std::vector<std::string_view>& of(std::size_t file) const { return names_[file]; }

 private:
  std::vector<std::vector<std::string_view>> names_;  // parallel to Package::files
};

struct Wanted {
  Wanted(const ReachInput& input, const LibraryNames& names, std::vector<std::size_t> libraries);

  std::vector<std::size_t> files;                   // the libraries
  std::vector<std::string> needles;                 // names and stems
  std::vector<std::size_t> needle_file;             // parallel to needles
  std::vector<std::string> folders;                 // names of the folders that they lie in, common ones left out
  std::vector<std::vector<std::size_t>> in_folder;  // parallel to folders
};

// Whether a pattern in a file's text may become a name of the library. One that says nothing ("%s.so", "*.so") counts
// in scripts only, and for the libraries of the script's own distribution or npm package: in ELF files that open
// libraries the opener rules decide, and elsewhere it is part of a message.
bool may_make_name(const ReachInput& input, const LibraryNames& names, const Evidence::Pattern& found,
                   std::size_t library);

// The runtime's library of that name comes first on the search path, whoever asks for it by name.
bool runtime_has(const ReachInput& input, std::size_t library);

}  // namespace lambdapack
