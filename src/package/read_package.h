// A path on the command line becomes a Package, or the reason why it must not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "package/package.h"

namespace lambdapack {

struct ReadOptions {
  std::uint64_t max_unpacked = 4ULL << 30;  // bytes of all files together
  std::uint64_t max_files = 500'000;        // files, links and folders together
  bool follow_links = false;                // folders only: links out of the folder become copies
  unsigned threads = 0;                     // for unpacking zips; 0: one per processor
  // Tars only: the bytes of other files are passed over, and their content is empty. Not set: all are wanted.
  std::function<bool(const std::string& path)> wanted = {};
};

// path is a folder, an archive (zip, whl, jar; tar plain or with gz, xz, zst, bz2; told by content, not by name), an
// ELF file (a package with that one file, named "bootstrap" if it is an executable, else by its own name), or "-" for
// an archive on standard input.
//
// Errors (nothing is returned half-read): absolute or ".." member paths, members extracted through a link, duplicate
// paths, FIFOs, sockets and devices, encrypted members, members that inflate past their declared size or fail their
// checksum, more than max_unpacked or max_files, unreadable files.
Result<Package> read_package(const std::string& path, const ReadOptions& options);

// The same for an archive that is in memory (a jar inside a package). `name` is for messages.
Result<Package> read_archive(const std::string& name, Content archive, const ReadOptions& options);

}  // namespace lambdapack
