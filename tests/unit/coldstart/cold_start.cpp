// The model's arithmetic against numbers worked out by hand, and the built-in coefficients against what is published.
#include "coldstart/cold_start.h"

#include <doctest/doctest.h>

using namespace lambdapack;

namespace {

constexpr std::uint64_t kMib = 1024 * 1024;

Rules small_rules() {
  Rules rules;
  rules.coefficients = {
      {"compile-per-python-mib", "", "", "compile source", {10, 20, 30}},
      {"fetch-fixed", "", "", "fetch source", {1, 2, 3}},
      {"fetch-per-zip-mib", "", "", "fetch source", {1, 10, 100}},
      {"load-per-1000-relocations", "", "", "relocation source", {1, 2, 4}},
      {"load-per-library", "", "", "library source", {0.5, 1, 2}},
      {"read-per-mib", "", "", "read source", {2, 3, 5}},
      {"unpack-per-mib", "", "", "unpack source", {0.5, 1, 2}},
  };
  rules.prices["x86_64"] = {0.00002, 0, "", ""};
  rules.prices["arm64"] = {0.00001, 0, "", ""};
  return rules;
}

Runtime small_runtime(Arch arch) {
  Runtime runtime;
  runtime.arch = arch;
  runtime.init_ms = {10, 20, 40};
  runtime.init_source = "runtime source";
  return runtime;
}

void check_range(const Range& range, double low, double typical, double high) {
  CHECK(range.low == doctest::Approx(low));
  CHECK(range.typical == doctest::Approx(typical));
  CHECK(range.high == doctest::Approx(high));
}

const ColdStartInput kInput{.zip_bytes = 10 * kMib,
                            .unpacked_bytes = 30 * kMib,
                            .touched_bytes = 4 * kMib,
                            .libraries = 6,
                            .relocations = 5000,
                            .compiled_bytes = 0};

}  // namespace

TEST_CASE("each phase is its amounts times its coefficients") {
  const ColdStart start = estimate_cold_start(kInput, small_runtime(Arch::x86_64), small_rules(), 1024);
  REQUIRE(start.phases.size() == 4);
  CHECK(start.phases[0].name == "fetch and unpack");
  check_range(start.phases[0].ms, 1 + 10 * 1 + 30 * 0.5, 2 + 10 * 10 + 30 * 1, 3 + 10 * 100 + 30 * 2);
  CHECK(start.phases[1].name == "runtime");
  check_range(start.phases[1].ms, 10, 20, 40);
  CHECK(start.phases[2].name == "load libraries");
  check_range(start.phases[2].ms, 6 * 0.5 + 5 * 1, 6 * 1 + 5 * 2, 6 * 2 + 5 * 4);
  CHECK(start.phases[3].name == "read code");
  check_range(start.phases[3].ms, 8, 12, 20);
}

TEST_CASE("fetching and unpacking are in the total and not on the bill") {
  const ColdStart start = estimate_cold_start(kInput, small_runtime(Arch::x86_64), small_rules(), 1024);
  check_range(start.billed_init_ms, 10 + 8 + 8, 20 + 16 + 12, 40 + 32 + 20);
  check_range(start.total_ms, 26 + 26, 132 + 48, 1063 + 92);
}

TEST_CASE("a million cold starts cost billed seconds times memory times the architecture's price") {
  // 48 ms at 1 GB: 0.048 GB-s * 0.00002 $ * 1,000,000.
  CHECK(estimate_cold_start(kInput, small_runtime(Arch::x86_64), small_rules(), 1024).dollars_per_million.typical ==
        doctest::Approx(0.96));
  CHECK(estimate_cold_start(kInput, small_runtime(Arch::x86_64), small_rules(), 512).dollars_per_million.typical ==
        doctest::Approx(0.48));
  CHECK(estimate_cold_start(kInput, small_runtime(Arch::arm64), small_rules(), 1024).dollars_per_million.typical ==
        doctest::Approx(0.48));
}

TEST_CASE("memory changes the price and not the time") {
  const ColdStart small = estimate_cold_start(kInput, small_runtime(Arch::x86_64), small_rules(), 128);
  const ColdStart large = estimate_cold_start(kInput, small_runtime(Arch::x86_64), small_rules(), 10240);
  CHECK(small.memory_mb == 128);
  CHECK(small.total_ms.typical == doctest::Approx(large.total_ms.typical));
  CHECK(large.dollars_per_million.typical == doctest::Approx(80 * small.dollars_per_million.typical));
}

TEST_CASE("a source is named once, and only when its coefficient counted") {
  const ColdStart start = estimate_cold_start(kInput, small_runtime(Arch::x86_64), small_rules(), 512);
  CHECK(start.phases[0].source == "fetch source; unpack source");
  CHECK(start.phases[1].source == "runtime source");
  CHECK(start.phases[2].source == "library source; relocation source");
  ColdStartInput unknown = kInput;
  unknown.relocations = 0;
  CHECK(estimate_cold_start(unknown, small_runtime(Arch::x86_64), small_rules(), 512).phases[2].source ==
        "library source");
}

TEST_CASE("compiling is a billed phase of its own when there is something to compile") {
  ColdStartInput input = kInput;
  input.compiled_bytes = 2 * kMib;
  const ColdStart start = estimate_cold_start(input, small_runtime(Arch::x86_64), small_rules(), 512);
  REQUIRE(start.phases.size() == 5);
  CHECK(start.phases[4].name == "compile scripts");
  check_range(start.phases[4].ms, 20, 40, 60);
  check_range(start.billed_init_ms, 26 + 20, 48 + 40, 92 + 60);
}

TEST_CASE("an empty package costs the fixed part and the runtime") {
  const ColdStart start = estimate_cold_start({}, small_runtime(Arch::x86_64), small_rules(), 512);
  check_range(start.total_ms, 11, 22, 43);
  CHECK(start.phases[3].source.empty());
}

TEST_CASE(
    "the built-in model covers what was published: 16 ms for a static Rust bootstrap, 62 ms when glibc is bundled") {
  const Rules rules = load_rules("").value();
  const Runtime provided = rules.runtime("provided.al2023", Arch::x86_64).value();
  ColdStartInput alone;
  alone.libraries = 0;
  alone.touched_bytes = kMib;
  const Range rust = estimate_cold_start(alone, provided, rules, 512).billed_init_ms;
  CHECK(rust.low < 16);
  CHECK(rust.high > 16);
  ColdStartInput bundled = alone;
  bundled.libraries = 12;
  bundled.touched_bytes = 6 * kMib;  // glibc, libstdc++ and libgcc as aws-lambda-cpp's packager adds them
  const Range cpp = estimate_cold_start(bundled, provided, rules, 512).billed_init_ms;
  CHECK(cpp.low < 62);
  CHECK(cpp.high > 62);
}

TEST_CASE("the built-in model stays below what fetching and running 35 MB of JavaScript took in 2021") {
  const Rules rules = load_rules("").value();
  ColdStartInput input;
  input.zip_bytes = 35 * kMib;
  input.unpacked_bytes = 120 * kMib;
  const Phase fetch =
      estimate_cold_start(input, rules.runtime("nodejs22.x", Arch::x86_64).value(), rules, 512).phases[0];
  CHECK(fetch.ms.high < 3875);
  CHECK(fetch.ms.low > 100);
}
