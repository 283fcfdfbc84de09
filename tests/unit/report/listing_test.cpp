// Listings of rules and runtimes, from rules made up here.
#include <doctest/doctest.h>

#include "report/render.h"

using namespace lambdapack;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Runtime sample_runtime(Arch arch) {
  Runtime runtime;
  runtime.id = "python3.12";
  runtime.family = "python";
  runtime.version = "3.12";
  runtime.os = "al2023";
  runtime.glibc = "2.34";
  runtime.arch = arch;
  runtime.loader = arch == Arch::arm64 ? "/lib/ld-linux-aarch64.so.1" : "/lib64/ld-linux-x86-64.so.2";
  runtime.library_path = {"/var/lang/lib", "/lib64"};
  runtime.libraries["/lib64"] = {"libc.so.6", "libz.so.1"};
  if (arch == Arch::x86_64) runtime.libraries["/lib64"].insert(runtime.libraries["/lib64"].begin() + 1, "libmvec.so.1");
  runtime.ceilings = {{"GLIBCXX", "3.4.33", "3.4.29", "dump"}};
  runtime.packages = {{"boto3", "1.40.4"}, {"pip", ""}};
  runtime.deprecation = "2028-10-31";
  runtime.init_ms = {78, 84, 98};
  return runtime;
}

Rule sample_rule() {
  Rule rule;
  rule.id = "strip";
  rule.title = "debug info and symbol tables";
  rule.why = "nothing reads them at run time";
  rule.source = "ELF gABI";
  return rule;
}

}  // namespace

TEST_CASE("a runtime in full says what only one architecture has") {
  const auto text = render_runtime_text(sample_runtime(Arch::x86_64), sample_runtime(Arch::arm64));
  REQUIRE(text.has_value());
  CHECK(contains(*text, "libc.so.6 libz.so.1"));
  CHECK(contains(*text, "only x86_64: libmvec.so.1"));
  CHECK(contains(*text, "/lib64/ld-linux-x86-64.so.2 (x86_64), /lib/ld-linux-aarch64.so.1 (arm64)"));
  CHECK(contains(*text, "3.4.29"));
  CHECK(contains(*text, "boto3=1.40.4"));
}

TEST_CASE("two different runtimes are not shown as one") {
  Runtime other = sample_runtime(Arch::arm64);
  other.id = "java21";
  CHECK(!render_runtime_text(sample_runtime(Arch::x86_64), other).has_value());
}

TEST_CASE("a rule in full has its reason, source and confidence") {
  const std::string text = render_rule_text(sample_rule());
  CHECK(contains(text, "nothing reads them at run time"));
  CHECK(contains(text, "ELF gABI"));
  CHECK(contains(text, "likely"));
}

TEST_CASE("a disabled rule is listed as disabled") {
  Rules rules;
  rules.rules = {sample_rule()};
  CHECK_FALSE(contains(render_rules_text(rules), "(disabled)"));
  rules.rules[0].enabled = false;
  CHECK(contains(render_rules_text(rules), "(disabled)"));
}

TEST_CASE("JSON listings name their schema") {
  CHECK(contains(render_rules_json({sample_rule()}), "\"schema\": \"lambdapack-rules/1\""));
  CHECK(contains(render_runtime_json(sample_runtime(Arch::x86_64), sample_runtime(Arch::arm64)),
                 "\"schema\": \"lambdapack-runtime/1\""));
}
