#include "languages/node_resolve.h"

#include <doctest/doctest.h>

#include "languages/node_exports.h"
#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

// The path that a script finds, or the outcome as a number between "<" and ">".
struct Resolves {
  TestPackage made;
  NodeSurroundings around = {};

  std::string ask(NodeLoad how, std::string_view specifier, std::string_view script) const {
    const NodeResolved found = NodeResolver(made.package, around).resolve(how, specifier, script);
    if (found.outcome == NodeOutcome::file) return made.package.files[found.file].path;
    return "<" + std::to_string(static_cast<int>(found.outcome)) + ">";
  }
  std::string require(std::string_view specifier, std::string_view script = "index.js") const {
    return ask(NodeLoad::require, specifier, script);
  }
  std::string import(std::string_view specifier, std::string_view script = "index.js") const {
    return ask(NodeLoad::import, specifier, script);
  }
};

std::string outcome(NodeOutcome outcome) {
  return "<" + std::to_string(static_cast<int>(outcome)) + ">";
}

std::string target(std::string_view exports, std::string_view subpath, bool import = false) {
  const NodeTarget found =
      read_node_manifest("{\"exports\": " + std::string(exports) + "}").exports.find_export(subpath, {import, true});
  switch (found.kind) {
    case NodeTargetKind::path: return found.value;
    case NodeTargetKind::package: return "package " + found.value;
    case NodeTargetKind::not_defined: return "none";
    case NodeTargetKind::invalid: return "invalid";
    case NodeTargetKind::unknown: return "unknown";
  }
  return "";
}

}  // namespace

TEST_CASE("node resolve: require tries endings, import does not") {
  const Resolves f{
      MakePackage().file("lib/a.js", "").file("lib/b/index.js", "").file("c.mjs", "").file("d.json", "{}").make()};
  CHECK(f.require("./lib/a") == "lib/a.js");
  CHECK(f.require("./lib/b") == "lib/b/index.js");
  CHECK(f.require("./d") == "d.json");
  CHECK(f.require("./c") == outcome(NodeOutcome::not_found));
  CHECK(f.require("/var/task/lib/a.js") == "lib/a.js");
  CHECK(f.require("/tmp/x.js") == outcome(NodeOutcome::unknown));
  CHECK(f.import("./lib/a.js?x#y") == "lib/a.js");
  CHECK(f.import("./lib/a") == outcome(NodeOutcome::not_found));
  CHECK(f.import("./lib/b") == outcome(NodeOutcome::folder));
  CHECK(f.import("../index.js", "lib/a.js") == outcome(NodeOutcome::not_found));
  CHECK(f.import("https://host/x.js") == outcome(NodeOutcome::unknown));
  CHECK(f.require("fs/promises") == outcome(NodeOutcome::built_in));
  CHECK(f.import("node:anything") == outcome(NodeOutcome::built_in));
}

TEST_CASE("node resolve: main, exports, and the package's own name") {
  const Resolves f{MakePackage()
                       .file("package.json", R"({"name": "app", "exports": {"./x": "./lib/x.js"}})")
                       .file("lib/x.js", "")
                       .file("node_modules/a/package.json", R"({"main": "dist"})")
                       .file("node_modules/a/dist/index.js", "")
                       .file("node_modules/b/package.json", R"({"exports": {".": {"import": "./m.mjs"}}})")
                       .file("node_modules/b/m.mjs", "")
                       .file("node_modules/b/index.js", "")
                       .file("node_modules/c/package.json", "{")
                       .make()};
  CHECK(f.require("a") == "node_modules/a/dist/index.js");
  CHECK(f.require("a/dist/index") == "node_modules/a/dist/index.js");
  CHECK(f.import("b") == "node_modules/b/m.mjs");
  CHECK(f.require("b") == outcome(NodeOutcome::not_exported));
  CHECK(f.require("b/index.js") == outcome(NodeOutcome::not_exported));
  CHECK(f.require("app/x") == "lib/x.js");
  CHECK(f.import("app/y") == outcome(NodeOutcome::not_exported));
  CHECK(f.require("c") == outcome(NodeOutcome::unknown));
  CHECK(NodeResolver(f.made.package, {}).resolve(NodeLoad::require, "b", "index.js").folder == "node_modules/b");
}

