#include "plan/node_drops.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "node_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

TEST_CASE("node reach: what user code imports, what that depends on, and nothing else") {
  NodeFunction f;
  f.file("index.js", "const a = require('a'); import('@s/b/lib/x.js')")
      .npm("a", R"({"dependencies": {"c": "1"}, "peerDependencies": {"d": "1"}, "devDependencies": {"e": "1"}})")
      .npm("@s/b", "{}")
      .npm("c", "{}")
      .npm("d", R"({"optionalDependencies": {"f": "1"}})")
      .npm("e", "{}")
      .npm("f", "{}");
  CHECK(f.unreached() == std::vector<std::string>{"e"});
}

TEST_CASE("node reach: scripts of reached packages count, those of others do not") {
  NodeFunction f;
  f.file("index.mjs", "import 'a'")
      .npm("a", "{}")
      .file("node_modules/a/lib/deep.js", "require('b')")
      .npm("b", "{}")
      .npm("c", "{}")
      .file("node_modules/c/index.js", "require('d')")
      .npm("d", "{}");
  CHECK(f.unreached() == std::vector<std::string>{"c", "d"});
}

TEST_CASE("node reach: a name as a string constant, as a head of a name, or in configuration is evidence") {
  NodeFunction f;
  f.file("index.js", "new Sequelize({dialect: x}); app.set('view engine', 'ejs'); load(`plugin-${name}`)")
      .file("config.yaml", "transport: pino-pretty\n")
      .file("run.sh", "#!/bin/sh\nexec node -r tracer/init index.js\n")
      .npm("ejs", "{}")
      .npm("plugin-a", "{}")
      .npm("plugin-b", "{}")
      .npm("pino-pretty", "{}")
      .npm("tracer", "{}")
      .npm("other", "{}");
  CHECK(f.unreached() == std::vector<std::string>{"other"});
}

