// From the text of an error to the rule that is behind it.
#include "report/explain_error.h"

#include <doctest/doctest.h>

using namespace lambdapack;

namespace {

FileDecision dropped(std::string path, std::string rule, std::string reason = "why", bool applied = true) {
  return {std::move(path), "drop", std::move(rule), std::move(reason), "possible", 10, 10, applied};
}

Report report_with(std::vector<FileDecision> decisions, std::vector<FileLine> files = {}) {
  Report report;
  report.source = "function.zip";
  report.decisions = std::move(decisions);
  report.files = std::move(files);
  return report;
}

Explanation only(const Report& report, std::string_view error) {
  const auto explanations = explain_error(report, error);
  REQUIRE(explanations.size() == 1);
  return explanations.front();
}

Complaint complaint_in(std::string_view text) {
  const auto complaints = read_error_text(text);
  REQUIRE(complaints.size() == 1);
  return complaints.front();
}

}  // namespace

TEST_CASE("each program's words give what was looked for") {
  CHECK(complaint_in("Unable to import module 'app': No module named 'pandas.io'") ==
        Complaint{Sought::python_module, "pandas.io", "", ""});
  CHECK(complaint_in("{\"errorMessage\": \"No module named 'a.b'; 'a' is not a package\"}") ==
        Complaint{Sought::python_module, "a.b", "", ""});
  CHECK(complaint_in("ImportError: No module named yaml") == Complaint{Sought::python_module, "yaml", "", ""});
  CHECK(complaint_in("ImportError: cannot import name 'x' from 'a.b' (/var/task/a/b.py)") ==
        Complaint{Sought::python_module, "a.b.x", "", ""});
  CHECK(complaint_in("importlib.metadata.PackageNotFoundError: No package metadata was found for Foo.Bar\n") ==
        Complaint{Sought::python_distribution, "Foo.Bar", "", ""});
  CHECK(complaint_in("Error: Cannot find module './lib/x'\nRequire stack:\n- /var/task/node_modules/a/index.js\n") ==
        Complaint{Sought::npm_package, "./lib/x", "node_modules/a/index.js", ""});
  CHECK(complaint_in("Cannot find package 'pino-pretty' imported from /var/task/index.mjs") ==
        Complaint{Sought::npm_package, "pino-pretty", "index.mjs", ""});
  CHECK(complaint_in("OSError: libfoo.so.1: cannot open shared object file: No such file or directory") ==
        Complaint{Sought::library, "libfoo.so.1", "", ""});
  CHECK(complaint_in("/var/task/bootstrap: error while loading shared libraries: libz.so.1: cannot open shared object "
                     "file: No such file or directory") == Complaint{Sought::library, "libz.so.1", "", ""});
  CHECK(complaint_in("java.lang.UnsatisfiedLinkError: no snappyjava in java.library.path: /usr/java") ==
        Complaint{Sought::library, "libsnappyjava.so", "", ""});
  CHECK(complaint_in("/lib64/libc.so.6: version `GLIBC_2.38' not found (required by /var/task/lib/libx.so)") ==
        Complaint{Sought::symbol_version, "GLIBC_2.38", "lib/libx.so", "/lib64/libc.so.6"});
  CHECK(complaint_in("ImportError: /var/task/x.so: undefined symbol: _ZN3fooEv") ==
        Complaint{Sought::symbol, "_ZN3fooEv", "", ""});
  CHECK(complaint_in("ImportError: /var/task/numpy/x.so: invalid ELF header") ==
        Complaint{Sought::file, "numpy/x.so", "", ""});
  CHECK(complaint_in("FileNotFoundError: [Errno 2] No such file or directory: '/var/task/a/b.csv'") ==
        Complaint{Sought::file, "a/b.csv", "", ""});
  CHECK(complaint_in("botocore.exceptions.UnknownServiceError: Unknown service: 's3'. Valid") ==
        Complaint{Sought::aws_service, "s3", "", ""});
  CHECK(read_error_text("Task timed out after 3.00 seconds").empty());
}

