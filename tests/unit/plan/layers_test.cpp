// Layers in reach, plan and findings: the layers' files lie under /opt/… in the package of the function.
#include <doctest/doctest.h>

#include "fake_function.h"
#include "plan/check_layers.h"
#include "plan/layer_copies.h"
#include "plan/layer_fit.h"
#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

std::vector<LayerCopy> copies_of(const FakeFunction& f) {
  const Reach reached = f.reach();
  const PlanInput input{f.package, f.inventory, f.languages, f.links, reached, f.target, f.rules, f.sdk_sets, {}};
  const auto copies = find_layer_copies(input, lambda_profile(f.target.runtime, f.env), 2);
  REQUIRE(copies);
  return *copies;
}

FakeFunction function_with_copy() {
  FakeFunction f;
  f.elf("bootstrap", executable({"libx.so.1"})).elf("lib/libx.so.1", library("libx.so.1"), "same");
  f.elf("/opt/lib/libx.so.1", library("libx.so.1"), "same");
  return f;
}

std::vector<std::string> codes_of(const std::vector<Finding>& findings) {
  std::vector<std::string> codes;
  for (const Finding& finding : findings) codes.push_back(finding.code);
  return codes;
}

std::vector<Finding> layer_findings(const FunctionTarget& target, const std::vector<LayerInfo>& layers,
                                    const LanguageView& languages = {}) {
  const Package package;
  const Rules rules;
  return check_layers({package, languages, target, rules, layers});
}

FunctionTarget python312() {
  FunctionTarget target;
  target.runtime.id = "python3.12";
  target.runtime.family = "python";
  target.runtime.version = "3.12";
  return target;
}

Distribution distribution(std::string name, std::string version, std::string folder) {
  Distribution made;
  made.info = (folder.empty() ? "" : folder + "/") + name + "-" + version + ".dist-info";
  made.name = std::move(name);
  made.version = std::move(version);
  made.folder = std::move(folder);
  return made;
}

LayerInfo layer_with(std::size_t x86_64, std::size_t arm64, std::vector<std::string> folders = {}) {
  return {"layer.zip", 1, 1, 0, x86_64, arm64, std::move(folders)};
}

}  // namespace

TEST_CASE("a layer's files are neither dropped nor changed, and what they need of the function is reached") {
  FakeFunction f;
  f.text("app.py", "");
  f.elf("lib/libneeded.so.1", library("libneeded.so.1")).elf("lib/libunused.so.1", library("libunused.so.1"));
  f.elf("/opt/lib/libx.so.1", library("libx.so.1", {"libneeded.so.1"}));
  f.text("/opt/.DS_Store", "");
  f.done();
  CHECK(f.decision("/opt/lib/libx.so.1").action == Action::keep);
  CHECK(f.decision("/opt/.DS_Store").action == Action::keep);
  CHECK(f.reach().reached(f.at("lib/libneeded.so.1")));
  CHECK(f.decision("lib/libunused.so.1").action == Action::drop);
}

TEST_CASE("a library that a layer's text names is reached") {
  FakeFunction f;
  f.elf("lib/libneeded.so.1", library("libneeded.so.1"));
  f.text("/opt/python/x.py", "open('libneeded.so.1')");
  f.done();
  CHECK(f.reach().reached(f.at("lib/libneeded.so.1")));
}

TEST_CASE("a copy of a layer's library is found when the bytes are the same, and not else") {
  FakeFunction f = function_with_copy();
  f.done();
  const auto copies = copies_of(f);
  REQUIRE(copies.size() == 1);
  CHECK(copies[0].file == f.at("lib/libx.so.1"));
  CHECK(copies[0].layer_file == f.at("/opt/lib/libx.so.1"));
  CHECK(copies[0].confidence == Confidence::likely);

  FakeFunction other;
  other.elf("bootstrap", executable({"libx.so.1"})).elf("lib/libx.so.1", library("libx.so.1"), "one");
  other.elf("/opt/lib/libx.so.1", library("libx.so.1"), "two").done();
  CHECK(copies_of(other).empty());
}

TEST_CASE("a copy is no copy when it lies off the search path, or a name of it is not in the layer") {
  FakeFunction off_path;
  off_path.elf("bootstrap", executable({"libx.so.1"})).elf("vendor/libx.so.1", library("libx.so.1"), "same");
  off_path.elf("/opt/lib/libx.so.1", library("libx.so.1"), "same").done();
  CHECK(copies_of(off_path).empty());

  FakeFunction linked = function_with_copy();
  linked.link("lib/libx.so", "libx.so.1").done();
  CHECK(copies_of(linked).empty());

  FakeFunction both = function_with_copy();
  both.link("lib/libx.so", "libx.so.1").link("/opt/lib/libx.so", "libx.so.1").done();
  CHECK(copies_of(both).size() == 1);
}

TEST_CASE(
    "a copy that is named by its path, that may open files beside it, or with a changed search path is only possible") {
  FakeFunction named = function_with_copy();
  named.text("app.py", "CDLL('/var/task/lib/libx.so.1')").done();
  REQUIRE(copies_of(named).size() == 1);
  CHECK(copies_of(named)[0].confidence == Confidence::possible);

  FakeFunction script = function_with_copy();
  script.text("run.sh", "#!/bin/sh\nLD_LIBRARY_PATH=/x exec y\n").done();
  CHECK(copies_of(script)[0].confidence == Confidence::possible);

  FakeFunction opener;
  ElfInfo opens = library("libx.so.1");
  opens.calls_dlopen = true;
  opener.elf("bootstrap", executable({"libx.so.1"})).elf("lib/libx.so.1", opens, "same");
  opener.elf("/opt/lib/libx.so.1", opens, "same").done();
  CHECK(copies_of(opener)[0].confidence == Confidence::possible);
}

