// How a file of a package stands in a zip: its name, attributes and headers. What is said here decides the bytes of the
// zip.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "package/package.h"

namespace lambdapack {

struct ZipEntry {
  std::string name;  // folders end in "/"
  std::uint32_t attributes = 0;
  std::uint16_t flags = 0, method = 0;
  std::uint32_t crc = 0;
  std::uint64_t size = 0, packed_size = 0;
  std::uint64_t offset = 0;  // of the local header
};

// Name, attributes and flags; the rest is known once the bytes are.
ZipEntry describe_entry(const PackageFile& file);

std::vector<std::uint8_t> local_header(const ZipEntry& entry);

// The table of contents that starts at `offset`, with the end records.
std::vector<std::uint8_t> central_directory(const std::vector<ZipEntry>& entries, std::uint64_t offset);

}  // namespace lambdapack
