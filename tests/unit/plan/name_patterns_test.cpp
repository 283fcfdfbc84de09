// Strings that names of libraries are made from.
#include <doctest/doctest.h>

#include "plan/name_patterns.h"

using namespace lambdapack;

namespace {

NamePattern only(std::string_view text) {
  const auto patterns = name_patterns(text);
  REQUIRE(patterns.size() == 1);
  return patterns.front();
}

}  // namespace

TEST_CASE("printf conversions, braces, shell variables and wildcards around .so make a pattern") {
  CHECK(only(std::string_view("\0lib%s.so.%d\0", 13)).file == "lib*.so.*");
  CHECK(only("f\"libcodec-{name}.so\"").file == "libcodec-*.so");
  CHECK(only("`lib${arch()}_x.so`").file == "lib*_x.so");
  CHECK(only("exec ./plug_$ARCH.so").file == "plug_*.so");
  CHECK(only("glob('plugins/*.so*')").file == "*.so*");
  CHECK(only("glob('plugins/*.so*')").folder == "plugins");
  CHECK(only("\"%1$s/lib%2$-5ld.so\"").file == "lib*.so");
  CHECK(only("'libz[0-9].so'").file == "libz*.so");
}

TEST_CASE("a whole name, and a word that only begins with .so, are no patterns") {
  CHECK(name_patterns("libfoo.so.1 other.sort(%s) x.source").empty());
  CHECK(name_patterns("").empty());
  CHECK(name_patterns(".so").empty());
}

TEST_CASE("a pattern says something when three letters or digits of the name or of its folder are fixed") {
  CHECK(only("'libfoo-%s.so'").names_files());
  CHECK_FALSE(only("'lib%s.so'").names_files());
  CHECK_FALSE(only("'lib%s.so.1234'").names_files());
  CHECK(only("'codecs/%s.so'").names_folder());
  CHECK_FALSE(only("'lib64/%s.so'").names_folder());
}

TEST_CASE("unclosed braces and endless strings are cut, not followed") {
  CHECK(name_patterns(std::string(100'000, '{') + ".so").size() <= 1);
  CHECK(name_patterns(std::string(100'000, '}') + ".so{").empty());
  CHECK(only(std::string(100'000, 'a') + "%s.so").written.size() < 300);
}

TEST_CASE("a folder's name counts between slashes, quotes and string ends, not in a sentence") {
  CHECK(names_folder(std::string_view("%s/engines-3\0", 13), "engines-3"));
  CHECK(names_folder("join(here, 'codecs')", "codecs"));
  CHECK(names_folder("codecs/x", "codecs"));
  CHECK_FALSE(names_folder("all codecs are here", "codecs"));
  CHECK_FALSE(names_folder("/mycodecs/", "codecs"));
}
