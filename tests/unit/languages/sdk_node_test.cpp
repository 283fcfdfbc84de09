#include <doctest/doctest.h>
#include <fmt/format.h>

#include "languages/sdk.h"
#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

FunctionTarget node_target() {
  FunctionTarget target;
  target.runtime.id = "nodejs22.x";
  target.runtime.family = "nodejs";
  target.runtime.version = "22";
  target.runtime.packages = {{"@aws-sdk/client-dynamodb", ""},
                             {"@aws-sdk/client-s3", ""},
                             {"@aws-sdk/core", ""},
                             {"@aws-sdk/lib-storage", ""}};
  return target;
}

void install(MakePackage& package, const std::string& folder, const std::vector<std::string>& dependencies = {},
             const std::string& code = "") {
  std::string list;
  for (const std::string& name : dependencies) list += fmt::format("{}\"{}\": \"*\"", list.empty() ? "" : ", ", name);
  package.file(folder + "/package.json", fmt::format("{{\"version\": \"3.0.0\", \"dependencies\": {{{}}}}}", list));
  package.file(folder + "/index.js", code);
}

void install_sdk(MakePackage& package) {
  install(package, "node_modules/@aws-sdk/client-s3", {"@aws-sdk/core", "@aws-sdk/middleware-x", "@smithy/core"},
          "require('@aws-sdk/core'); require('@aws-sdk/middleware-x')");
  install(package, "node_modules/@aws-sdk/core", {"@smithy/core", "fast-xml-parser"});
  install(package, "node_modules/@aws-sdk/middleware-x", {"tslib"});
  install(package, "node_modules/@smithy/core", {"tslib"}, "require('tslib')");
  install(package, "node_modules/@smithy/core/node_modules/uuid");
  install(package, "node_modules/fast-xml-parser", {"strnum"});
  install(package, "node_modules/strnum");
  install(package, "node_modules/tslib");
}

SdkSet set_of(const MakePackage& maker, const FunctionTarget& target = node_target()) {
  const TestPackage made = maker.make();
  const auto languages = read_languages(made.package, made.inventory, 1);
  REQUIRE(languages);
  const auto sets = find_sdk_sets(made.package, made.inventory, *languages, target, 1);
  REQUIRE(sets);
  REQUIRE(sets->size() == 1);
  CHECK(sets->front().name == "@aws-sdk");
  return sets->front();
}

bool has(const SdkSet& set, std::string_view name) {
  return std::ranges::any_of(set.members, [&](const SdkMember& member) { return member.name == name; });
}

}  // namespace

TEST_CASE("@aws-sdk may go with all that only it needs, nested packages included") {
  MakePackage package;
  install_sdk(package);
  package.file("index.mjs", "import { S3Client } from \"@aws-sdk/client-s3\";\n");
  const SdkSet set = set_of(package);
  CHECK_MESSAGE(set.droppable, set.reason);
  CHECK(set.members.size() == 7);
  CHECK(set.files.size() == 8 * 2);
  CHECK(set.members[0].shipped == "3.0.0");
}

TEST_CASE("a client that other code names and the runtime lacks keeps the set; one that only the SDK names does not") {
  MakePackage package;
  install_sdk(package);
  package.file("index.js", "require('@aws-sdk/middleware-x')");
  const SdkSet set = set_of(package);
  CHECK_FALSE(set.droppable);
  CHECK(set.reason.contains("index.js names @aws-sdk/middleware-x"));
  CHECK_FALSE(has(set, "tslib"));
}

TEST_CASE("a package that stays keeps what it depends on, and what that names") {
  MakePackage package;
  install_sdk(package);
  install(package, "node_modules/xml-user", {"fast-xml-parser"});
  const SdkSet set = set_of(package);
  CHECK_MESSAGE(set.droppable, set.reason);
  CHECK_FALSE(has(set, "fast-xml-parser"));
  CHECK_FALSE(has(set, "strnum"));
  CHECK(has(set, "@smithy/core"));
}

TEST_CASE("a dependency of the SDK that the user's code or package.json names stays with its nested packages") {
  MakePackage code;
  install_sdk(code);
  code.file("index.js", "const x = require(`@smithy/core/protocols`)");
  const SdkSet by_code = set_of(code);
  CHECK(by_code.droppable);
  CHECK_FALSE(has(by_code, "@smithy/core"));
  CHECK_FALSE(has(by_code, "tslib"));
  CHECK(has(by_code, "strnum"));

  MakePackage json;
  install_sdk(json);
  json.file("package.json", R"({"dependencies": {"tslib": "2", "@aws-sdk/client-s3": "3"}})");
  const SdkSet by_json = set_of(json);
  CHECK(by_json.droppable);
  CHECK_FALSE(has(by_json, "tslib"));
}

TEST_CASE("a name computed at run time keeps the set when the runtime lacks any shipped package") {
  for (const char* code :
       {"require('@aws-sdk/client-' + name)", "import(`@aws-sdk/${name}`)", "join('@aws-sdk', name)"}) {
    MakePackage package;
    install_sdk(package);
    package.file("index.js", code);
    CHECK_MESSAGE(set_of(package).reason.contains("computed"), code);
  }
}

TEST_CASE("bundlers' comments and prose that name a package are no use of it") {
  MakePackage package;
  install_sdk(package);
  package.file("index.js",
               "// node_modules/@aws-sdk/middleware-x/dist-es/index.js\nthrow '@aws-sdk/middleware-x is missing'\n");
  CHECK(set_of(package).droppable);
}

TEST_CASE("an import of a path inside a package keeps the set") {
  MakePackage package;
  install_sdk(package);
  package.file("index.js", "require('@aws-sdk/client-s3/dist-cjs/commands')");
  CHECK(set_of(package).reason.contains("reaches inside"));
}

TEST_CASE("a second copy of an @aws-sdk package below another one keeps the set") {
  MakePackage package;
  install_sdk(package);
  install(package, "node_modules/foo");
  install(package, "node_modules/foo/node_modules/@aws-sdk/core");
  CHECK(set_of(package).reason.contains("node_modules/foo/node_modules/@aws-sdk/core"));
}

TEST_CASE("a layer, Node 16 and other languages' runtimes keep the set") {
  MakePackage package;
  install_sdk(package);
  FunctionTarget target = node_target();
  target.is_layer = true;
  CHECK_FALSE(set_of(package, target).droppable);
  target = node_target();
  target.runtime.version = "16";
  CHECK_FALSE(set_of(package, target).droppable);
  target = node_target();
  target.runtime.family = "python";
  CHECK_FALSE(set_of(package, target).droppable);
}

TEST_CASE("dependencies in a circle come to an end") {
  MakePackage package;
  install(package, "node_modules/@aws-sdk/client-s3", {"a"});
  install(package, "node_modules/a", {"b", "a"});
  install(package, "node_modules/b", {"a", "@aws-sdk/client-s3"});
  const SdkSet set = set_of(package);
  CHECK(set.droppable);
  CHECK(set.members.size() == 3);
}