TEST_CASE("node reach: text in comments, lock files and package.json is no evidence") {
  NodeFunction f;
  f.file("index.js", "// require('a')\n/* 'b' */ x()")
      .file("package.json", R"({"dependencies": {"a": "1"}, "imports": {"#c": {"node": "c"}}})")
      .file("package-lock.json", R"({"packages": {"node_modules/b": {}}})")
      .file("node_modules/.package-lock.json", R"({"packages": {"node_modules/b": {}}})")
      .npm("a", "{}")
      .npm("b", "{}")
      .npm("c", "{}");
  CHECK(f.unreached() == std::vector<std::string>{"a", "b"});
}

TEST_CASE("node reach: --env, the handler and --keep name packages") {
  NodeFunction f;
  f.file("index.js", "x()").npm("a", "{}").npm("b", "{}").npm("c", "{}").npm("d", "{}");
  f.env["NODE_OPTIONS"] = "--enable-x -r a/init";
  f.target.handlers = {"node_modules/b/dist/handler.handler"};
  f.keep = {"node_modules/c/**"};
  CHECK(f.unreached() == std::vector<std::string>{"d"});
}

TEST_CASE("node reach: a nested package is the one that its parent gets, and the hoisted one is not") {
  NodeFunction f;
  f.file("index.js", "require('a')")
      .npm("a", R"({"dependencies": {"b": "2"}})")
      .npm("b", "{}", "node_modules/a/node_modules/b")
      .npm("b", "{}");
  CHECK(f.unreached_folders() == std::vector<std::string>{"node_modules/b"});
  f.file("lib/x.js", "require('../node_modules/b/index.js')");
  CHECK(f.unreached_folders().empty());
}

TEST_CASE("node reach: links of pnpm and workspaces are followed, and go with their package") {
  NodeFunction f;
  f.file("index.js", "require('a'); require('@me/lib')")
      .link("node_modules/a", ".pnpm/a@1/node_modules/a")
      .npm("a", R"({"dependencies": {"b": "1"}})", "node_modules/.pnpm/a@1/node_modules/a")
      .link("node_modules/.pnpm/a@1/node_modules/b", "../../b@1/node_modules/b")
      .npm("b", "{}", "node_modules/.pnpm/b@1/node_modules/b")
      .link("node_modules/c", ".pnpm/c@1/node_modules/c")
      .npm("c", "{}", "node_modules/.pnpm/c@1/node_modules/c")
      .link("node_modules/.bin/c", "../.pnpm/c@1/node_modules/c/index.js")
      .link("node_modules/@me/lib", "../../packages/lib")
      .file("packages/lib/index.js", "require('d')")
      .file("packages/lib/package.json", R"({"name": "@me/lib"})")
      .npm("d", "{}", "packages/lib/node_modules/d");
  CHECK(f.unreached_folders() == std::vector<std::string>{"node_modules/.pnpm/c@1/node_modules/c"});
  CHECK(f.dropped("drop-unreached-package") ==
        std::vector<std::string>{"node_modules/.bin/c", "node_modules/.pnpm/c@1/node_modules/c/index.js",
                                 "node_modules/.pnpm/c@1/node_modules/c/package.json", "node_modules/c"});
}

TEST_CASE("node reach: a program that a script starts from node_modules/.bin reaches its package") {
  NodeFunction f;
  f.file("index.js", "spawn('node_modules/.bin/tool')")
      .npm("a", "{}")
      .link("node_modules/.bin/tool", "../a/index.js")
      .npm("b", "{}")
      .file("node_modules/.bin/other", "#!/bin/sh\nexec node \"$basedir/../b/index.js\"\n");
  CHECK(f.unreached() == std::vector<std::string>{"b"});
}

TEST_CASE("node reach: a script in node_modules/.bin that names two packages goes with neither") {
  NodeFunction f;
  f.file("index.js", "require('b')")
      .npm("a", "{}")
      .npm("b", "{}")
      .file("node_modules/.bin/both", "exec node \"$basedir/../a/x.js\" \"$basedir/../b/x.js\"\n")
      .file("node_modules/.bin/one", "exec node \"$basedir/../a/x.js\"\n");
  CHECK(f.dropped("drop-unreached-package") ==
        std::vector<std::string>{"node_modules/.bin/one", "node_modules/a/index.js", "node_modules/a/package.json"});
}

TEST_CASE("node reach: in a layer, and without a script of one's own, everything is kept") {
  NodeFunction f;
  f.npm("a", "{}");
  CHECK(f.drops().empty());
  f.file("index.js", "x()");
  CHECK(f.unreached() == std::vector<std::string>{"a"});
  f.target.is_layer = true;
  CHECK(f.drops().empty());
}

TEST_CASE("node reach: a script that is no JavaScript counts with every word of it") {
  NodeFunction f;
  f.file("index.js", "<p>don't</p> a").npm("a", "{}").npm("b", "{}");
  CHECK(f.unreached() == std::vector<std::string>{"b"});
}

TEST_CASE("node reach: what a bundle holds is not needed again by its strings, but by its imports") {
  NodeFunction f;
  const std::string bundle =
      "var x = c({'node_modules/a/index.js'(e) {}, 'node_modules/b/index.js'(e) {}}); require('b')";
  f.file("index.js", bundle).npm("a", "{}").npm("b", "{}");
  CHECK(f.unreached().empty());
  const auto output = [&](std::size_t bytes) {
    return R"({"inputs": {"node_modules/a/index.js": {}}, "outputs": {"dist/index.js": {"bytes": )" +
           std::to_string(bytes) + R"(, "inputs": {"node_modules/a/index.js": {"bytesInOutput": 9},
           "node_modules/b/index.js": {"bytesInOutput": 9}}}}})";
  };
  f.metafile = output(bundle.size());
  CHECK(f.unreached() == std::vector<std::string>{"a"});
  f.metafile = output(bundle.size() + 1);  // another build
  CHECK(f.unreached().empty());
  f.metafile.clear();
  f.file("meta.json", output(bundle.size()));
  CHECK(f.unreached() == std::vector<std::string>{"a"});
}

TEST_CASE("node reach: a bundle loads what it holds by a bare name all the same") {
  NodeFunction f;
  const std::string bundle = "var driver = 'a', path = 'node_modules/b/index.js'; require(driver)";
  f.file("index.js", bundle).npm("a", "{}").npm("b", "{}");
  f.metafile =
      R"({"inputs": {}, "outputs": {"index.js": {"bytes": )" + std::to_string(bundle.size()) +
      R"(, "inputs": {"node_modules/a/i.js": {"bytesInOutput": 9}, "node_modules/b/i.js": {"bytesInOutput": 9}}}}})";
  CHECK(f.unreached() == std::vector<std::string>{"b"});
}

