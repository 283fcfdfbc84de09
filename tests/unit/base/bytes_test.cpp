// Text or not: the border cases of UTF-8.
#include "base/bytes.h"

#include <doctest/doctest.h>

namespace lambdapack {

TEST_CASE("is_utf8 accepts every length of sequence and rejects overlong forms, surrogates and cut ones") {
  for (const char* good : {"", "libfoo.so", "caf\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x90\x91", "\xEF\xBF\xBF"})
    CHECK(is_utf8(good));
  for (const char* bad :
       {"caf\xE9", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"})
    CHECK_FALSE(is_utf8(bad));
}

TEST_CASE("printable keeps UTF-8 and writes control characters and other bytes as \\xNN") {
  CHECK(printable("caf\xC3\xA9 1") == "caf\xC3\xA9 1");
  CHECK(printable("caf\xE9") == "caf\\xe9");
  CHECK(printable("a\x1b[31mb\n") == "a\\x1b[31mb\\x0a");
  CHECK(printable("\xE2\x80\xAEgnp.so") == "\\xe2\\x80\\xaegnp.so");  // right-to-left override
  CHECK(printable("\xC2\x85") == "\\xc2\\x85");
}

}  // namespace lambdapack
