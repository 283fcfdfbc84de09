// The files of a deployment package, wherever they came from: a folder, a zip, a tar, one ELF file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.h"
#include "package/content.h"

namespace lambdapack {

enum class FileKind { regular, symlink, directory };

struct PackageFile {
  std::string path;  // relative, "/" between parts, no leading or trailing "/", raw bytes as found (maybe not UTF-8)
  FileKind kind = FileKind::regular;
  std::uint32_t mode = 0644;  // permission bits only (07777)
  std::int64_t mtime = 0;     // seconds since 1970
  // mtime is the wall clock of the machine that made the zip, in a zone that nothing tells, read as if it were UTC, and
  // in steps of two seconds: all that a zip without extended timestamps has.
  bool mtime_is_local = false;
  std::string link_target;        // symlinks only, raw
  Content content;                // regular files only
  std::uint64_t packed_size = 0;  // bytes it takes inside the zip it came from; 0 for folders and tars

  std::uint64_t size() const { return kind == FileKind::regular ? content.size() : 0; }
};

// Files of the function's layers lie in one list with the function's own when layers are known: under their absolute
// path, "/opt/lib/libfoo.so.1", which no file of a package can have. They are context: never changed, never written.
inline bool is_layer_file(std::string_view path) {
  return path.starts_with('/');
}

enum class InputKind { folder, zip, tar, elf };

std::string_view to_string(InputKind kind);

struct Package {
  std::string source;  // as the user wrote it; "-" for standard input
  InputKind kind = InputKind::folder;
  std::uint64_t source_bytes = 0;  // size of the archive or file; 0 for folders
  std::string source_sha256;       // zip only: base64 of the archive's SHA-256, as Lambda shows CodeSha256
  std::vector<PackageFile> files;  // sorted by path bytes, unique paths; directories only when they hold nothing
  // What reading noticed: "link-out-of-package" (info when it points to /opt, /tmp, /var/task and the like, else
  // warning), "name-not-utf8", "name-with-backslash" (warning), "unusual-mode", "no-unix-modes" (info).
  std::vector<Finding> findings;

  // The file with this path, nullptr when there is none.
  const PackageFile* find(std::string_view path) const;
  // Bytes of all regular files but those of layers: what counts against the unzipped limit.
  std::uint64_t total_size() const;
};

// Where a symlink at `path` points inside the package: a normalised relative path, or nothing when it leaves the
// package or is absolute. One step only, the target need not exist.
std::optional<std::string> link_destination(std::string_view path, std::string_view link_target);

// Follows symlinks (also of folders on the way) until a regular file: its index in package.files, or nothing when it is
// missing, outside, or a loop (40 links, as the kernel counts). path may contain "." and "..".
std::optional<std::size_t> resolve_path(const Package& package, std::string_view path);

// path without "." and ".." parts and doubled slashes; nothing when it climbs above the root.
std::optional<std::string> normalise_path(std::string_view path);

}  // namespace lambdapack
