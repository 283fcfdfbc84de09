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

TEST_CASE("a Windows name gives module, ABI and platform") {
  const auto tagged = parse_windows_extension("_x.cp312-win_amd64.pyd");
  REQUIRE(tagged);
  CHECK(tagged->module == "_x");
  CHECK(tagged->abi == "cp312");
  CHECK(tagged->platform == "win_amd64");
  const auto plain = parse_windows_extension("_x.pyd");
  REQUIRE(plain);
  CHECK(plain->abi.empty());
  CHECK_FALSE(parse_windows_extension("_x.dll"));
  CHECK_FALSE(parse_windows_extension(".pyd"));
}

TEST_CASE("versions of CPython are in order although 3.9 has one digit and 3.10 two") {
  CHECK(cpython_number("cp39") == 309);
  CHECK(cpython_number("cp310-abi3-any") == 310);
  CHECK(cpython_number("cp313t") == 313);
  CHECK(cpython_number("py3") == 0);
  CHECK(cpython_number("cp3") == 0);
  CHECK(cpython_number("cp39") < cpython_number("cp310"));
}

TEST_CASE("an ABI is said in words") {
  CHECK(abi_in_words("cp310") == "CPython 3.10");
  CHECK(abi_in_words("cp313t") == "CPython 3.13 (free-threaded)");
  CHECK(abi_in_words("cp312d") == "CPython 3.12 (debug)");
  CHECK(abi_in_words("pypy310-pp73") == "PyPy 3.10");
  CHECK(abi_in_words("abi3") == "abi3");
}

TEST_CASE("a wheel tag fits when interpreter, ABI and platform do") {
  const auto fits = [](std::string_view tag) { return tag_fits(tag, "cp312", "x86_64"); };
  CHECK(fits("cp312-cp312-manylinux_2_17_x86_64"));
  CHECK(fits("cp39-abi3-manylinux_2_28_x86_64"));
  CHECK(fits("cp312-abi3-linux_x86_64"));
  CHECK(fits("py3-none-any"));
  CHECK(fits("py3-none-manylinux2014_x86_64"));
  CHECK_FALSE(fits("cp313-abi3-manylinux_2_28_x86_64"));
  CHECK_FALSE(fits("cp310-cp310-manylinux_2_17_x86_64"));
  CHECK_FALSE(fits("cp312-cp312-manylinux_2_17_aarch64"));
  CHECK_FALSE(fits("cp312-cp312-musllinux_1_2_x86_64"));
  CHECK_FALSE(fits("cp312-cp312-win_amd64"));
  CHECK_FALSE(fits("cp313-cp313t-manylinux_2_17_x86_64"));
  CHECK_FALSE(fits("nonsense"));
}
