// Every number of the table may lie; no memory is taken for a size that the packed bytes cannot reach.
#include "package/zip_member.h"

#include <utility>

#include <fmt/format.h>

#include "package/deflate.h"
#include "package/zip_format.h"

namespace lambdapack {
namespace {

std::string method_name(std::uint16_t method) {
  switch (method) {
    case 9: return "deflate64";
    case 12: return "bzip2";
    case 14: return "LZMA";
    case 93: return "zstd";
    case 95: return "xz";
    default: return fmt::format("method {}", method);
  }
}

}  // namespace

Result<std::vector<std::uint8_t>> unpack_member(const std::string& subject, Bytes archive, const ZipMember& member) {
  const Bytes packed = archive.subspan(member.data_offset, member.packed_size);
  Inflated data;
  if (member.method == zip::kStored) {
    if (member.size != member.packed_size)
      return fail(subject, fmt::format("is stored in {} bytes but declares {}", member.packed_size, member.size),
                  "fetch or build it again");
    data.bytes.assign(packed.begin(), packed.end());
  } else if (member.method == zip::kDeflated) {
    data = inflate(packed, member.size);
  } else {
    return fail(subject, fmt::format("is compressed with {}, which Lambda does not unpack", method_name(member.method)),
                "make the zip again with deflate");
  }
  switch (data.error) {
    case InflateError::none: break;
    case InflateError::damaged: return fail(subject, "is damaged: it does not unpack", "fetch or build it again");
    case InflateError::larger:
      return fail(subject, fmt::format("unpacks to more than the {} bytes it declares", member.size),
                  "do not trust this archive");
    case InflateError::smaller:
      return fail(subject, fmt::format("unpacks to less than the {} bytes it declares", member.size),
                  "fetch or build it again");
  }
  if (crc32(data.bytes) != member.crc)
    return fail(subject, "is damaged: its checksum is wrong", "fetch or build it again");
  return std::move(data.bytes);
}

}  // namespace lambdapack
