#include "plan/check_node_imports.h"

#include <doctest/doctest.h>

#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

class NodeImports {
 public:
  NodeImports() {
    target.runtime.id = "nodejs22.x";
    target.runtime.family = "nodejs";
    target.runtime.version = "22";
    target.runtime.packages = {{"@aws-sdk/client-s3", ""}};
    target.handlers = {"index.handler"};
  }

  NodeImports& file(std::string path, std::string_view text) {
    made_.file(std::move(path), text);
    return *this;
  }

  std::vector<Finding> findings() const {
    const TestPackage made = made_.make();
    const LanguageView languages = read_languages(made.package, made.inventory, 1).value();
    return check_node_imports({made.package, languages, target, env, unknown_variables, unknown_layers}).value();
  }

  // "script: code specifier", joined by "; ".
  std::string told() const {
    std::string all;
    for (const Finding& finding : findings())
      all += (all.empty() ? "" : "; ") + finding.path + ": " + finding.code + " " + finding.detail;
    return all;
  }

  FunctionTarget target;
  std::map<std::string, std::string> env;
  std::vector<std::string> unknown_variables;
  bool unknown_layers = false;

 private:
  MakePackage made_;
};

}  // namespace

TEST_CASE("node imports: what the handler surely loads and nobody has") {
  NodeImports f;
  f.file("index.js", "const a = require('./lib/a'); const fs = require('fs'); require('@aws-sdk/client-s3')")
      .file("lib/a.js", "require('gone'); require('here'); require('./gone'); require('here/lib/x')")
      .file("lib/never.js", "require('not-loaded')")
      .file("node_modules/here/package.json", R"({"exports": "./index.js"})")
      .file("node_modules/here/index.js", "require('missing-in-npm')");
  CHECK(f.told() ==
        "lib/a.js: module-not-found gone; lib/a.js: module-not-found ./gone; lib/a.js: module-not-exported here/lib/x");
  CHECK(f.findings().front().severity == Severity::warning);
}

TEST_CASE("node imports: what may be meant to fail is left alone") {
  for (const char* text :
       {"try { require('x') } catch {}", "if (local) require('x')", "const a = () => require('x')", "a && require('x')",
        "import('x').catch(() => {})", "require.resolve('x')", "const require = createRequire('/tmp/'); require('x')",
        "require = require('esm')(module); require('x')", "require('module-alias/register'); require('x')",
        "require('@babel/register'); require('./x')", "module.paths.push('/tmp'); require('x')", "require(`x-${y}`)",
        "<p>don't</p> require('x')", "require('data.json!')"}) {
    NodeImports f;
    const bool last = std::string_view(text).contains("data.json!");
    f.file("index.js", text)
        .file("node_modules/module-alias/register.js", "")
        .file("node_modules/esm/index.js", "")
        .file("node_modules/@babel/register/index.js", "");
    CHECK_MESSAGE((f.told() == "") == !last, text);
  }
}

TEST_CASE("node imports: where something else finds modules there is no finding") {
  NodeImports f;
  f.file("index.js", "require('x'); require('./y')");
  CHECK(f.told() == "index.js: module-not-found x; index.js: module-not-found ./y");
  f.unknown_layers = true;
  CHECK(f.told() == "index.js: module-not-found ./y");
  f.env["NODE_OPTIONS"] = "--enable-source-maps --max-old-space-size=512";
  CHECK(f.told() == "index.js: module-not-found ./y");
  f.env["NODE_OPTIONS"] = "--require /opt/wrapper";
  CHECK(f.told() == "");
  f.env = {{"NODE_PATH", "/tmp"}};
  CHECK(f.told() == "");
  f.env = {{"AWS_LAMBDA_EXEC_WRAPPER", "/opt/wrapper"}};
  CHECK(f.told() == "");
  f.env.clear();
  f.unknown_variables = {"NODE_OPTIONS"};
  CHECK(f.told() == "");
  f.unknown_variables.clear();
  f.target.is_layer = true;
  CHECK(f.told() == "");
  f.target.is_layer = false;
  f.file(".pnp.cjs", "");
  CHECK(f.told() == "");
}

TEST_CASE("node imports: without a handler nothing is said, and the handler may lie in a folder") {
  NodeImports f;
  f.file("src/app.mjs", "import './x.mjs'; import 'node:fs'; import 'source-map-support/register'; require('z')")
      .file("node_modules/source-map-support/register.js", "");
  CHECK(f.told() == "");
  f.target.handlers = {"src/app.nested.handler"};
  CHECK(f.told() == "src/app.mjs: module-not-found ./x.mjs; src/app.mjs: module-not-found source-map-support/register");
}

TEST_CASE("node imports: a layer that was given has it, and a guessed runtime may have the SDK") {
  NodeImports f;
  f.file("index.js", "require('layered'); require('@aws-sdk/client-sqs')")
      .file("/opt/nodejs/node_modules/layered/index.js", "require('of-the-layer')");
  CHECK(f.told() == "index.js: module-not-found @aws-sdk/client-sqs");
  f.target.runtime_guessed = true;
  CHECK(f.told() == "");
}

TEST_CASE("node imports: the help names what is near") {
  const auto help = [](const char* text) {
    NodeImports f;
    f.file("index.js", text).file("lib/Data.js", "").file("lib/index.js", "").file("node_modules/a/index.js", "");
    const auto findings = f.findings();
    return findings.size() == 1 ? findings.front().help : std::string();
  };
  CHECK(help("import './lib/Data'").starts_with("write ./lib/Data.js: "));
  CHECK(help("import './lib'").starts_with("write ./lib/index.js: "));
  CHECK(help("require('./lib/data')").contains("lib/Data.js"));
  CHECK(help("require('./lib/other')").starts_with("copy it"));
  CHECK(help("require('b')").starts_with("npm install b"));
  CHECK(help("require('a/x')").contains("documentation of a"));
}
