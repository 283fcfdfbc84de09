#include "plan/missing_bytecode.h"

#include <doctest/doctest.h>

#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

std::vector<std::string> missing(const TestPackage& made, const std::vector<std::string>& goes = {},
                                 const std::vector<std::string>& keep = {}) {
  JudgedBytecode judged;
  for (const std::string& path : goes) judged.drops.push_back({made.at(path), "drop-stale-bytecode", {}});
  std::vector<std::string> paths;
  for (const MissingBytecode& each : find_missing_bytecode(made.package, judged, ".cpython-311.pyc", keep))
    paths.push_back(each.path);
  return paths;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("missing bytecode: of modules that have none, or some that goes, but nothing that --keep holds") {
  const TestPackage made = MakePackage()
                               .file("app.py", "")
                               .file("not-a-module.py", "")
                               .file("pkg/a.py", "")
                               .file("pkg/b.py", "")
                               .file("pkg/__pycache__/a.cpython-311.pyc", "")
                               .file("pkg/__pycache__/b.cpython-311.pyc", "")
                               .make();
  const std::string app = "__pycache__/app.cpython-311.pyc", a = "pkg/__pycache__/a.cpython-311.pyc";
  CHECK(missing(made) == Paths{app});
  CHECK(missing(made, {a}) == Paths{app, a});
  CHECK(missing(made, {a}, {"pkg/**"}) == Paths{app});
  CHECK(missing(made, {}, {"**"}) == Paths{app});
}

TEST_CASE("missing bytecode: nothing is put below a __pycache__ that is a link") {
  const TestPackage made = MakePackage()
                               .file("pkg/a.py", "")
                               .file("other/__pycache__/b.cpython-311.pyc", "")
                               .link("pkg/__pycache__", "../other/__pycache__")
                               .make();
  CHECK(missing(made).empty());
}
