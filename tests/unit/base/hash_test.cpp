// Known answers: FIPS 180-2 for SHA-256, RFC 4648 for base64.
#include "base/hash.h"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

namespace lambdapack {

TEST_CASE("sha256 gives the published digests, in one piece or in several") {
  CHECK(to_hex(sha256(as_bytes("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256Stream stream;
  stream.add(as_bytes("a"));
  stream.add({});
  stream.add(as_bytes("bc"));
  CHECK(stream.finish() == sha256(as_bytes("abc")));
}

TEST_CASE("to_base64 pads as RFC 4648 says") {
  CHECK(to_base64({}) == "");
  CHECK(to_base64(as_bytes("f")) == "Zg==");
  CHECK(to_base64(as_bytes("fo")) == "Zm8=");
  CHECK(to_base64(as_bytes("foo")) == "Zm9v");
  CHECK(to_base64(as_bytes("\xfb\xff\xbf")) == "+/+/");
}

TEST_CASE("siphash: the reference's vectors for 2-4") {
  // vectors.h of github.com/veorq/SipHash: key 00 01 … 0f, input 00 01 …
  const SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::vector<std::uint8_t> input;
  const auto hash = [&] { return to_hex(siphash(input, key, {2, 4})); };
  CHECK(hash() == "310e0edd47db6f72");
  input = {0};
  CHECK(hash() == "fd67dc93c539f874");
  for (std::uint8_t i = 1; i < 15; ++i) input.push_back(i);
  CHECK(hash() == "e545be4961ca29a1");
}

TEST_CASE("siphash: other rounds give other hashes, as CPython 3.11 computes them") {
  // python3.11 -c 'import _imp; print(_imp.source_hash(0xa0d0da7, b"import os\n").hex())'
  const std::string_view text = "import os\n";
  CHECK(to_hex(siphash(as_bytes(text), {0xa0d0da7, 0}, {1, 3})) == "bf452971496c7b11");
  CHECK(to_hex(siphash(as_bytes(text), {0xa0d0da7, 0}, {2, 4})) != "bf452971496c7b11");
}

}  // namespace lambdapack
