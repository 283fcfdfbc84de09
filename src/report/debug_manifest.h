// The page of contents of a debug bundle: which debug file belongs to which file of which zip. Its name in the bundle's
// folder or archive is manifest.json; in an archive it is the first member.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lambdapack {

inline constexpr std::string_view kDebugManifestName = "manifest.json";

// Hashes are SHA-256 in lower-case hex.
struct DebugFile {
  std::string path;             // in the package, "lib/libfoo.so.1"
  std::string build_id;         // lower-case hex; empty when the file has none
  std::string sha256;           // of the file as it is in the zip
  std::string original_sha256;  // of the file as it was before stripping
  std::string debug_file;       // in the bundle: ".build-id/ab/cdef.debug", or "by-sha256/<sha256>.debug"
};

struct DebugManifest {
  std::string zip_sha256;        // of the zip that the stripped files are in; empty when a folder was written
  std::vector<DebugFile> files;  // sorted by path
};

std::string render_debug_manifest(const DebugManifest& manifest);

// Errors: no JSON, another schema, a field missing or of the wrong type, a debug_file that is absolute or leads out of
// the bundle. `subject` is what the error names.
Result<DebugManifest> read_debug_manifest(std::string_view json, std::string_view subject);

}  // namespace lambdapack
