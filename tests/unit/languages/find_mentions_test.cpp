#include "languages/find_mentions.h"

#include <doctest/doctest.h>

using namespace lambdapack;

namespace {

Package two_files() {
  Package package;
  package.files = {{.path = "a.py", .link_target = {}, .content = Content::from_text("import urllib3")},
                   {.path = "b.py", .link_target = {}, .content = Content::from_file("/nonexistent/lambdapack", 7)}};
  return package;
}

}  // namespace

TEST_CASE("a search takes what it was shown, reads the rest, and fails when that cannot be read") {
  const Package package = two_files();
  MentionSearch shown({{0, 0}, {1, 1}}, {"urllib3", "jmespath"}, is_whole_word);
  shown.see(1, as_bytes("from jmespath import x, urllib3x"));
  shown.see(7, as_bytes("urllib3"));  // none of its files
  const auto mentions = shown.finish(package, 2);
  REQUIRE(mentions.has_value());
  REQUIRE(mentions->size() == 2);
  CHECK(mentions->at(0).group == 0);
  CHECK(mentions->at(0).name == 0);
  CHECK(mentions->at(1).group == 1);
  CHECK(mentions->at(1).name == 1);
  CHECK_FALSE(find_mentions(package, {{0, 0}, {1, 1}}, {"urllib3"}, is_whole_word, 1).has_value());
}
