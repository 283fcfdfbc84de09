#include <doctest/doctest.h>

#include "languages/layer_layout.h"
#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

using Paths = std::vector<std::string>;

Paths paths_in_layer(const MakePackage& maker, std::string_view kind, std::string_view version = "") {
  const TestPackage made = maker.make();
  const auto layout = lay_out_layer(made.package, made.inventory, kind, version);
  REQUIRE(layout);
  return layout->paths;
}

}  // namespace

TEST_CASE("what pip installed goes below python/, an environment's site-packages included") {
  CHECK(paths_in_layer(MakePackage().file("six.py", "").file("six-1.dist-info/RECORD", ""), "python") ==
        Paths{"python/six-1.dist-info/RECORD", "python/six.py"});
  CHECK(paths_in_layer(MakePackage().file("lib/python3.12/site-packages/six.py", ""), "python") ==
        Paths{"python/lib/python3.12/site-packages/six.py"});
}

TEST_CASE("a layer stays as it is, also with a file beside its folders") {
  CHECK(paths_in_layer(MakePackage().file("python/six.py", "").file("README.md", ""), "python") ==
        Paths{"README.md", "python/six.py"});
  CHECK(paths_in_layer(MakePackage().file("lib/libx.so", "").file("extensions/agent", ""), "lib") ==
        Paths{"extensions/agent", "lib/libx.so"});
}

TEST_CASE("a folder python/ among other packages is a package") {
  CHECK(paths_in_layer(MakePackage().file("python/six.py", "").file("numpy/a.py", ""), "python") ==
        Paths{"python/numpy/a.py", "python/python/six.py"});
}

TEST_CASE("node_modules, one package, and packages side by side all end where NODE_PATH looks") {
  CHECK(paths_in_layer(MakePackage().file("node_modules/a/index.js", "").file("package.json", "{}"), "nodejs") ==
        Paths{"nodejs/node_modules/a/index.js", "nodejs/package.json"});
  CHECK(paths_in_layer(MakePackage().file("index.js", "").file("package.json", R"({"name":"@me/x"})"), "nodejs") ==
        Paths{"nodejs/node_modules/@me/x/index.js", "nodejs/node_modules/@me/x/package.json"});
  CHECK(paths_in_layer(MakePackage().file("a/index.js", "").file("b/index.js", ""), "nodejs") ==
        Paths{"nodejs/node_modules/a/index.js", "nodejs/node_modules/b/index.js"});
}

TEST_CASE("a package whose name would leave node_modules is refused") {
  const TestPackage made = MakePackage().file("package.json", R"({"name":"../../x"})").make();
  CHECK_FALSE(lay_out_layer(made.package, made.inventory, "nodejs", ""));
}

TEST_CASE("jars go to java/lib, and classes outside a jar are refused") {
  CHECK(paths_in_layer(MakePackage().file("a.jar", ""), "java") == Paths{"java/lib/a.jar"});
  CHECK(paths_in_layer(MakePackage().file("lib/a.jar", ""), "java") == Paths{"java/lib/a.jar"});
  const TestPackage made = MakePackage().file("com/me/A.class", "").make();
  CHECK_FALSE(lay_out_layer(made.package, made.inventory, "java", ""));
}

TEST_CASE("gems go below ruby/gems of the runtime's version, Bundler's tree and plain files where they are found") {
  const auto gems = MakePackage().file("gems/rack-3/rack.rb", "").file("specifications/rack-3.gemspec", "");
  CHECK(paths_in_layer(gems, "ruby", "3.4") ==
        Paths{"ruby/gems/3.4.0/gems/rack-3/rack.rb", "ruby/gems/3.4.0/specifications/rack-3.gemspec"});
  const TestPackage made = gems.make();
  CHECK_FALSE(lay_out_layer(made.package, made.inventory, "ruby", ""));
  CHECK(paths_in_layer(MakePackage().file("ruby/3.4.0/gems/rack-3/rack.rb", ""), "ruby") ==
        Paths{"ruby/gems/3.4.0/gems/rack-3/rack.rb"});
  CHECK(paths_in_layer(MakePackage().file("mine.rb", ""), "ruby") == Paths{"ruby/lib/mine.rb"});
}

TEST_CASE("programs go to bin/, libraries to lib/, and a link stays beside what it leads to") {
  ElfInfo program;
  program.pie = true;
  program.interpreter = "/lib64/ld-linux-x86-64.so.2";
  CHECK(paths_in_layer(MakePackage()
                           .elf("tool", program)
                           .link("tool-1", "tool")
                           .elf("libx.so.1")
                           .link("libx.so", "libx.so.1")
                           .file("run.sh", "#!/bin/sh\n", 0755),
                       "lib") == Paths{"lib/libx.so", "lib/libx.so.1", "bin/run.sh", "bin/tool", "bin/tool-1"});
}
