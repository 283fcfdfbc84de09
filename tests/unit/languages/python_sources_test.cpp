#include "languages/python_sources.h"

#include <doctest/doctest.h>

#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

std::vector<std::string> modules(std::string_view statement, std::string_view package) {
  return imported_modules(scan_python(statement).imports.at(0), package);
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("imported_modules: absolute and relative, with the names that may be modules themselves") {
  CHECK(modules("import a.b", "x.y") == Names{"a.b"});
  CHECK(modules("from a import b, c", "x") == Names{"a", "a.b", "a.c"});
  CHECK(modules("from a import *", "x") == Names{"a"});
  CHECK(modules("from . import b", "x.y") == Names{"x.y", "x.y.b"});
  CHECK(modules("from ..a import b", "x.y") == Names{"x.a", "x.a.b"});
  CHECK(modules("from .. import b", "x") == Names{"b"});
  CHECK(modules("from ... import b", "x").empty());
}

TEST_CASE("WordSet: names in any spelling, parts of dotted names and paths, beginnings") {
  WordSet words;
  words.add("python-dateutil");
  words.add("numpy");
  words.add("a.h");
  for (const char* word :
       {"python_dateutil", "Python.DateUtil", "numpy", "numpy.linalg", "lib/numpy/x", "include/a.h", "plugin_", "x."})
    CHECK_MESSAGE(words.wants(word), word);
  for (const char* word : {"dateutil", "numpyro", "h", "", "/", "..x"}) CHECK_MESSAGE(!words.wants(word), word);
}

TEST_CASE("read_python_sources: *.py and scripts for Python, each with the package of its relative imports") {
  const TestPackage made = MakePackage()
                               .file("app.py", "from .a import b\nif TYPE_CHECKING:\n    import c\nexec('import d')\n")
                               .file("bin/tool", "#!/usr/bin/env python3\nimport e\n")
                               .file("bin/shell", "#!/bin/sh\nimport f\n")
                               .file("lib/pkg/sub/x.py", "import_module('wanted', other)\n'unwanted'.x\n")
                               .file("lib/pkg-1.0.dist-info/METADATA", "Name: pkg\nVersion: 1\n")
                               .make();
  const auto languages = read_languages(made.package, made.inventory, 1);
  REQUIRE(languages);
  WordSet words;
  words.add("wanted");
  const auto sources = read_python_sources(made.package, made.inventory, *languages, words, 2);
  REQUIRE(sources);
  REQUIRE(sources->size() == 3);
  CHECK(made.package.files[(*sources)[0].file].path == "app.py");
  CHECK((*sources)[0].imports.size() == 2);  // without what is only for type checkers, with what a string imports
  CHECK((*sources)[1].imports.at(0).module == "e");
  CHECK((*sources)[2].package == "pkg.sub");
  CHECK((*sources)[2].words == Names{"wanted"});
  CHECK((*sources)[2].calls.at(0).name == "wanted");
}

TEST_CASE("is_bytecode_without_source: code of its own, in __pycache__ or beside where the source would be") {
  const TestPackage made = MakePackage()
                               .file("a.py", "")
                               .file("a.pyc", "")
                               .file("b.pyc", "")
                               .file("__pycache__/a.cpython-312.pyc", "")
                               .file("__pycache__/c.cpython-312.opt-1.pyc", "")
                               .make();
  for (const char* path : {"b.pyc", "__pycache__/c.cpython-312.opt-1.pyc"})
    CHECK_MESSAGE(is_bytecode_without_source(made.package, made.at(path)), path);
  for (const char* path : {"a.py", "a.pyc", "__pycache__/a.cpython-312.pyc"})
    CHECK_MESSAGE(!is_bytecode_without_source(made.package, made.at(path)), path);
}
