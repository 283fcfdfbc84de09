// SHA-256 (libcrypto) and the two ways it is written down.
#pragma once

#include <array>
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

std::string to_hex(Bytes bytes);     // lower case
std::string to_base64(Bytes bytes);  // with padding: Lambda's CodeSha256 is to_base64(sha256(zip))

}  // namespace lambdapack
