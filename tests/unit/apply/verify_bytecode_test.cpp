// What must stop a write: changed code, a hash of another source, a header that Python would refuse.
#include "apply/verify_bytecode.h"

#include <doctest/doctest.h>

#include "support/applied.h"
#include "support/bytecode.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

const std::string kSource = "x = 1\n";
constexpr const char* kPyc = "__pycache__/x.cpython-311.pyc";

std::vector<std::string> wrong_after(const std::string& now, bool with_source = true) {
  const TestPackage before =
      MakePackage().file("x.py", kSource).file(kPyc, dated_pyc(kPython311, 1, kSource.size(), "CODE")).make();
  Applied applied = applied_to(before, with_source ? std::vector<std::string>{} : std::vector<std::string>{"x.py"});
  applied.package.files[index_of(applied.package, kPyc)].content = Content::from_text(now);
  Rules rules;
  rules.python_bytecode = {kPython310, kPython311};
  const auto wrong = wrong_bytecode(before.package, applied, rules);
  REQUIRE(wrong);
  return *wrong;
}

}  // namespace

TEST_CASE("the same code under the source's hash is right, checked or not, and so is an untouched file") {
  CHECK(wrong_after(hashed_pyc(kPython311, kSource, true, "CODE")).empty());
  CHECK(wrong_after(hashed_pyc(kPython311, kSource, false, "CODE")).empty());
  CHECK(wrong_after(dated_pyc(kPython311, 1, kSource.size(), "CODE"), false).empty());
}

TEST_CASE("anything else is wrong") {
  const std::vector<std::string> wrong = {kPyc};
  CHECK(wrong_after(hashed_pyc(kPython311, kSource, true, "CODA")) == wrong);
  CHECK(wrong_after(hashed_pyc(kPython311, kSource, true, "COD")) == wrong);
  CHECK(wrong_after(hashed_pyc(kPython311, "x = 2\n", false, "CODE")) == wrong);
  CHECK(wrong_after(hashed_pyc(kPython310, kSource, true, "CODE")) == wrong);
  CHECK(wrong_after(dated_pyc(kPython311, 2, kSource.size(), "CODE")) == wrong);
  CHECK(wrong_after("") == wrong);
  CHECK(wrong_after(hashed_pyc(kPython311, kSource, true, "CODE"), false) == wrong);
}
