// How numbers look in the report.
#include "base/units.h"

#include <doctest/doctest.h>

namespace lambdapack {

TEST_CASE("format_bytes uses binary steps and never prints 1024.0") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1024) == "1.0 KB");
  CHECK(format_bytes(262'144'000) == "250.0 MB");
  CHECK(format_bytes(1'048'575) == "1.0 MB");
  CHECK(format_bytes(~0ULL) == "16.0 EB");
}

TEST_CASE("format_count groups digits by three") {
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(1000) == "1,000");
  CHECK(format_count(262'144'000) == "262,144,000");
}

TEST_CASE("format_ms changes to seconds before it would print 1000 ms") {
  CHECK(format_ms(0) == "0 ms");
  CHECK(format_ms(2.25) == "2.2 ms");
  CHECK(format_ms(84.2) == "84 ms");
  CHECK(format_ms(999.4) == "999 ms");
  CHECK(format_ms(999.6) == "1.0 s");
  CHECK(format_ms(1250) == "1.2 s");
}

TEST_CASE("format_percent of nothing is 0 %, and there is no negative zero") {
  CHECK(format_percent(31.4, 100) == "31.4 %");
  CHECK(format_percent(1, 0) == "0 %");
  CHECK(format_percent(-0.01, 100) == "0.0 %");
}

}  // namespace lambdapack
