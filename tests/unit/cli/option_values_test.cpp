// Sizes, numbers and settings as people write them.
#include "cli/option_values.h"

#include <doctest/doctest.h>

using namespace lambdapack;

TEST_CASE("sizes are binary whatever the spelling of the unit") {
  CHECK(parse_size("--s", "0").value() == 0);
  CHECK(parse_size("--s", "262144000").value() == 262'144'000);
  CHECK(parse_size("--s", "12b").value() == 12);
  CHECK(parse_size("--s", "4GiB").value() == 4ULL << 30);
  CHECK(parse_size("--s", "4 gb").value() == 4ULL << 30);
  CHECK(parse_size("--s", "1.5K").value() == 1536);
  CHECK(parse_size("--s", "500MB").value() == 500ULL << 20);
  CHECK(parse_size("--s", "2T").value() == 2ULL << 40);
}

TEST_CASE("what is no size is refused") {
  for (const char* text : {"", "MB", "-1", "4XB", "4 G iB", "1e300", "inf", "nan", "99999999999999T", "1,5G", "0x10"}) {
    CHECK_MESSAGE(!parse_size("--s", text).has_value(), text);
  }
}

TEST_CASE("numbers must be whole and in range") {
  CHECK(parse_number("-j", "16", 0, 16).value() == 16);
  for (const char* text : {"", "17", "-1", "1.5", "8x", " 8", "99999999999999999999"}) {
    CHECK_MESSAGE(!parse_number("-j", text, 0, 16).has_value(), text);
  }
}

TEST_CASE("a setting may have an empty value and more equal signs, but needs a name") {
  const auto settings = parse_settings("--env", {"A=", "B=1=2", "A=last"});
  CHECK(settings.value().at("A") == "last");
  CHECK(settings.value().at("B") == "1=2");
  CHECK(!parse_settings("--env", {"=1"}).has_value());
}

TEST_CASE("a slip finds its word, another word finds none") {
  CHECK(nearest("anaylze", {"analyze", "pack"}) == "analyze");
  CHECK(nearest("--keepsdk", {"--keep", "--keep-sdk"}) == "--keep-sdk");
  CHECK(nearest("deploy", {"analyze", "pack"}).empty());
  CHECK(nearest("", {"analyze"}).empty());
}

TEST_CASE("bytes that are no text do not reach the terminal raw") {
  const auto result = parse_number("-j", "\x1b[2J\xff", 0, 1);
  REQUIRE(!result.has_value());
  CHECK(result.error().message.find('\x1b') == std::string::npos);
}
