// Reports that were written as JSON, read back.
#include "report/saved_report.h"

#include <doctest/doctest.h>

#include "report/diff.h"
#include "report/render.h"

using namespace lambdapack;

TEST_CASE("a saved report gives the same side as the report itself") {
  Report report;
  report.command = "pack";
  report.source = "in.zip";
  report.runtime = "python3.12";
  report.arch = "arm64";
  report.after = PackageSize{1, 10, 5, 0, {}};
  report.files = {{"a\xff", "pypi:x", "1", 10}};
  report.decisions = {{"b.py", "drop", "drop-tests", "a folder of tests", "likely", 7, 7, true}};
  report.findings = {{"missing-library", Severity::error, "a\xff", "libx.so.1", "m", "h"}};
  const auto read = read_saved_report("r.json", render_json(report));
  REQUIRE(read);
  const DiffSide direct = side_of(report), again = side_of(*read);
  CHECK(again.arch == direct.arch);
  CHECK(again.unpacked_bytes == direct.unpacked_bytes);
  CHECK(again.zip_bytes == direct.zip_bytes);
  REQUIRE(read->files.size() == 1);
  CHECK(read->files[0].path == "a\xff");
  CHECK(read->files[0].owner == "pypi:x");
  REQUIRE(read->decisions.size() == 1);
  CHECK(read->decisions[0].path == "b.py");
  CHECK(read->decisions[0].rule == "drop-tests");
  CHECK(read->decisions[0].reason == "a folder of tests");
  CHECK(read->decisions[0].applied);
  CHECK(read->decisions[0].saved == 7);
  CHECK(read->findings == direct.findings);
}

TEST_CASE("what is no report is refused, and damaged fields are read as empty") {
  CHECK_FALSE(read_saved_report("x", "{"));
  CHECK_FALSE(read_saved_report("x", "[]"));
  CHECK_FALSE(read_saved_report("x", R"({"schema":"lambdapack-report/1"})"));
  CHECK_FALSE(read_saved_report("x", R"({"schema":"other/1","files":[]})"));
  const auto odd = read_saved_report(
      "x",
      R"({"schema":"lambdapack-report/1","files":[1,{"path":7},{"path":"a","size":-1}],"function":[],"findings":{}})");
  REQUIRE(odd);
  CHECK(odd->files.size() == 3);
  CHECK(odd->findings.empty());
}