TEST_CASE("node reach: the beginning of a name counts in a script that cannot be read to its end, too") {
  NodeFunction f;
  f.file("index.js", "load(\"@s/pkg-\" + platform); load('other-' + x); <p>don't</p>")
      .npm("@s/pkg-linux", "{}")
      .npm("other-a", "{}")
      .npm("third-a", "{}");
  CHECK(f.unreached() == std::vector<std::string>{"third-a"});
}

TEST_CASE("node reach: explain gives the chain to a root") {
  NodeFunction f;
  f.file("index.js", "app.set('view engine', 'ejs')")
      .npm("ejs", R"({"version": "3.1.0", "dependencies": {"jake": "1"}})")
      .npm("jake", "{}")
      .npm("z", "{}");
  CHECK(f.explain("node_modules/jake/index.js") ==
        std::vector<std::string>{"npm package jake: ejs 3.1.0 depends on it",
                                 "npm package ejs 3.1.0: index.js has the string \"ejs\""});
  CHECK(f.explain("node_modules/z/index.js") ==
        std::vector<std::string>{"npm package z: nothing imports, needs or names it"});
  CHECK(f.explain("index.js").empty());
}

TEST_CASE("unread files: documents go, licences stay, and so does what code names or reads") {
  NodeFunction f;
  f.file("index.js", "require('a'); require('b'); require('c'); fs.readFileSync('x/GUIDE.md')")
      .file("README.md", "")
      .npm("a", "{}")
      .file("node_modules/a/README.md", "")
      .file("node_modules/a/LICENSE.md", "")
      .file("node_modules/a/lib/x.js", "// see .md files\nthrow 'https://host/API.md'")
      .npm("b", "{}")
      .file("node_modules/b/prompts/system.md", "")
      .file("node_modules/b/index2.js", "read(`prompts/${name}.md`)")
      .npm("c", "{}")
      .file("node_modules/c/usage.md", "")
      .file("node_modules/c/other.md", "")
      .file("node_modules/c/index2.js", "open('usage' + x)");
  // The user's own code says .md, so everything stays.
  CHECK(f.dropped("drop-package-documents").empty());
  f.replace("index.js", "require('a'); require('b'); require('c'); open('./usage.md/x')");
  CHECK(f.dropped("drop-package-documents").empty());
  f.replace("index.js", "require('a'); require('b'); require('c')");
  CHECK(f.dropped("drop-package-documents") ==
        std::vector<std::string>{"node_modules/a/README.md", "node_modules/c/other.md", "node_modules/c/usage.md"});
}

TEST_CASE("unread files: another package's string constant keeps the file that it names") {
  NodeFunction f;
  f.file("index.js", "require('a'); require('b')")
      .npm("a", "{}")
      .file("node_modules/a/DATA.md", "")
      .file("node_modules/a/MORE.md", "")
      .npm("b", "{}")
      .file("node_modules/b/lib.js", "require.resolve('a/DATA.md')");
  // b itself says .md, but has none.
  CHECK(f.dropped("drop-package-documents") == std::vector<std::string>{"node_modules/a/MORE.md"});
}

TEST_CASE("unread files: declarations go unless a TypeScript compiler is in reach") {
  NodeFunction f;
  f.file("index.js", "require('a')")
      .npm("a", "{}")
      .file("node_modules/a/index.d.ts", "")
      .file("node_modules/a/index.d.mts", "");
  f.npm("typescript", "{}")
      .file("node_modules/typescript/lib/typescript.js", "x = '.d.ts'; y = 'lib.d.ts'")
      .file("node_modules/typescript/lib/lib.d.ts", "");
  CHECK(f.dropped("drop-type-declarations") ==
        std::vector<std::string>{"node_modules/a/index.d.mts", "node_modules/a/index.d.ts"});
  f.replace("index.js", "require('a'); require('typescript')");
  CHECK(f.dropped("drop-type-declarations").empty());
}

