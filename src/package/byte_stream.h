// The bytes of an archive one after the other, as they are or decompressed on the way.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace lambdapack {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Fills `into` as far as there are bytes; fewer mean the end.
  virtual Result<std::size_t> read(std::span<std::uint8_t> into) = 0;
};

std::unique_ptr<ByteStream> plain_stream(Bytes bytes);

// gzip, bzip2, xz or zstd, told by content. `name` is for messages. bytes must outlive the stream.
Result<std::unique_ptr<ByteStream>> decompressed_stream(const std::string& name, Bytes bytes);

}  // namespace lambdapack
