// The table at the end of a zip, as it stands there: raw names, modes, sizes, and where each member's data lies.
//
// Read here and not by libarchive: that converts names to the locale and to one Unicode normal form, and does not say
// whether a mode comes from the archive or is its own default. Format: PKWARE's APPNOTE.TXT 6.3.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace lambdapack {

struct ZipMember {
  std::string_view name;     // raw, into the archive
  std::uint16_t method = 0;  // 0 stored, 8 deflate
  std::uint32_t crc = 0;
  std::uint64_t size = 0;         // as declared: may lie
  std::uint64_t packed_size = 0;  // lies inside the archive
  std::uint64_t data_offset = 0;
  std::uint64_t header_offset = 0;  // of its local header
  std::uint64_t record_offset = 0;  // of its entry in the table
  std::uint64_t record_size = 0;    // with name, extra field and comment
  std::uint32_t unix_mode = 0;      // with file type; 0 when the zip was not made on Unix or has no mode
  bool dos_folder = false;
  bool utf8 = false;  // flag bit 11
  std::int64_t mtime = 0;
  bool mtime_is_local = true;  // DOS date only, see PackageFile
};

struct ZipDirectory {
  std::vector<ZipMember> members;  // in the order of the table
  std::string_view comment;
  bool is_plain = false;  // every byte belongs to a member, the table or its end; and no zip64 fields
};

// Whether bytes end as a zip does (an end-of-table record), with or without something before the first member.
bool has_zip_end(Bytes archive);

// Errors: truncated or contradicting tables, members that overlap (a bomb), encrypted members, several disks. `name` is
// for messages.
Result<ZipDirectory> read_zip_directory(std::string_view name, Bytes archive);

}  // namespace lambdapack
