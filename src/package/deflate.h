// Deflate streams and CRC-32, through libdeflate: the only file that knows it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "package/write_package.h"

namespace lambdapack {

// What a level asked for means for a package with this many bytes: Level::normal, the default, is as thorough as
// Level::best while that costs little (docs/decisions/0028).
Level level_for(Level asked, std::uint64_t bytes);

std::uint32_t crc32(Bytes bytes);

// bytes as a raw deflate stream; nothing when that would not be smaller. Depends on bytes, level and libdeflate's
// version only. Memory for about bytes.size() more.
std::optional<std::vector<std::uint8_t>> deflate(Bytes bytes, Level level);

// The size that deflate() would give, bytes.size() when it does not help.
std::uint64_t deflated_size(Bytes bytes, Level level);

enum class InflateError { none, damaged, larger, smaller };  // than the declared size

struct Inflated {
  std::vector<std::uint8_t> bytes;
  InflateError error = InflateError::none;
};

// A zlib stream (RFC 1950) of at most `most` bytes unpacked, whose size is not known; nothing when it is damaged or
// larger.
std::optional<std::vector<std::uint8_t>> inflate_zlib(Bytes packed, std::uint64_t most);

// The stream must fill packed and give exactly `size` bytes. A size that deflate cannot reach from so little (its limit
// is 1032 to 1) is refused before memory is taken for it.
Inflated inflate(Bytes packed, std::uint64_t size);

}  // namespace lambdapack
