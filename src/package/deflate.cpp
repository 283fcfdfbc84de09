// libdeflate's state is large (over 1 MB at level 12), so each thread keeps one of each kind; see deflate.h.
#include "package/deflate.h"

#include <libdeflate.h>

#include <array>
#include <memory>
#include <new>

#include "package/write_package.h"

namespace lambdapack {
namespace {

struct FreeCompressor {
  void operator()(libdeflate_compressor* compressor) const { libdeflate_free_compressor(compressor); }
};
struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};

libdeflate_compressor* compressor_of(Level level) {
  constexpr std::array<int, 3> levels = {6, 9, 12};
  thread_local std::array<std::unique_ptr<libdeflate_compressor, FreeCompressor>, 3> compressors;
  auto& compressor = compressors[static_cast<std::size_t>(level)];
  if (!compressor) compressor.reset(libdeflate_alloc_compressor(levels[static_cast<std::size_t>(level)]));
  if (!compressor) throw std::bad_alloc();  // as every other allocation here
  return compressor.get();
}

// The stream's size in `scratch`; 0 when it is not smaller than bytes.
std::size_t deflate_into(Bytes bytes, Level level, std::vector<std::uint8_t>& scratch) {
  // Under 2 bytes nothing can get smaller.
  if (bytes.size() < 2) return 0;
  if (scratch.size() < bytes.size() - 1) scratch.resize(bytes.size() - 1);
  return libdeflate_deflate_compress(compressor_of(level), bytes.data(), bytes.size(), scratch.data(),
                                     bytes.size() - 1);
}

libdeflate_decompressor* decompressor() {
  thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> one(libdeflate_alloc_decompressor());
  if (!one) throw std::bad_alloc();
  return one.get();
}

}  // namespace

Level level_for(Level asked, std::uint64_t bytes) {
  constexpr std::uint64_t kSmall = 24 << 20;
  return asked == Level::normal && bytes <= kSmall ? Level::best : asked;
}

std::uint32_t crc32(Bytes bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

std::optional<std::vector<std::uint8_t>> deflate(Bytes bytes, Level level) {
  std::vector<std::uint8_t> packed;
  const std::size_t size = deflate_into(bytes, level, packed);
  if (size == 0) return std::nullopt;
  packed.resize(size);
  packed.shrink_to_fit();
  return packed;
}

std::uint64_t deflated_size(Bytes bytes, Level level) {
  thread_local std::vector<std::uint8_t> scratch;
  const std::size_t size = deflate_into(bytes, level, scratch);
  return size == 0 ? bytes.size() : size;
}

std::optional<std::vector<std::uint8_t>> inflate_zlib(Bytes packed, std::uint64_t most) {
  std::vector<std::uint8_t> bytes(std::min<std::uint64_t>(most, packed.size() * std::uint64_t{4} + 1));
  while (true) {
    std::size_t used = 0, written = 0;
    const auto status = libdeflate_zlib_decompress_ex(decompressor(), packed.data(), packed.size(), bytes.data(),
                                                      bytes.size(), &used, &written);
    if (status == LIBDEFLATE_SUCCESS) {
      bytes.resize(written);
      return bytes;
    }
    if (status != LIBDEFLATE_INSUFFICIENT_SPACE || bytes.size() >= most) return std::nullopt;
    bytes.resize(std::min<std::uint64_t>(most, bytes.size() * std::uint64_t{4}));
  }
}

Inflated inflate(Bytes packed, std::uint64_t size) {
  if (size / 1032 > packed.size()) return {{}, InflateError::damaged};
  Inflated result;
  result.bytes.resize(size);
  std::size_t used = 0, written = 0;
  const auto status = libdeflate_deflate_decompress_ex(decompressor(), packed.data(), packed.size(),
                                                       result.bytes.data(), result.bytes.size(), &used, &written);
  if (status == LIBDEFLATE_INSUFFICIENT_SPACE) {
    result.error = InflateError::larger;
  } else if (status != LIBDEFLATE_SUCCESS || used != packed.size()) {
    result.error = InflateError::damaged;
  } else if (written != size) {
    result.error = InflateError::smaller;
  }
  return result;
}

std::string zip_library_version() {
  return "libdeflate " LIBDEFLATE_VERSION_STRING;
}

}  // namespace lambdapack
