#include "languages/python_extension.h"

#include <doctest/doctest.h>

using namespace lambdapack;

TEST_CASE("a CPython tag gives module, ABI and platform") {
  const auto extension = parse_python_extension("_path.cpython-312-x86_64-linux-gnu.so");
  REQUIRE(extension);
  CHECK(extension->module == "_path");
  CHECK(extension->abi == "cp312");
  CHECK(extension->platform == "x86_64-linux-gnu");
}

TEST_CASE("a library's name with a version after .so is no extension module") {
  CHECK_FALSE(parse_python_extension("libz.so.1"));
  CHECK_FALSE(parse_python_extension("libfoo-1.2.so"));
  CHECK_FALSE(parse_python_extension("libopenblas64_p-r0-2f7c42d4.3.18.so"));
  CHECK_FALSE(parse_python_extension(".so"));
  CHECK_FALSE(parse_python_extension("app.py"));
}

TEST_CASE("mypyc's modules begin with a digit and are modules all the same") {
  const auto extension = parse_python_extension("81d243bd2c585b0f4821__mypyc.cpython-312-x86_64-linux-gnu.so");
  REQUIRE(extension);
  CHECK(extension->module == "81d243bd2c585b0f4821__mypyc");
}

TEST_CASE("only the interpreter and platform in the tag import a tagged module") {
  const auto tagged = parse_python_extension("_x.cpython-312-aarch64-linux-gnu.so");
  REQUIRE(tagged);
  CHECK(importable(*tagged, "cp312", "aarch64-linux-gnu"));
  CHECK_FALSE(importable(*tagged, "cp311", "aarch64-linux-gnu"));
  CHECK_FALSE(importable(*tagged, "cp312", "x86_64-linux-gnu"));
  const auto musl = parse_python_extension("_x.cpython-312-x86_64-linux-musl.so");
  REQUIRE(musl);
  CHECK_FALSE(importable(*musl, "cp312", "x86_64-linux-gnu"));
}

TEST_CASE("abi3 and untagged modules are imported by every CPython 3, PyPy's and free-threaded ones by none of them") {
  for (const char* name : {"_x.abi3.so", "_x.so"}) {
    const auto extension = parse_python_extension(name);
    REQUIRE(extension);
    CHECK(importable(*extension, "cp39", "x86_64-linux-gnu"));
    CHECK(importable(*extension, "cp313", "aarch64-linux-gnu"));
  }
  const auto pypy = parse_python_extension("_x.pypy39-pp73-x86_64-linux-gnu.so");
  REQUIRE(pypy);
  CHECK(pypy->abi == "pypy39-pp73");
  CHECK(pypy->platform == "x86_64-linux-gnu");
  CHECK_FALSE(importable(*pypy, "cp39", "x86_64-linux-gnu"));
  const auto threaded = parse_python_extension("_x.cpython-313t-x86_64-linux-gnu.so");
  REQUIRE(threaded);
  CHECK_FALSE(importable(*threaded, "cp313", "x86_64-linux-gnu"));
}