TEST_CASE("unread files: TypeScript 7, a program that reads the declarations beside it, keeps them all") {
  const std::string platform = "node_modules/@typescript/typescript-linux-x64";
  NodeFunction f;
  f.file("index.js", "require('a')").npm("a", "{}").file("node_modules/a/index.d.ts", "");
  f.npm("typescript", R"({"optionalDependencies": {"@typescript/typescript-linux-x64": "7"}})")
      .file("node_modules/typescript/lib/getExePath.js", "exe = getExePath('@typescript/' + name)")
      .file("node_modules/typescript/dist/api/node.d.ts", "")
      .npm("@typescript/typescript-linux-x64", "{}")
      .file(platform + "/lib/lib.d.ts", "")
      .file(platform + "/lib/lib.es2015.core.d.ts", "")
      .npm("@typescript/native-preview-linux-x64", "{}")
      .file("node_modules/@typescript/native-preview-linux-x64/lib/lib.dom.d.ts", "")
      .npm("copied", "{}")
      .file("node_modules/copied/lib.es5.d.ts", "");
  CHECK(f.dropped("drop-type-declarations") == std::vector<std::string>{"node_modules/a/index.d.ts"});
  for (const char* text : {"require('typescript/unstable/sync')", "spawn('@typescript/typescript-linux-x64/lib/tsc')",
                           "require.resolve('@typescript/native-preview-linux-x64/package.json')"}) {
    f.replace("index.js", std::string("require('a'); ") + text);
    CHECK_MESSAGE(f.dropped("drop-type-declarations").empty(), text);
  }
}

TEST_CASE("unread files: source maps go unless they are switched on anywhere; the user's own stay") {
  NodeFunction f;
  f.file("index.js", "require('a')")
      .file("index.js.map", "{}")
      .npm("a", "{}")
      .file("node_modules/a/index.js.map", "{}");
  CHECK(f.dropped("drop-source-maps") == std::vector<std::string>{"node_modules/a/index.js.map"});
  f.env["NODE_OPTIONS"] = "--enable-source-maps";
  CHECK(f.dropped("drop-source-maps").empty());
  f.env.clear();
  f.unknown = {"NODE_OPTIONS"};
  CHECK(f.dropped("drop-source-maps").empty());
  f.unknown.clear();
  for (const char* text : {"process.setSourceMapsEnabled(true)", "require('source-map-support').install()",
                           "spawn('node', ['--enable-source-maps'])", "read(file + '.js.map')"}) {
    f.replace("index.js", std::string("require('a'); ") + text);
    CHECK_MESSAGE(f.dropped("drop-source-maps").empty(), text);
  }
}

TEST_CASE("unread files: __tests__ goes when nothing outside names it") {
  NodeFunction f;
  f.file("index.js", "require('a'); require('b')")
      .npm("a", "{}")
      .file("node_modules/a/lib/__tests__/a.test.js", "require('../../__tests__/helper')")
      .npm("b", "{}")
      .file("node_modules/b/lib/__tests__/fixture.json", "{}")
      .file("node_modules/b/lib/x.js", "require('./__tests__/fixture.json')")
      .file("__tests__/own.js", "x()");
  CHECK(f.dropped("drop-package-tests") == std::vector<std::string>{"node_modules/a/lib/__tests__/a.test.js"});
}

TEST_CASE("unread files: build files of addons") {
  NodeFunction f;
  f.file("index.js", "require('a')")
      .npm("a", "{}")
      .file("node_modules/a/build/Release/.deps/Release/a.node.d", "")
      .file("node_modules/a/build/config.gypi", "")
      .file("node_modules/a/build/Makefile", "")
      .file("node_modules/a/src/a.cc", "")
      .file("node_modules/a/build/index.js", "x()")
      .file("build/Makefile", "");
  CHECK(f.dropped("drop-native-build-files") ==
        std::vector<std::string>{"node_modules/a/build/Makefile", "node_modules/a/build/Release/.deps/Release/a.node.d",
                                 "node_modules/a/build/config.gypi", "node_modules/a/src/a.cc"});
}

