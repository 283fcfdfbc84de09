// A Package becomes a zip, or a folder, that is complete or not there.
//
// The zip is a function of paths, kinds, modes and bytes alone: entries sorted by path, one fixed date, no extra fields
// but zip64's, no data descriptors. Same package, same level, same libdeflate: same bytes, on any machine.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "package/package.h"

namespace lambdapack {

enum class Level { fast, normal, best };  // libdeflate 6, 9, 12

struct WriteOptions {
  Level level = Level::normal;
  unsigned threads = 0;  // 0: one per processor
};

struct WrittenFile {
  std::string path;
  std::uint64_t size = 0;         // bytes
  std::uint64_t packed_size = 0;  // bytes in the zip, without its headers
};

struct Written {
  std::uint64_t zip_bytes = 0;  // size of the zip
  Sha256 sha256{};              // of the zip; CodeSha256 is its base64
  std::vector<WrittenFile> files;
};

// A zip whose bytes are known and that is not yet anywhere: pieces to be written one after the other.
struct ZipImage {
  Written written;
  std::vector<Content> pieces;
};

// Compresses in parallel. Errors: a file that cannot be read.
Result<ZipImage> make_zip(const Package& package, const WriteOptions& options);

// Called when the output is complete and checked, just before it can be seen under its name (or, on standard output, at
// all): the moment for what must appear together with it. Its error stops the write.
using BeforeVisible = std::function<Result<void>()>;

// Writes image to `path` by way of a temporary file in the same folder, reads it back with libarchive, compares every
// path, kind, mode and byte with `package`, then renames it into place. On any error the old file at `path` is
// untouched and nothing is left. path "-" streams to standard output (compared in memory first); a broken pipe is no
// error.
Result<void> write_zip(const ZipImage& image, const Package& package, const std::string& path,
                       const BeforeVisible& before = {});

// Writes a folder beside `path`, then swaps it into place (renameat2 RENAME_EXCHANGE where there is an old one).
// Refuses to replace a folder that is not empty, unless `replace`: then all that was in it is gone. Never replaces the
// current folder or one around it. Files 0644 or 0755, folders 0755, all dated 1980-01-01.
Result<void> write_folder(const Package& package, const std::string& path, bool replace,
                          const BeforeVisible& before = {});

// Mode a file gets in the output: 0755 for directories, for files with any execute bit, and for a top-level
// "bootstrap" or extensions/*; 0644 else. Symlinks 0777.
std::uint32_t output_mode(const PackageFile& file);

std::string zip_library_version();  // "libdeflate 1.14": it decides the bytes of the zip

// What the zip would weigh: compresses a sample of blocks of the files (the whole of small ones).
struct ZipEstimate {
  std::uint64_t bytes = 0;  // best estimate of the zip's size
  double error = 0;         // relative, 95 %: the size is within bytes * (1 ± error); 0 when exact
};
// Compresses about sample_bytes of the package (at Level::fast, 60 MB a second; everything at options.level when the
// package is no larger). Deterministic. Real packages with 2 MB: error 0.05 to 0.10 stated, 0.02 found; it halves with
// four times the sample.
Result<ZipEstimate> estimate_zip(const Package& package, const WriteOptions& options, std::uint64_t sample_bytes);

// What is left of a file.
struct ByteRange {
  std::uint64_t offset = 0, size = 0;
};
struct FilePart {
  bool left = true;                // false: the file is left out
  std::vector<ByteRange> removed;  // bytes that go, sorted, not overlapping
};

// The same, and from the same sample the zip of a part of the package. parts: parallel to the files.
struct ZipEstimates {
  ZipEstimate whole, part;
};
Result<ZipEstimates> estimate_zip_and_part(const Package& package, const WriteOptions& options,
                                           std::uint64_t sample_bytes, const std::vector<FilePart>& parts);

}  // namespace lambdapack
