// Known answers: FIPS 180-2 for SHA-256, RFC 4648 for base64.
#include "base/hash.h"

#include <doctest/doctest.h>

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

}  // namespace lambdapack
