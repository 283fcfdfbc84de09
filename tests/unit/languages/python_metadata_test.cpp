#include "languages/python_metadata.h"

#include <doctest/doctest.h>

using namespace lambdapack;

TEST_CASE("names are normalised as PEP 503 says") {
  CHECK(normalise_distribution_name("Python_DateUtil") == "python-dateutil");
  CHECK(normalise_distribution_name("ruamel.yaml") == "ruamel-yaml");
  CHECK(normalise_distribution_name("a-_.b") == "a-b");
}

TEST_CASE("METADATA gives name, version and the names and specifiers of its requirements") {
  const PythonMetadata metadata = parse_python_metadata(
      "Metadata-Version: 2.1\r\n"
      "Name: Foo_Bar\r\n"
      "version: 1.2\r\n"
      "Requires-Dist: urllib3[secure] (<1.27,>=1.25.4) ; python_version < \"3.10\"\r\n"
      "Requires-Dist: Six>=1.5\r\n"
      "Requires-Dist: awscrt==0.27.6; extra == 'crt'\r\n"
      "\r\n"
      "Requires-Dist: not-a-header\r\n");
  CHECK(metadata.name == "Foo_Bar");
  CHECK(metadata.version == "1.2");
  REQUIRE(metadata.requirements.size() == 3);
  CHECK(metadata.requirements[0].name == "urllib3");
  CHECK(metadata.requirements[0].specifier == "(<1.27,>=1.25.4)");
  CHECK(metadata.requirements[1].name == "six");
  CHECK(metadata.requirements[1].specifier == ">=1.5");
  CHECK(metadata.requirements[2].name == "awscrt");
}

TEST_CASE("a folded header is one header") {
  const PythonMetadata metadata =
      parse_python_metadata("Name: foo\nRequires-Dist: six\n    (>=1.5)\n\t; extra == 'x'\n");
  REQUIRE(metadata.requirements.size() == 1);
  CHECK(metadata.requirements[0].specifier == "(>=1.5)");
}

TEST_CASE("metadata that is cut off or of another kind gives what can be read and no more") {
  CHECK(parse_python_metadata("").name.empty());
  CHECK(parse_python_metadata("Name").name.empty());
  CHECK(parse_python_metadata("  continued from nowhere\nName: foo").name == "foo");
  CHECK(parse_python_metadata("Requires-Dist: ;\nRequires-Dist: six[\nName: x").requirements.size() == 1);
}

TEST_CASE("RECORD's quoted paths may hold commas, quotes and line ends") {
  const auto record = parse_record(
      "a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\r\n"
      "\"b, \"\"c\"\"\nd.py\",,12\n"
      "x-1.dist-info/RECORD,,\n"
      "e.py,md5=1,x\n");
  REQUIRE(record.size() == 4);
  CHECK(record[0].path == "a.py");
  CHECK(record[0].sha256 == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
  CHECK(record[0].size == 0u);
  CHECK(record[1].path == "b, \"c\"\nd.py");
  CHECK(record[1].size == 12u);
  CHECK_FALSE(record[2].size);
  CHECK(record[3].sha256.empty());
  CHECK_FALSE(record[3].size);
}

TEST_CASE("a RECORD without an end quote or with stray fields ends without an end") {
  CHECK(parse_record("\"abc").size() == 1);
  CHECK(parse_record("\"").empty());
  CHECK(parse_record(",,\n,\n\n\r\r\n").empty());
  CHECK(parse_record("a,b,c,d,e,f\ng\n").size() == 2);
}

TEST_CASE("WHEEL tags and an egg's requires.txt are read") {
  CHECK(parse_wheel_tags(
            "Wheel-Version: 1.0\nTag: cp312-cp312-manylinux_2_17_x86_64\nTag: cp312-cp312-manylinux2014_x86_64\n") ==
        std::vector<std::string>{"cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-manylinux2014_x86_64"});
  const auto requirements = parse_egg_requires("six>=1.5\n\n[secure]\npyOpenSSL\n");
  REQUIRE(requirements.size() == 2);
  CHECK(requirements[1].name == "pyopenssl");
}

TEST_CASE("entry_points.txt: groups, names and values without extras; comments and broken lines are left out") {
  const auto points = parse_entry_points(
      "x = before.any:group\n[console_scripts]\ntool = pkg.cli:main [color]\n; comment\n# comment\nbroken\n"
      "[ sqlalchemy.dialects ]\r\nsnow.flake=pkg\r\n[unclosed\ny = z\n[]\na = b\n");
  REQUIRE(points.size() == 3);
  CHECK(points[0].group == "console_scripts");
  CHECK(points[0].name == "tool");
  CHECK(points[0].value == "pkg.cli:main");
  CHECK(points[1].group == "sqlalchemy.dialects");
  CHECK(points[1].value == "pkg");
  CHECK(points[2].group == "unclosed");
}
