#include <doctest/doctest.h>

#include "report/render_diff.h"

using namespace lambdapack;

namespace {

DiffSide side(std::string arch, std::vector<FileLine> files, std::vector<Finding> findings = {}) {
  DiffSide made;
  made.source = arch + ".zip";
  made.arch = std::move(arch);
  made.runtime = "python3.12";
  for (const FileLine& file : files) made.unpacked_bytes += file.size;
  made.files = std::move(files);
  made.findings = std::move(findings);
  return made;
}

std::vector<std::string> paths_of(const std::vector<FileLine>& files) {
  std::vector<std::string> paths;
  for (const FileLine& file : files) paths.push_back(file.path);
  return paths;
}

}  // namespace

TEST_CASE("names lose their architecture, and auditwheel's hashes, and nothing else") {
  CHECK(neutral_name("a/_x.cpython-312-x86_64-linux-gnu.so") == "a/_x.cpython-312-{arch}-linux-gnu.so");
  CHECK(neutral_name("a/_x.cpython-312-aarch64-linux-gnu.so") == neutral_name("a/_x.cpython-312-x86_64-linux-gnu.so"));
  CHECK(neutral_name("node_modules/@img/sharp-linux-arm64/x") == neutral_name("node_modules/@img/sharp-linux-x64/x"));
  CHECK(neutral_name("numpy.libs/libopenblas64_-ff651d7f.so") == "numpy.libs/libopenblas64_-{hash}.so");
  CHECK(neutral_name("numpy.libs/libgfortran-040039e1-0352e75f.so.5.0.0") ==
        "numpy.libs/libgfortran-{hash}-{hash}.so.5.0.0");
  CHECK(neutral_name("lib/libfoo-12345678.so") == "lib/libfoo-12345678.so");
  CHECK(neutral_name("charm64/x640.so") == "charm64/x640.so");
  CHECK(neutral_name("org/native/Linux/aarch_64/x.so") == neutral_name("org/native/Linux/x86_64/x.so"));
}

TEST_CASE("two builds of the same are the same but for what one of them lacks") {
  const PackageDiff diff = diff_packages(
      side("x86_64", {{"app.py", "", "", 5},
                      {"m/_x.cpython-312-x86_64-linux-gnu.so", "pypi:m", "1", 10},
                      {"m/only.so", "pypi:m", "1", 7}}),
      side("arm64", {{"app.py", "", "", 5}, {"m/_x.cpython-312-aarch64-linux-gnu.so", "pypi:m", "1", 12}}));
  CHECK(paths_of(diff.only_a) == std::vector<std::string>{"m/only.so"});
  CHECK(diff.only_b.empty());
  CHECK(diff.renamed == 1);
  REQUIRE(diff.changed.size() == 1);
  CHECK(diff.changed[0].b.size == 12);
  REQUIRE(diff.groups.size() == 1);
  CHECK(diff.groups[0].name == "pypi:m");
  CHECK(diff.groups[0].bytes_a == 17);
  CHECK(diff.groups[0].bytes_b == 12);
}

TEST_CASE("a package that holds both architectures is matched by path before it is matched by name") {
  const std::vector<FileLine> both = {{"prebuilds/linux-arm64/x.node", "", "", 1},
                                      {"prebuilds/linux-x64/x.node", "", "", 2}};
  const PackageDiff diff = diff_packages(side("x86_64", both), side("arm64", {both[0]}));
  CHECK(paths_of(diff.only_a) == std::vector<std::string>{"prebuilds/linux-x64/x.node"});
  CHECK(diff.renamed == 0);
}

TEST_CASE("findings are new or gone by what they say of the same file, and a worse one is new") {
  const Finding same{"missing-library", Severity::error, "a-x64.so", "libx.so.1", "m", "h"};
  Finding counterpart = same, worse = same;
  counterpart.path = "a-arm64.so";
  worse.detail = "liby.so.1";
  worse.severity = Severity::warning;
  Finding worst = worse;
  worst.severity = Severity::error;
  const PackageDiff diff = diff_packages(side("x86_64", {}, {same, worse}), side("arm64", {}, {counterpart, worst}));
  CHECK(diff.new_findings == std::vector<Finding>{worst});
  CHECK(diff.gone_findings.empty());
}

TEST_CASE("the text names what only one has, and says when nothing is") {
  const auto diff = diff_packages(side("x86_64", {{"only.so", "", "", 1}}), side("arm64", {}));
  const std::string text = render_diff_text(diff, {});
  CHECK(text.contains("Only in A: 1 file, 1 B"));
  CHECK(text.contains("only.so"));
  CHECK(
      render_diff_text(diff_packages(side("x86_64", {}), side("arm64", {})), {}).contains("Both have the same files"));
}
