#include "languages/python_version.h"

#include <doctest/doctest.h>

using namespace lambdapack;

namespace {

PythonVersion version(std::string_view text) {
  const auto parsed = parse_python_version(text);
  REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

}  // namespace

TEST_CASE("versions are ordered by number, and pre-releases come before, post-releases after the release") {
  CHECK(version("1.9.0") < version("1.10.0"));
  CHECK(version("1.42.97") > version("1.40.60"));
  CHECK(version("1.0") == version("1.0.0"));
  CHECK(version("2.0.dev3") < version("2.0a1"));
  CHECK(version("2.0a2") < version("2.0b1"));
  CHECK(version("2.0rc1") < version("2.0"));
  CHECK(version("2.9.0.post0") > version("2.9.0"));
  CHECK(version("2.0+cu12") == version("2.0"));
}

TEST_CASE("text that is no version is not compared") {
  CHECK_FALSE(parse_python_version(""));
  CHECK_FALSE(parse_python_version("unknown"));
  CHECK_FALSE(parse_python_version("1.0-beautiful"));
  CHECK_FALSE(parse_python_version("99999999999999999999999"));
}

TEST_CASE("specifiers are met as pip reads them") {
  CHECK(meets(version("1.42.97"), "(<2.0.0,>=1.20)") == true);
  CHECK(meets(version("1.42.97"), ">=1.40.46, <1.40.62") == false);
  CHECK(meets(version("1.40.9"), "==1.40.*") == true);
  CHECK(meets(version("1.41.0"), "==1.40.*") == false);
  CHECK(meets(version("1.4.7"), "~=1.4.2") == true);
  CHECK(meets(version("1.5.0"), "~=1.4.2") == false);
  CHECK(meets(version("1.5.0"), "~=1.4") == true);
  CHECK(meets(version("2.2.0"), "!=2.2.0") == false);
  CHECK(meets(version("2.2.0"), "") == true);
}

TEST_CASE("a specifier that is not understood is neither met nor not met") {
  CHECK_FALSE(meets(version("1.0"), "@ https://example.com/x.whl"));
  CHECK_FALSE(meets(version("1.0"), "=== 1.0"));
  CHECK_FALSE(meets(version("1.0"), ">=1.0 or so"));
}
