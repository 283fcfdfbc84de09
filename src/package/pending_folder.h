// A folder that nobody sees before it is complete: written beside its place and swapped in.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace lambdapack {

struct FolderPlace {
  std::string target;   // its real name, without "/" at the end
  bool exists = false;  // there is a folder, empty or to be replaced
};

// Where a folder may be written. Errors: a file is there (with `hint`), a folder that is not empty (unless `replace`),
// or the current folder or one around it.
Result<FolderPlace> folder_place(const std::string& path, bool replace, const char* hint);

// Exchanges what is at `pending` and at `target`, files or folders.
Result<void> swap_in(const std::string& pending, const std::string& target);

class PendingFolder {
 public:
  static Result<PendingFolder> create(const std::string& target);
  PendingFolder(PendingFolder&& other) noexcept
      : name_(std::exchange(other.name_, {})), folders_(std::move(other.folders_)) {}
  ~PendingFolder();  // removes what is still under the temporary name

  // path: relative, with the folders that it lies in. Every file gets the date 1980-01-01.
  Result<void> add_file(const std::string& path, Bytes bytes, std::uint32_t mode);
  Result<void> add_link(const std::string& path, const std::string& link_target);
  Result<void> add_folder(const std::string& path);
  Result<void> finish();  // modes and dates of folders

  Result<void> put_into_place(const FolderPlace& place);        // what was there is removed
  std::string hand_over() { return std::exchange(name_, {}); }  // the temporary name; the caller renames or removes it

 private:
  explicit PendingFolder(std::string name) : name_(std::move(name)) {}
  Result<void> make_parents(const std::string& path);

  std::string name_;
  std::set<std::string> folders_;
};

}  // namespace lambdapack
