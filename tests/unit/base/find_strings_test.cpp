// The filter must never lose a needle: every length, every alignment, every border of the pieces it works in.
#include "base/find_strings.h"

#include <doctest/doctest.h>

#include <random>

namespace lambdapack {
namespace {

std::vector<std::size_t> find(const std::vector<std::string>& needles, std::string_view haystack, bool utf16 = false) {
  return StringSet(needles).find_in(as_bytes(haystack), utf16);
}

}  // namespace

// Sets of long needles only are looked for in longer strides.
TEST_CASE("needles are found at every offset, also across the borders of pieces and at the very end") {
  std::size_t shortest = 0;
  SUBCASE("of all lengths") {
    shortest = 3;
  }
  SUBCASE("of 7 bytes and more") {
    shortest = 7;
  }
  SUBCASE("of 11 bytes and more") {
    shortest = 11;
  }
  std::vector<std::string> needles;
  for (std::size_t length = shortest; length <= 24; ++length)
    needles.push_back(std::string("0123456789abcdefghijklmnop").substr(0, length));
  const StringSet set(needles);
  for (std::size_t n = 0; n < needles.size(); ++n)
    for (std::size_t offset = 0; offset < 40; ++offset)
      for (const std::size_t base : {std::size_t{0}, std::size_t{65536 - 20}}) {
        const std::string haystack = std::string(base + offset, '\0') + needles[n];
        const auto found = set.find_in(as_bytes(haystack));
        // Every shorter needle is a prefix of this one.
        REQUIRE_MESSAGE(found.size() == n + 1, "needle ", n, " at ", base + offset);
      }
}

TEST_CASE("random needles in random text: the same answer as a plain search") {
  std::mt19937 random(20);
  for (int round = 0; round < 60; ++round) {
    const auto word = [&](std::size_t length) {
      std::string text(length, 'a');
      for (char& c : text) c = static_cast<char>('a' + random() % 3);
      return text;
    };
    std::vector<std::string> needles;
    for (int i = 0; i < 200; ++i) needles.push_back(word(3 + random() % 14));
    const std::string haystack = word(random() % 3000);
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < needles.size(); ++i)
      if (haystack.find(needles[i]) != std::string::npos) expected.push_back(i);
    CHECK(find(needles, haystack) == expected);
  }
}

TEST_CASE("needles under three bytes are never reported, and equal needles are reported each") {
  CHECK(find({"", "a", "ab", "abc", "abc"}, "xxabcxx") == std::vector<std::size_t>{3, 4});
  CHECK(find({}, "abc").empty());
  CHECK(find({"abc"}, "").empty());
  CHECK(find({"abc"}, "ab").empty());
}

TEST_CASE("UTF-16 text is found only when asked for") {
  const std::string wide("l\0i\0b\0x\0.\0s\0o\0\xE9\0", 16);
  CHECK(find({"libx.so", "libx.so\xC3\xA9", "ibx"}, wide).empty());
  CHECK(find({"libx.so", "libx.so\xC3\xA9", "ibx", "so"}, wide, true) == std::vector<std::size_t>{0, 1, 2});
}

}  // namespace lambdapack
