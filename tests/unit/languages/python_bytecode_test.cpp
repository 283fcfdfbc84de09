// Names as importlib.util.cache_from_source makes them, headers as PEP 552 lays them out, hashes as CPython computes
// them.
#include "languages/python_bytecode.h"

#include <doctest/doctest.h>

#include "support/bytecode.h"

using namespace lambdapack;
using namespace lambdapack::test;

TEST_CASE("parse_pyc_path tells the source, the version and the optimisation level") {
  const auto plain = parse_pyc_path("pkg/__pycache__/x.cpython-311.pyc");
  REQUIRE(plain);
  CHECK(plain->source == "pkg/x.py");
  CHECK(plain->version == "3.11");
  CHECK(plain->optimisation.empty());
  CHECK(plain->cached);

  const auto optimised = parse_pyc_path("__pycache__/a.b.cpython-39.opt-2.pyc");
  REQUIRE(optimised);
  CHECK(optimised->source == "a.b.py");
  CHECK(optimised->version == "3.9");
  CHECK(optimised->optimisation == "2");

  const auto other = parse_pyc_path("pkg/__pycache__/x.pypy310.pyc");
  REQUIRE(other);
  CHECK(other->version.empty());

  const auto beside = parse_pyc_path("pkg/x.pyc");
  REQUIRE(beside);
  CHECK(!beside->cached);
  CHECK(beside->source == "pkg/x.py");
}

TEST_CASE("parse_pyc_path leaves alone what Python never looks for") {
  for (const char* path : {"x.py", "x.pyo", "pkg/__pycache__/x.pyc", "pkg/__pycache__/.cpython-311.pyc",
                           "pkg/__pycache__/x.cpython-311.opt-.pyc", "pkg/__pycache__/.pyc", "pyc"})
    CHECK_MESSAGE(!parse_pyc_path(path), path);
  for (const char* path : {"__pycache__/x.cpython-.pyc", "__pycache__/x.cpython-3.pyc",
                           "__pycache__/x.cpython-31111.pyc", "__pycache__/x.cpython-3x.pyc"})
    CHECK_MESSAGE(parse_pyc_path(path)->version.empty(), path);
}

TEST_CASE("parse_pyc_header reads dates and hashes, and refuses what is too short") {
  const auto dated = parse_pyc_header(as_bytes(dated_pyc(kPython311, 1'700'000'000, 42)));
  REQUIRE(dated);
  CHECK(dated->magic == kPython311.magic);
  CHECK(!dated->hash_based);
  CHECK(dated->mtime == 1'700'000'000);
  CHECK(dated->size == 42);

  const auto checked = parse_pyc_header(as_bytes(hashed_pyc(kPython311, "import os\n", true)));
  REQUIRE(checked);
  CHECK(checked->hash_based);
  CHECK(checked->check_source);
  CHECK(checked->hash == python_source_hash(kPython311, as_bytes("import os\n")));
  CHECK(!parse_pyc_header(as_bytes(hashed_pyc(kPython311, "", false)))->check_source);

  CHECK(!parse_pyc_header(as_bytes("\xa7\x0d\x0d")));
  CHECK(!parse_pyc_header({}));
  CHECK(!parse_pyc_header(as_bytes(little_endian(kPython311.magic) + little_endian(4) + "12345678"))->known_flags);
}

TEST_CASE("python_source_hash is _imp.source_hash of that version") {
  // pythonX.Y -c 'import _imp, importlib.util as u; print(_imp.source_hash(u._RAW_MAGIC_NUMBER, b"import os\n").hex())'
  CHECK(to_hex(python_source_hash(kPython310, as_bytes("import os\n"))) == "f583e543bc07b128");
  CHECK(to_hex(python_source_hash(kPython311, as_bytes("import os\n"))) == "bf452971496c7b11");
  CHECK(to_hex(python_source_hash(kPython311, {})) == "738d9cd5d5e87f73");
}

TEST_CASE("python_optimisation reads PYTHONOPTIMIZE as CPython does") {
  CHECK(python_optimisation({}).empty());
  CHECK(python_optimisation({{"PYTHONOPTIMIZE", ""}}).empty());
  CHECK(python_optimisation({{"PYTHONOPTIMIZE", "0"}}).empty());
  CHECK(python_optimisation({{"PYTHONOPTIMIZE", "2"}}) == "2");
  CHECK(python_optimisation({{"PYTHONOPTIMIZE", "yes"}}) == "1");
  CHECK(python_optimisation({{"PYTHONOPTIMIZE", "-3"}}) == "1");
}
