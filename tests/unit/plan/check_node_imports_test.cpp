// What the user's own modules surely load, and Node.js would not find.
#include <doctest/doctest.h>

#include "node_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

using Lines = std::vector<std::string>;

// A function whose handler has this text.
NodeFunction function(std::string text) {
  NodeFunction f;
  f.target.handlers = {"index.handler"};
  f.file("index.js", std::move(text)).npm("there", R"({"name": "there"})");
  return f;
}

}  // namespace

TEST_CASE("what nobody has is found, in modules that the handler's module loads too") {
  CHECK(function("require('there'); require('fs'); require('node:test')").import_findings().empty());
  CHECK(function("require('tabulate')").import_findings() == Lines{"module-not-found tabulate"});
  CHECK(function("const a = require('./lib/a')").file("lib/a.js", "require('../gone')").import_findings() ==
        Lines{"module-not-found ../gone"});
  CHECK(function("require('there')").file("idle.js", "require('gone')").import_findings().empty());
}

TEST_CASE("what may be meant to fail is left alone") {
  for (const char* text : {"try { require('gone') } catch {}", "if (process.env.X) require('gone')",
                           "exports.handler = () => require('gone')", "const x = global.y || require('gone')",
                           "const name = 'gone'; require(name)", "// require('gone')"})
    CHECK_MESSAGE(function(text).import_findings().empty(), text);
}

TEST_CASE("a path that exports does not list is refused, for the one way of loading that it is refused for") {
  const char* json = R"({"name": "shut", "exports": {".": "./index.js", "./both": {"import": "./index.js"}}})";
  CHECK(function("require('shut'); require('shut/deep')").npm("shut", json).import_findings() ==
        Lines{"module-not-exported shut/deep"});
  CHECK(function("require('shut/both')").npm("shut", json).import_findings() == Lines{"module-not-exported shut/both"});
}

TEST_CASE("where something else may find modules there is no finding") {
  const auto missing = [] { return function("require('gone')"); };
  NodeFunction path = missing(), options = missing(), harmless = missing(), unknown = missing(), no_node = missing();
  path.env["NODE_PATH"] = "/opt/x";
  options.env["NODE_OPTIONS"] = "--require ./hook.js";
  harmless.env["NODE_OPTIONS"] = "--enable-source-maps";
  unknown.unknown = {"NODE_OPTIONS"};
  no_node.target.runtime.family = "provided";
  for (const NodeFunction* f : {&path, &options, &unknown, &no_node}) CHECK(f->import_findings().empty());
  CHECK(harmless.import_findings() == Lines{"module-not-found gone"});
  CHECK(missing().import_findings(true).empty());
  CHECK(function("require('./gone')").import_findings(true) == Lines{"module-not-found ./gone"});
  CHECK(function("require('module-alias/register'); require('gone')").import_findings().empty());
}

TEST_CASE("modules of npm packages are not judged") {
  CHECK(
      function("require('there')").replace("node_modules/there/index.js", "require('gone')").import_findings().empty());
}
