// SHA-256 and SipHash (libcrypto), and the two ways a hash is written down.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace lambdapack {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(Bytes bytes);

// For streams: add pieces, then finish once.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(const Sha256Stream&) = delete;
  Sha256Stream& operator=(const Sha256Stream&) = delete;
  void add(Bytes bytes);
  Sha256 finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// SipHash-c-d of 64 bits, as its bytes stand in the reference's test vectors (little-endian). key: its first eight
// bytes in the low half.
struct SipKey {
  std::uint64_t low = 0, high = 0;
};
struct SipRounds {
  unsigned compression = 2, finalization = 4;
};
using SipHash = std::array<std::uint8_t, 8>;
SipHash siphash(Bytes bytes, SipKey key, SipRounds rounds);

std::string to_hex(Bytes bytes);     // lower case
std::string to_base64(Bytes bytes);  // with padding: Lambda's CodeSha256 is to_base64(sha256(zip))

}  // namespace lambdapack