TEST_CASE("an error that is repeated is explained once, and hostile text ends") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "No module named 'a'\n" + std::string(i % 7, ':') + ": version `";
  CHECK(read_error_text(text).size() == 1);
  CHECK(read_error_text(std::string(10'000, '(') + ": cannot open shared object file").size() <= 1);
}

TEST_CASE("a module that was dropped leads to its rule, to --keep and to --restore") {
  const Report report = report_with(
      {dropped("python/tabulate/__init__.py", "drop-unreached-distribution", "no import"),
       dropped("python/tabulate/version.py", "drop-unreached-distribution", "no import"),
       dropped("python/tabulate-0.9.dist-info/METADATA", "drop-unreached-distribution", "no import"),
       dropped("python/x/vendor/tabulate/deep.py", "drop-tests"), dropped("python/tabulates.py", "drop-tests")});
  const Explanation found = only(report, "No module named 'tabulate'");
  REQUIRE(found.causes.size() == 1);
  CHECK(found.causes[0].rule == "drop-unreached-distribution");
  CHECK(found.causes[0].paths.size() == 2);
  CHECK(found.causes[0].bytes == 20);
  CHECK(found.causes[0].patterns == std::vector<std::string>{"python/tabulate/", "python/tabulate-0.9.dist-info/"});
  CHECK(is_explained(found));
  const std::string text = render_explanations({found}, report);
  CHECK(text.contains("--keep 'python/tabulate/' --keep 'python/tabulate-0.9.dist-info/'"));
  CHECK(text.contains("--restore drop-unreached-distribution"));
}

TEST_CASE("one module file, one metadata folder, one npm package, one service") {
  const Report report =
      report_with({dropped("a/b.py", "r1"), dropped("foo_bar-1.0.dist-info/RECORD", "r2"),
                   dropped("node_modules/@s/p/index.js", "r3"), dropped("node_modules/@s/p2/index.js", "r3"),
                   dropped("botocore/data/sqs/2012/service-2.json", "r4"), dropped("botocore/data/sqsx/a", "r4")});
  CHECK(only(report, "No module named 'a.b'").causes.at(0).patterns == std::vector<std::string>{"a/b.py"});
  CHECK(only(report, "No package metadata was found for Foo.Bar").causes.at(0).patterns ==
        std::vector<std::string>{"foo_bar-1.0.dist-info/"});
  CHECK(only(report, "Cannot find module '@s/p/sub'").causes.at(0).patterns ==
        std::vector<std::string>{"node_modules/@s/p/"});
  CHECK(only(report, "Unknown service: 'sqs'").causes.at(0).patterns == std::vector<std::string>{"botocore/data/sqs/"});
}

TEST_CASE("a relative module of Node is the importer's") {
  const Report report = report_with({dropped("node_modules/a/lib/x.js", "r"), dropped("node_modules/b/lib/x.js", "r")});
  const Explanation found =
      only(report, "Cannot find module '../lib/x'\nRequire stack:\n- /var/task/node_modules/a/bin/run.js");
  REQUIRE(found.causes.size() == 1);
  CHECK(found.causes[0].paths == std::vector<std::string>{"node_modules/a/lib/x.js"});
}

TEST_CASE("an absolute module of Node, as ES modules are reported, is that file") {
  const Report report = report_with({dropped("lib/a.mjs", "r"), dropped("node_modules/lib/a.mjs", "other"),
                                     dropped("node_modules/p/lib/b.js", "r2")});
  const Explanation own = only(report, "Cannot find module '/var/task/lib/a.mjs' imported from /var/task/index.mjs");
  REQUIRE(own.causes.size() == 1);
  CHECK(own.causes[0].paths == std::vector<std::string>{"lib/a.mjs"});
  const Explanation packaged =
      only(report, "Cannot find module '/var/task/node_modules/p/lib/b.js' imported from /var/task/index.mjs");
  CHECK(packaged.causes.at(0).paths == std::vector<std::string>{"node_modules/p/lib/b.js"});
  CHECK(only(report, "Cannot find module 'lib/x'\nRequire stack:\n- /var/task/index.js").causes.at(0).rule == "other");
}

TEST_CASE("a name is looked for at every place of the path") {
  const Report report =
      report_with({dropped("yaml-1.0/yaml/__init__.py", "r1"), dropped("python/a.b/a/b.py", "r2"),
                   dropped("x/botocore/data/s3.old/botocore/data/s3x/botocore/data/s3/service.json", "r3")});
  CHECK(only(report, "No module named 'yaml'").causes.at(0).patterns == std::vector<std::string>{"yaml-1.0/yaml/"});
  CHECK(only(report, "No module named 'a.b'").causes.at(0).patterns == std::vector<std::string>{"python/a.b/a/b.py"});
}

TEST_CASE("a library is found by its file name, a version by the library that lacks it") {
  Report report = report_with(
      {dropped("lib/libfoo.so.1", "drop-unused-library"), dropped("lib/libstdc++.so.6", "drop-shadowed-library")});
  CHECK(only(report, "libfoo.so.1: cannot open shared object file").causes.at(0).rule == "drop-unused-library");
  report.findings = {{"symbol-version-too-new", Severity::error, "lib/a.so", "GLIBCXX_3.4.32", "needs it", "do this"},
                     {"symbol-version-too-new", Severity::error, "lib/b.so", "GLIBCXX_3.4.32", "needs it", "do this"}};
  const Explanation version =
      only(report, "/lib64/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /var/task/lib/a.so)");
  CHECK(version.causes.at(0).rule == "drop-shadowed-library");
  REQUIRE(version.findings.size() == 1);
  CHECK(version.findings[0].path == "lib/a.so");
}

TEST_CASE("what was not dropped is said to be so, and explains nothing") {
  const Report report = report_with({dropped("b.py", "r", "guess", false)}, {{"lib/a.py", "", "", 1}});
  const Explanation kept = only(report, "No module named 'a'");
  CHECK(kept.kept == std::vector<std::string>{"lib/a.py"});
  CHECK_FALSE(is_explained(kept));
  const Explanation waits = only(report, "No module named 'b'");
  CHECK_FALSE(waits.causes.at(0).applied);
  CHECK_FALSE(is_explained(waits));
  const Explanation absent = only(report, "No module named 'zzz'");
  CHECK_FALSE(is_explained(absent));
  CHECK(render_explanations({absent}, report).contains("function.zip did not have it"));
}

TEST_CASE("the SDK comes back as a whole") {
  const Report report = report_with({dropped("boto3/__init__.py", "drop-runtime-sdk")});
  CHECK(render_explanations({only(report, "No module named 'boto3'")}, report).contains("pack with --keep-sdk"));
}
