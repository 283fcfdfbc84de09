#include "languages/node_mentions.h"

#include <doctest/doctest.h>

#include "languages/node_packages.h"
#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

bool says_md(std::string_view text) {
  return !TextQuestions({".md"}, {}).words_in(text).empty();
}

}  // namespace

TEST_CASE("text questions: comments by their lines, and code that only looks like one") {
  for (const char* comment :
       {"// see a.md", "  // a.md\nx()", "/* a.md */ x()", "/**\n * a.md\n */", "  * see a.md */"})
    CHECK_MESSAGE(!says_md(comment), comment);
  for (const char* code : {"/* webpackIgnore */ open('a.md')", "*list() { yield 'a.md' }", "*'a.md'",
                           "x() // y\nopen('a.md')", " * end */ open('a.md')"})
    CHECK_MESSAGE(says_md(code), code);
}

TEST_CASE("text questions: a line too long to see its beginning is no comment") {
  CHECK(says_md("//" + std::string(400, 'x') + ".md"));
  CHECK(says_md("//" + std::string(299, ' ') + "a.md"));
}

TEST_CASE("text questions: addresses of the web, and of files") {
  CHECK_FALSE(says_md("x('https://host/a.md')"));
  CHECK(says_md("new URL('file:///var/task/a.md')"));
  CHECK(says_md("`file://${dir}/a.md`"));
}
