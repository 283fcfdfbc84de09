// Files that come one by one and end up in one place, a folder or a .tar.zst, which is there whole or not at all.
//
// Only the file that is being added is in memory. Same files, same libarchive and libzstd: same bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace lambdapack {

// Whether a bundle with this name is an archive: it ends in ".tar.zst". Any other is a folder.
bool is_archive_name(std::string_view path);

class DebugBundle {
 public:
  // Errors: the place cannot be written; the folder is not empty and not to be replaced.
  static Result<DebugBundle> create(const std::string& path, bool replace);
  DebugBundle(DebugBundle&&) noexcept;
  // Takes everything back that keep() has not made final: what was at the path before is there again.
  ~DebugBundle();

  // path: relative, unique. In an archive the members have the order in which they are added.
  Result<void> add(const std::string& path, Bytes bytes);

  // Everything is written; nothing of it can be seen yet.
  Result<void> finish();
  std::uint64_t size() const;  // bytes of the archive, or of the folder's files

  Result<void> put_into_place();
  void keep();

  struct State;

 private:
  explicit DebugBundle(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

std::string archive_library_version();  // "libarchive 3.6.2 (zstd 1.5.4)": it decides the bytes of the archive

}  // namespace lambdapack
