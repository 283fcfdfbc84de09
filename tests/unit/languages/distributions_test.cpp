#include <doctest/doctest.h>

#include "languages/distributions.h"
#include "languages/language_view.h"
#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

std::vector<Distribution> distributions_of(const TestPackage& made) {
  auto found = read_distributions(made.package, 1);
  REQUIRE(found);
  return found->found;
}

const std::string kMetadata = "Metadata-Version: 2.1\nName: Demo_Pkg\nVersion: 1.0\nRequires-Dist: six\n";

}  // namespace

TEST_CASE("a distribution owns what RECORD names, its bytecode and its dist-info, and nothing else") {
  const TestPackage made = MakePackage()
                               .file("demo/__init__.py", "")
                               .file("demo/__pycache__/__init__.cpython-312.pyc", "")
                               .file("demo/__pycache__/__init__.cpython-312.opt-1.pyc", "")
                               .file("demo/__pycache__/other.cpython-312.pyc", "")
                               .file("demo/mine.py", "")
                               .file("demo_pkg-1.0.dist-info/METADATA", kMetadata)
                               .file("demo_pkg-1.0.dist-info/RECORD", "demo/__init__.py,,\ndemo/absent.py,,\n")
                               .file("demo_pkg-1.0.dist-info/licenses/LICENSE", "")
                               .make();
  const auto found = distributions_of(made);
  REQUIRE(found.size() == 1);
  CHECK(found[0].name == "demo-pkg");
  CHECK(found[0].version == "1.0");
  CHECK(found[0].folder.empty());
  CHECK(found[0].info == "demo_pkg-1.0.dist-info");
  CHECK(found[0].requires_ == std::vector<std::string>{"six"});
  CHECK(found[0].top_level == std::vector<std::string>{"demo"});
  CHECK(made.paths(found[0].files) ==
        std::vector<std::string>{"demo/__init__.py", "demo/__pycache__/__init__.cpython-312.opt-1.pyc",
                                 "demo/__pycache__/__init__.cpython-312.pyc", "demo_pkg-1.0.dist-info/METADATA",
                                 "demo_pkg-1.0.dist-info/RECORD", "demo_pkg-1.0.dist-info/licenses/LICENSE"});
}

TEST_CASE("RECORD's paths are relative to the folder of the dist-info, and those that leave the package are ignored") {
  const TestPackage made = MakePackage()
                               .file("bin/tool", "#!/usr/bin/python3\n")
                               .file("python/demo.py", "")
                               .file("python/demo-1.dist-info/METADATA", kMetadata)
                               .file("python/demo-1.dist-info/RECORD",
                                     "demo.py,,\n../bin/tool,,\n../../../etc/passwd,,\n/etc/passwd,,\n\n..,,\n")
                               .make();
  const auto found = distributions_of(made);
  REQUIRE(found.size() == 1);
  CHECK(found[0].folder == "python");
  CHECK(made.paths(found[0].files) == std::vector<std::string>{"bin/tool", "python/demo-1.dist-info/METADATA",
                                                               "python/demo-1.dist-info/RECORD", "python/demo.py"});
}

TEST_CASE("scripts that pip --target moved beside the modules are found although RECORD has their old place") {
  const TestPackage made = MakePackage()
                               .file("bin/jp.py", "#!/usr/bin/python3\n")
                               .file("jmespath-1.dist-info/METADATA", "Name: jmespath\nVersion: 1\n")
                               .file("jmespath-1.dist-info/RECORD", "../../bin/jp.py,sha256=x,1\n")
                               .make();
  CHECK(made.paths(distributions_of(made)[0].files).front() == "bin/jp.py");
}

TEST_CASE("a distribution without RECORD owns its dist-info only, for its folder may hold the user's code") {
  const TestPackage made = MakePackage()
                               .file("demo/__init__.py", "")
                               .file("demo-1.dist-info/METADATA", kMetadata)
                               .file("demo-1.dist-info/top_level.txt", "demo\n")
                               .make();
  const auto found = distributions_of(made);
  REQUIRE(found.size() == 1);
  CHECK(found[0].top_level == std::vector<std::string>{"demo"});
  CHECK_FALSE(std::ranges::binary_search(found[0].files, made.at("demo/__init__.py")));
}

TEST_CASE("a dist-info without METADATA is named after its folder, with a finding") {
  const TestPackage made = MakePackage().file("Some_Thing-2.1.dist-info/RECORD", "").make();
  const auto found = read_distributions(made.package, 1);
  REQUIRE(found);
  CHECK(found->found[0].name == "some-thing");
  CHECK(found->found[0].version == "2.1");
  REQUIRE(found->findings.size() == 1);
  CHECK(found->findings[0].code == "bad-dist-info");
}

TEST_CASE("an egg-info folder is read with installed-files.txt and requires.txt") {
  const TestPackage made = MakePackage()
                               .file("old.py", "")
                               .file("old-1.0-py3.9.egg-info/PKG-INFO", "Name: old\nVersion: 1.0\n")
                               .file("old-1.0-py3.9.egg-info/requires.txt", "six\n[x]\nboto3\n")
                               .file("old-1.0-py3.9.egg-info/installed-files.txt", "../old.py\nPKG-INFO\n")
                               .make();
  const auto found = distributions_of(made);
  REQUIRE(found.size() == 1);
  CHECK(found[0].name == "old");
  CHECK(found[0].requires_ == std::vector<std::string>{"boto3", "six"});
  CHECK(std::ranges::binary_search(found[0].files, made.at("old.py")));
}

TEST_CASE("of two distributions that name a file, the outer one owns it") {
  const TestPackage made = MakePackage()
                               .file("host/_vendor/six.py", "")
                               .file("host/_vendor/six-1.dist-info/METADATA", "Name: six\nVersion: 1\n")
                               .file("host/_vendor/six-1.dist-info/RECORD", "six.py,,\n")
                               .file("host-1.dist-info/METADATA", "Name: host\nVersion: 1\n")
                               .file("host-1.dist-info/RECORD", "host/_vendor/six.py,,\n")
                               .make();
  const auto view = read_languages(made.package, made.inventory, 1);
  REQUIRE(view);
  const auto owner = view->distribution_of[made.at("host/_vendor/six.py")];
  REQUIRE(owner);
  CHECK(view->distributions[*owner].name == "host");
  CHECK(view->owned(made.at("host/_vendor/six.py")));
}