TEST_CASE("node resolve: layers, the runtime's packages, and the package's top on NODE_PATH") {
  Resolves f{MakePackage()
                 .file("lib/own.js", "")
                 .file("/opt/nodejs/node_modules/layered/index.js", "")
                 .file("/opt/nodejs/node_modules/other/package.json", "{}")
                 .file("/opt/nodejs/node_modules/other/index.js", "")
                 .make()};
  CHECK(f.require("layered") == outcome(NodeOutcome::not_found));
  f.around = {.major = 22, .node_path = {"/opt/nodejs/node_modules", ""}, .packages = {"@aws-sdk/client-s3"}};
  CHECK(f.require("layered") == "/opt/nodejs/node_modules/layered/index.js");
  CHECK(f.require("other", "/opt/nodejs/node_modules/layered/index.js") == "/opt/nodejs/node_modules/other/index.js");
  CHECK(f.require("lib/own") == "lib/own.js");
  CHECK(f.require("@aws-sdk/client-s3") == outcome(NodeOutcome::runtime));
  CHECK(f.import("@aws-sdk/client-s3/dist") == outcome(NodeOutcome::runtime));
  CHECK(f.require("@aws-sdk/client-sqs") == outcome(NodeOutcome::not_found));
  CHECK(f.import("layered") == outcome(NodeOutcome::unknown));  // Lambda's own search
}

TEST_CASE("node resolve: links, and links that leave the package") {
  const Resolves f{MakePackage()
                       .link("node_modules/a", ".pnpm/a@1/node_modules/a")
                       .file("node_modules/.pnpm/a@1/node_modules/a/index.js", "")
                       .file("node_modules/.pnpm/a@1/node_modules/b/index.js", "")
                       .link("node_modules/out", "/tmp/out")
                       .make()};
  CHECK(f.require("a") == "node_modules/.pnpm/a@1/node_modules/a/index.js");
  CHECK(f.require("b", "node_modules/.pnpm/a@1/node_modules/a/index.js") ==
        "node_modules/.pnpm/a@1/node_modules/b/index.js");
  CHECK(f.require("b") == outcome(NodeOutcome::not_found));
  CHECK(f.require("out") == outcome(NodeOutcome::unknown));
}

TEST_CASE("node exports: conditions in their order, patterns by the longest beginning, null, lists") {
  CHECK(target(R"("./a.js")", ".") == "a.js");
  CHECK(target(R"({"default": "./d.js", "require": "./r.js"})", ".") == "d.js");
  CHECK(target(R"({"import": "./m.js", "require": "./r.js"})", ".", true) == "m.js");
  CHECK(target(R"({"./*": "./src/*.js", "./a/*": null, "./a/b*": "./b/*"})", "./x/y") == "src/x/y.js");
  CHECK(target(R"({"./*": "./src/*.js", "./a/*": null})", "./a/x") == "none");
  CHECK(target(R"({"./*": "./src/*.js", "./a/*": null, "./a/b*": "./b/*/*"})", "./a/bc") == "b/c/c");
  CHECK(target(R"({".": [null, "bad", {"browser": "./w.js"}, "./l.js"]})", ".") == "l.js");
  for (const char* bad :
       {R"({".": "../x.js"})", R"({".": "./a/../x.js"})", R"({".": "./node_modules/x"})", R"({".": "./%2E%2e/x.js"})",
        R"({".": "x.js", "import": "./y.js"})", R"({".": 5})", R"({".": {"1": "./x.js"}})"})
    CHECK_MESSAGE(target(bad, ".") == "invalid", bad);
}

TEST_CASE("node exports: tables that are nested without end are not followed") {
  const std::size_t levels = 100'000;
  CHECK(target(std::string(levels, '[') + "\"./x.js\"" + std::string(levels, ']'), ".") == "unknown");
  CHECK(read_node_manifest(R"({"imports": {"#a": "b", "#c/*": "b/*.js"}})").imports.find_import("#c/x", {}).value ==
        "b/x.js");
}