TEST_CASE("without --dedupe-layers a copy of a layer's library stays") {
  FakeFunction f = function_with_copy();
  f.done();
  CHECK(f.decision("lib/libx.so.1").action != Action::drop);
}

TEST_CASE("findings in a layer's files are warnings, since a function may use none of them") {
  FakeFunction f;
  f.elf("bootstrap", executable({}));
  f.elf("/opt/lib/libx.so.1", library("libx.so.1", {"libnowhere.so.1"})).done();
  CHECK(f.finding("missing-library").severity == Severity::warning);
  CHECK(f.finding("missing-library").path == "/opt/lib/libx.so.1");
}

TEST_CASE("an extension in a layer must be executable") {
  FakeFunction f;
  f.elf("bootstrap", executable({}));
  f.text("/opt/extensions/agent", "#!/bin/sh\n", 0644).text("/opt/extensions/data/readme", "x", 0644).done();
  CHECK(f.finding("bootstrap-not-executable").path == "/opt/extensions/agent");
}

TEST_CASE("Lambda starts nothing in a function's own extensions folder, but what is there in a layer") {
  FakeFunction f;
  f.elf("bootstrap", executable({})).text("extensions/agent", "#!/bin/sh\n", 0644).done();
  CHECK(f.finding("bootstrap-not-executable").code == "none");
  f.target.is_layer = true;
  CHECK(f.finding("bootstrap-not-executable").path == "extensions/agent");
}

TEST_CASE("a function takes five layers") {
  const std::vector<LayerInfo> five(5, layer_with(0, 0)), six(6, layer_with(0, 0));
  CHECK(layer_findings(python312(), five).empty());
  CHECK(codes_of(layer_findings(python312(), six)) == std::vector<std::string>{"too-many-layers"});
}

TEST_CASE("a layer is of the wrong machine when none of its ELF files is for the function's") {
  FunctionTarget arm = python312();
  arm.arch = Arch::arm64;
  CHECK(codes_of(layer_findings(arm, {layer_with(3, 0)})) == std::vector<std::string>{"layer-wrong-machine"});
  CHECK(layer_findings(arm, {layer_with(3, 1)}).empty());
  CHECK(layer_findings(arm, {layer_with(0, 0)}).empty());
  CHECK(layer_findings(python312(), {layer_with(3, 0)}).empty());
}

TEST_CASE("a layer's folder for another Python is no use, unless there is one for this Python too") {
  CHECK(codes_of(layer_findings(python312(), {layer_with(0, 0, {"python/lib/python3.11"})})) ==
        std::vector<std::string>{"layer-folder-not-searched"});
  CHECK(layer_findings(python312(), {layer_with(0, 0, {"python/lib/python3.11", "python/lib/python3.12"})}).empty());
  CHECK(layer_findings(python312(), {layer_with(0, 0, {"nodejs/node18"})}).empty());
}

TEST_CASE("boto3 from the function with botocore from a layer is a split SDK; both from one place are not") {
  LanguageView languages;
  languages.distributions = {distribution("botocore", "1.35.0", "/opt/python"), distribution("boto3", "1.40.0", "")};
  CHECK(codes_of(layer_findings(python312(), {layer_with(0, 0)}, languages)) == std::vector<std::string>{"sdk-split"});
  languages.distributions[1].folder = "/opt/python";
  CHECK(layer_findings(python312(), {layer_with(0, 0)}, languages).empty());
}

TEST_CASE("a distribution in function and layer is said, with both versions") {
  LanguageView languages;
  languages.distributions = {distribution("numpy", "1.26.0", "/opt/python"), distribution("numpy", "2.1.0", "")};
  const auto findings = layer_findings(python312(), {layer_with(0, 0)}, languages);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].code == "also-in-layer");
  CHECK(findings[0].severity == Severity::info);
  CHECK(findings[0].message.contains("numpy 2.1.0 is also in /opt/python (1.26.0)"));
}

TEST_CASE("a layer fits the runtimes whose Python its modules are for, on the architecture of its code") {
  ElfInfo module = library("");
  module.is64 = true;
  module.entry_points = {"PyInit__x"};
  const auto made = MakePackage().elf("python/_x.cpython-312-x86_64-linux-gnu.so", module).make();
  const auto rules = load_rules("");
  REQUIRE(rules);
  const auto fits = find_layer_fits(made.package, made.inventory, *rules, "2026-01-01");
  REQUIRE(fits);
  for (const RuntimeFit& fit : *fits) {
    CHECK(fit.runtime.starts_with("python"));
    const bool right = fit.runtime == "python3.12" && fit.arch == Arch::x86_64;
    CHECK_MESSAGE(fit.obstacle.empty() == right, fit.runtime << ": " << fit.obstacle);
  }
  CHECK(std::ranges::any_of(*fits, [](const RuntimeFit& fit) { return fit.obstacle.empty(); }));
}
