#include "languages/node_packages.h"

#include <doctest/doctest.h>

#include "languages/node_range.h"
#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

TEST_CASE("package.json gives version, dependencies of all kinds, engines and platforms") {
  const auto parsed = parse_package_json(
      "\xEF\xBB\xBF{\"name\": \"x\", \"version\": \"1.2.3\", \"dependencies\": {\"b\": \"1\"},"
      " \"optionalDependencies\": {\"a\": \"*\"}, \"peerDependencies\": {\"b\": \"2\"}, \"devDependencies\": {\"c\": "
      "\"1\"},"
      " \"engines\": {\"node\": \">=18\"}, \"os\": \"linux\", \"cpu\": [\"arm64\", 7], \"libc\": [\"glibc\"],"
      " \"exports\": {\".\": {\"import\": {\"types\": \"./x\"}}}}");
  REQUIRE(parsed);
  CHECK(parsed->version == "1.2.3");
  CHECK(parsed->dependencies == std::vector<std::string>{"a", "b"});
  CHECK(parsed->engines_node == ">=18");
  CHECK(parsed->os == std::vector<std::string>{"linux"});
  CHECK(parsed->cpu == std::vector<std::string>{"arm64"});
  CHECK(parsed->libc == std::vector<std::string>{"glibc"});
}

TEST_CASE("a package.json with fields of other types than expected is read without them") {
  const auto parsed = parse_package_json(R"({"version": 1, "dependencies": ["a"], "engines": "node", "os": null})");
  REQUIRE(parsed);
  CHECK(parsed->version.empty());
  CHECK(parsed->dependencies.empty());
  CHECK(parsed->engines_node.empty());
}

TEST_CASE("text that is no JSON object is no package.json, however deep it nests") {
  CHECK_FALSE(parse_package_json(""));
  CHECK_FALSE(parse_package_json("[]"));
  CHECK_FALSE(parse_package_json("{\"version\": "));
  CHECK_FALSE(parse_package_json(std::string(100'000, '[')));
  std::string deep = "{\"a\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  CHECK(parse_package_json(deep));
}

TEST_CASE("a package owns what is below it but not the packages in its own node_modules") {
  const TestPackage made = MakePackage()
                               .file("index.js", "")
                               .file("node_modules/.bin/tool", "#!/usr/bin/env node\n")
                               .file("node_modules/a/package.json", R"({"name": "a", "version": "1.0.0"})")
                               .file("node_modules/a/dist/esm/package.json", R"({"type": "module"})")
                               .file("node_modules/a/node_modules/.bin/b", "")
                               .file("node_modules/a/node_modules/b/package.json", "{}")
                               .file("node_modules/a/node_modules/b/index.js", "")
                               .file("node_modules/@s/c/package.json", R"({"version": "2.0.0"})")
                               .file("node_modules/@s/c/index.js", "")
                               .file("node_modules/loose/index.js", "")
                               .make();
  const auto packages = read_node_packages(made.package, 1);
  REQUIRE(packages);
  REQUIRE(packages->found.size() == 3);
  CHECK(packages->found[0].name == "@s/c");
  CHECK(packages->found[0].folder == "node_modules/@s/c");
  CHECK(packages->found[0].version == "2.0.0");
  CHECK(packages->found[1].name == "a");
  CHECK(made.paths(packages->found[1].files) == std::vector<std::string>{"node_modules/a/dist/esm/package.json",
                                                                         "node_modules/a/node_modules/.bin/b",
                                                                         "node_modules/a/package.json"});
  CHECK(packages->found[2].folder == "node_modules/a/node_modules/b");
  CHECK(packages->found[2].files.size() == 2);
  CHECK_FALSE(packages->owner[made.at("index.js")]);
  CHECK_FALSE(packages->owner[made.at("node_modules/.bin/tool")]);
  CHECK_FALSE(packages->owner[made.at("node_modules/loose/index.js")]);
}

TEST_CASE("a broken package.json is a finding, and its package still owns its files") {
  const TestPackage made =
      MakePackage().file("node_modules/a/package.json", "{,}").file("node_modules/a/index.js", "").make();
  const auto packages = read_node_packages(made.package, 1);
  REQUIRE(packages);
  REQUIRE(packages->findings.size() == 1);
  CHECK(packages->findings[0].code == "bad-package-json");
  CHECK(packages->findings[0].path == "node_modules/a/package.json");
  CHECK(packages->found[0].files.size() == 2);
}

TEST_CASE("engines.node ranges are met by the majors that npm would accept") {
  CHECK(range_has_major(">=18", 24));
  CHECK_FALSE(range_has_major(">=18", 16));
  CHECK(range_has_major("^20.9.0 || 22.x", 22));
  CHECK_FALSE(range_has_major("^20.9.0 || 22.x", 24));
  CHECK(range_has_major(">=18 <23", 22));
  CHECK_FALSE(range_has_major(">=18 <23", 23));
  CHECK(range_has_major("18 - 20", 20));
  CHECK_FALSE(range_has_major("18 - 20", 22));
  CHECK(range_has_major("*", 24));
  CHECK(range_has_major("~22.1", 22));
  CHECK_FALSE(range_has_major("lts/*", 22));
  CHECK_FALSE(range_has_major("<20", 20));
  CHECK(range_has_major("< 20.11.0", 20));
}
