// One tar header with what the records before it say about it (long names, pax).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace lambdapack {

inline constexpr std::size_t kTarBlock = 512;

struct TarHeader {
  std::string name, link;
  char type = '0';
  std::uint32_t mode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime = 0;
};

// block has kTarBlock bytes. Nothing when its checksum or a number in it is wrong.
std::optional<TarHeader> parse_tar_header(Bytes block);

// What a pax record replaces in the header that follows it (POSIX.1-2001 pax, "Extended Header").
struct PaxValues {
  std::optional<std::string> path, link;
  std::optional<std::uint64_t> size;
  std::optional<std::int64_t> mtime;
  bool sparse = false;  // GNU.sparse.*: the data are not the file
};

// Nothing when the records are malformed.
std::optional<PaxValues> parse_pax(std::string_view records);

}  // namespace lambdapack
