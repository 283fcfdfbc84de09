// gitignore's patterns, as https://git-scm.com/docs/gitignore describes them.
#include "base/glob.h"

#include <doctest/doctest.h>

#include <string>

namespace lambdapack {

TEST_CASE("a pattern without a slash matches a name in any folder, and everything below a folder of that name") {
  CHECK(glob_match("*.so", "lib/a.so"));
  CHECK(glob_match("*.so", "a.so"));
  CHECK_FALSE(glob_match("*.so", "a.so.1"));
  CHECK(glob_match("tests", "numpy/tests/data/a.txt"));
  CHECK_FALSE(glob_match("tests", "numpy/mytests/a.txt"));
}

TEST_CASE("a pattern with a slash is anchored at the root") {
  CHECK(glob_match("lib/*.so", "lib/a.so"));
  CHECK_FALSE(glob_match("lib/*.so", "x/lib/a.so"));
  CHECK_FALSE(glob_match("lib/*.so", "lib/x/a.so"));
  CHECK(glob_match("/bootstrap", "bootstrap"));
  CHECK_FALSE(glob_match("/bootstrap", "bin/bootstrap"));
  CHECK(glob_match("numpy/core", "numpy/core/a/b.py"));
}

TEST_CASE("a trailing slash names a folder, never a file") {
  CHECK(glob_match("doc/", "a/doc/b"));
  CHECK_FALSE(glob_match("doc/", "a/doc"));
}

TEST_CASE("two stars pass slashes, one star does not") {
  CHECK(glob_match("**/foo.so", "foo.so"));
  CHECK(glob_match("**/foo.so", "a/b/foo.so"));
  CHECK_FALSE(glob_match("**/foo.so", "a/xfoo.so"));
  CHECK(glob_match("a/**/b", "a/b"));
  CHECK(glob_match("a/**/b", "a/x/y/b"));
  CHECK_FALSE(glob_match("a/**/b", "a/x/yb"));
  CHECK(glob_match("a/**", "a/x/y"));
  CHECK_FALSE(glob_match("a/**", "a"));
  CHECK(glob_match("**/tests/*.py", "p/tests/q/tests/a.py"));
}

TEST_CASE("sets, question marks and escapes") {
  CHECK(glob_match("lib?.so", "liba.so"));
  CHECK(glob_match("a/b?c", "a/bxc"));
  CHECK_FALSE(glob_match("a?c", "a/c"));
  CHECK(glob_match("[a-c][!x]", "by"));
  CHECK_FALSE(glob_match("[a-c][!x]", "bx"));
  CHECK_FALSE(glob_match("/a[!x]b", "a/b"));
  CHECK(glob_match("[]x]", "]"));
  CHECK(glob_match("a[b", "a[b"));
  CHECK(glob_match("\\*", "*"));
  CHECK_FALSE(glob_match("\\*", "a"));
}

TEST_CASE("an empty pattern matches nothing, and many stars do not take forever") {
  CHECK_FALSE(glob_match("", "a"));
  CHECK_FALSE(glob_match("/", "a"));
  CHECK_FALSE(glob_match("a*a*a*a*a*a*a*a*a*a*a*a*b", std::string(2000, 'a')));
}

}  // namespace lambdapack
