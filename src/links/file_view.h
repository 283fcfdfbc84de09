// What lies at an absolute path on Lambda: a file of the package, a library of the runtime, a folder, or nothing.
//
// Paths are walked as the kernel walks them: every part must exist, ".." leaves the folder that a link led to, a link
// to an absolute path may come back into the package. Folders outside the package are known only by the libraries in
// them, so any of them is taken to exist on the way.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "links/loader_profile.h"
#include "package/package.h"

namespace lambdapack {

// Of a path: what follows its last "/", and what precedes it ("" when it has none). memrchr, because std::string_view's
// rfind looks at one byte at a time, and every file of a package is asked.
std::string_view file_name_of(std::string_view path);
std::string_view folder_name_of(std::string_view path);

enum class Located { nothing, file, folder, outside, endless_link };

struct Location {
  Located what = Located::nothing;
  std::size_t file = 0;  // file: index into Package::files, always a regular file
  std::string path;      // without links, "." and "..": of the folder, of the library outside, of the file
};

class FileView {
 public:
  // mount: the absolute folder at which the package lies.
  FileView(const Package& package, const LoaderProfile& profile, std::string mount);

  // A relative path starts at the profile's working folder. The empty path is that folder.
  Location locate(std::string_view path) const;

  // The path in the package of an absolute, link-free path: what is below the mount, "" for the mount itself; with
  // layers, paths at and below /opt as they are. Nothing when it is elsewhere.
  std::optional<std::string_view> inside(std::string_view path) const;
  bool is_package_folder(std::string_view relative) const;
  const std::set<std::string>* outside_folder(std::string_view path) const;  // nullptr when nothing is known of it
  std::string absolute(std::string_view relative) const;  // of a path in the package; "" is the mount
  std::string path_of(std::size_t file) const;            // absolute
  std::string folder_of(std::size_t file) const;          // absolute, of the file itself

 private:
  Location at(const std::string& path) const;
  const Package& package_;
  const LoaderProfile& profile_;
  std::string mount_;
  bool has_layers_ = false;
};

}  // namespace lambdapack