TEST_CASE("dev packages: typescript and @types go when the lock file says so and nothing names them") {
  NodeFunction f;
  f.file("index.js", "require('a')")
      .npm("a", "{}")
      .npm("typescript", "{}")
      .npm("@types/node", "{}")
      .npm("eslint", "{}")
      .npm("@types/b", "{}");
  CHECK(f.dropped("drop-dev-package").empty());
  f.file("package-lock.json", R"({"packages": {"node_modules/typescript": {"dev": true}, "node_modules/eslint":
         {"dev": true}, "node_modules/@types/node": {"dev": true}, "node_modules/@types/b": {}}})");
  CHECK(f.dropped("drop-dev-package") ==
        std::vector<std::string>{"node_modules/@types/node/index.js", "node_modules/@types/node/package.json",
                                 "node_modules/typescript/index.js", "node_modules/typescript/package.json"});
  f.replace("index.js", "require('a'); compile('typescript')");
  CHECK(f.dropped("drop-dev-package").size() == 2);
}

TEST_CASE("dev packages: devDependencies of package.json say it when no lock file is there") {
  NodeFunction f;
  f.file("index.js", "x()")
      .file("package.json",
            R"({"dependencies": {"@types/b": "1"}, "devDependencies": {"@types/a": "1", "@types/b": "1"}})")
      .npm("@types/a", "{}")
      .npm("@types/b", "{}");
  CHECK(f.dropped("drop-dev-package").size() == 2);
}

TEST_CASE("dev packages: where a lock file says what is for development, package.json does not say more") {
  NodeFunction f;
  f.file("index.js", "x()")
      .file("package.json", R"({"devDependencies": {"@types/a": "1", "@types/b": "1"}})")
      .file("package-lock.json",
            R"({"packages": {"node_modules/@types/a": {"dev": true}, "node_modules/@types/b": {}}})")
      .npm("@types/a", "{}")
      .npm("@types/b", "{}")
      .file("packages/c/package.json", R"({"devDependencies": {"@types/d": "1"}})")
      .npm("@types/d", "{}", "packages/c/node_modules/@types/d");
  const std::vector<std::string> only_a = {"node_modules/@types/a/index.js", "node_modules/@types/a/package.json"};
  CHECK(f.dropped("drop-dev-package") == only_a);
  f.replace("package-lock.json", "{}")
      .file("node_modules/.package-lock.json", R"({"packages": {"node_modules/@types/a": {"dev": true}}})");
  CHECK(f.dropped("drop-dev-package") == only_a);
  f.replace("node_modules/.package-lock.json", "not JSON");
  CHECK(f.dropped("drop-dev-package").size() == 6);
}

TEST_CASE("other builds: an addon for another NODE_MODULE_VERSION goes when one that fits lies beside") {
  NodeFunction f;
  f.file("index.js", "require('a')").npm("a", "{}");
  f.addon("node_modules/a/prebuilds/linux-x64/node.abi93.node", 93)
      .addon("node_modules/a/prebuilds/linux-x64/node.abi127.node", 127)
      .addon("node_modules/a/prebuilds/linux-x64/electron.abi110.node", 110)
      .addon("node_modules/a/lib/binding/node-v93-linux-x64/x.node", 93)
      .addon("node_modules/a/lib/binding/node-v127-linux-x64/x.node", 127)
      .addon("node_modules/a/lib/binding/node-v93-linux-x64/y.node", 93);
  CHECK(f.dropped("drop-other-node-build") ==
        std::vector<std::string>{"node_modules/a/lib/binding/node-v93-linux-x64/x.node",
                                 "node_modules/a/prebuilds/linux-x64/electron.abi110.node",
                                 "node_modules/a/prebuilds/linux-x64/node.abi93.node"});
}

TEST_CASE("other builds: Prisma's engines for other distributions go when the function's own is there") {
  NodeFunction f;
  const std::string folder = "node_modules/.prisma/client/";
  f.file("index.js", "require('@prisma/client')")
      .npm("@prisma/client", "{}")
      .addon(folder + "libquery_engine-debian-openssl-1.1.x.so.node", 0);
  CHECK(f.dropped("drop-other-node-build").empty());
  f.addon(folder + "libquery_engine-rhel-openssl-3.0.x.so.node", 0);
  CHECK(f.dropped("drop-other-node-build") ==
        std::vector<std::string>{folder + "libquery_engine-debian-openssl-1.1.x.so.node"});
}
