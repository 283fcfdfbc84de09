// The built-in rules: each one runs its own examples, so that adding a rule needs no new test.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/glob.h"
#include "rules/embedded.h"
#include "rules/rules.h"

using namespace lambdapack;

namespace {

const Rules& built_in() {
  static const Rules rules = load_rules("").value();
  return rules;
}

bool symbol_matches(const Rule& rule, std::string_view symbol) {
  return std::ranges::any_of(rule.symbols, [&](const std::string& glob) { return glob_match(glob, symbol); });
}

std::vector<std::string> openers_of(std::string_view path) {
  std::vector<std::string> ids;
  for (const Rule& rule : built_in().rules)
    if (rule.kind == RuleKind::opener && rule.matches(path)) ids.push_back(rule.id);
  return ids;
}

}  // namespace

TEST_CASE("every example of every built-in rule holds") {
  CHECK(built_in().rules.size() > 40);
  for (const Rule& rule : built_in().rules) {
    for (const RuleExample& example : rule.examples) {
      CAPTURE(rule.id);
      CAPTURE(example.path);
      const bool matches =
          rule.kind == RuleKind::plugin_entry ? symbol_matches(rule, example.path) : rule.matches(example.path);
      CHECK(matches == example.matches);
    }
    for (const std::string& path : rule.opens_examples) CHECK_MESSAGE(rule.may_open(path), rule.id, " opens ", path);
  }
}

TEST_CASE("every built-in rule says why and whence, and shows what it does not match") {
  for (const Rule& rule : built_in().rules) {
    CAPTURE(rule.id);
    CHECK(rule.why.size() > 20);
    CHECK(rule.source.size() > 10);
    CHECK(rule.title.size() <= 60);
    CHECK_FALSE(rule.why.ends_with('.'));
    if (rule.kind == RuleKind::built_in) continue;
    CHECK(std::ranges::any_of(rule.examples, [](const RuleExample& example) { return example.matches; }));
    CHECK(std::ranges::any_of(rule.examples, [](const RuleExample& example) { return !example.matches; }));
    if (!rule.opens.empty()) CHECK_FALSE(rule.opens_examples.empty());
  }
}

TEST_CASE("rules are sorted by id, ids are unique, and find finds them") {
  const std::vector<Rule>& rules = built_in().rules;
  CHECK(std::ranges::adjacent_find(rules, [](const Rule& a, const Rule& b) { return a.id >= b.id; }) == rules.end());
  REQUIRE(built_in().find("drop-shadowed-library"));
  CHECK(built_in().find("drop-shadowed-library")->id == "drop-shadowed-library");
  CHECK(built_in().find("no-such-rule") == nullptr);
  CHECK(built_in().find("") == nullptr);
}

TEST_CASE("what the program decides has words for the report") {
  for (const std::string_view id : {"strip", "drop-shadowed-library", "drop-runtime-library", "drop-unused-library",
                                    "drop-runtime-sdk", "drop-other-platform", "link-alias", "keep-user"}) {
    REQUIRE_MESSAGE(built_in().find(id), id);
    CHECK(built_in().find(id)->kind == RuleKind::built_in);
    CHECK(built_in().find(id)->enabled);
  }
  CHECK(built_in().find("drop-other-platform")->confidence == Confidence::proven);
  CHECK(built_in().find("strip")->confidence == Confidence::likely);
}

TEST_CASE("no library name has two opener rules, since only one would be used") {
  for (const Rule& rule : built_in().rules) {
    if (rule.kind != RuleKind::opener) continue;
    for (const RuleExample& example : rule.examples)
      if (example.matches) CHECK_MESSAGE(openers_of(example.path).size() == 1, example.path);
  }
}

TEST_CASE("files that import dlopen in well-known packages are known openers") {
  // Found with readelf --dyn-syms in wheels of PyPI, packages of npm, Debian 12's libcurl with all it
  // needs, and its interpreters and loaders of drivers.
  constexpr std::array kOpeners = {
      "lib/R/lib/libR.so",
      "lib/libOpenCL.so.1.0.0",
      "lib/libruby-3.1.so.3.1.7",
      "lib/liblua5.4.so.0.0.0",
      "lib/libtcl8.6.so",
      "lib/libucs.so.0.0.0",
      "lib/libfabric.so.1.20.0",
      "lib/libvulkan.so.1.3.239",
      "lib/libpipewire-0.3.so.0.365.0",
      "bin/php8.2",
      "_cffi_backend.cpython-311-aarch64-linux-gnu.so",
      "cryptography/hazmat/bindings/_rust.abi3.so",
      "PIL/_imagingft.cpython-311-x86_64-linux-gnu.so",
      "PIL/_imagingtk.cpython-311-x86_64-linux-gnu.so",
      "pillow.libs/libfreetype-987c360c.so.6.20.6",
      "node_modules/@img/sharp-libvips-linux-arm64/lib/libvips-cpp.so.8.17.2",
      "lib/libcrypto.so.3",
      "lib/libkrb5support.so.0",
      "lib/libsasl2.so.2",
      "lib/libp11-kit.so.0",
      "lib/libsqlite3.so.0",
      "psycopg2_binary.libs/libselinux-0922c95c.so.1",
      "pyarrow/libarrow.so.2600",
      "pyarrow/libparquet.so.2600",
      "pyarrow/libarrow_flight.so.2600",
      "pyarrow/libarrow_s3.so.2600",
      "h5py.libs/libhdf5-9e18f0c6.so.320.0.0",
      "opencv_python_headless.libs/libcrypto-5409cd36.so.1.1.1k",
      "cv2/cv2.abi3.so",
      "_awscrt.abi3.so",
      "onnxruntime/capi/libonnxruntime.so.1.32.0",
      "scikit_learn.libs/libgomp-e985bcbb.so.1.0.0",
      "confluent_kafka.libs/librdkafka-0cb94173.so.1",
      "rasterio.libs/libgdal-c8c9c467.so.36.3.10.3",
      "psutil/_psutil_linux.abi3.so",
  };
  for (const std::string_view path : kOpeners) CHECK_MESSAGE(openers_of(path).size() == 1, path);
}

TEST_CASE("a library nobody has described is no known opener") {
  for (const std::string_view path : {"lib/libmine.so", "bootstrap", "ibm_db/clidriver/lib/libdb2.so.1"})
    CHECK_MESSAGE(openers_of(path).empty(), path);
}

TEST_CASE("limits, prices and coefficients are those that AWS and the model's page name") {
  CHECK(built_in().limits.zip_direct_upload == 52'428'800);
  CHECK(built_in().limits.unzipped == 262'144'000);
  CHECK(built_in().limits.layers == 5);
  CHECK_FALSE(built_in().limits.source.empty());
  CHECK(built_in().prices.at("x86_64").gb_second == doctest::Approx(0.0000166667));
  CHECK(built_in().prices.at("arm64").gb_second == doctest::Approx(0.0000133334));
  for (const std::string_view id : {"fetch-fixed", "fetch-per-zip-mib", "unpack-per-mib", "load-per-library",
                                    "load-per-1000-relocations", "read-per-mib", "compile-per-python-mib"}) {
    REQUIRE_MESSAGE(built_in().coefficient(id), id);
    const Coefficient& coefficient = *built_in().coefficient(id);
    CHECK(coefficient.value.low > 0);
    CHECK(coefficient.value.low < coefficient.value.typical);
    CHECK(coefficient.value.typical < coefficient.value.high);
    CHECK(coefficient.source.size() > 20);
  }
  CHECK(built_in().coefficients.size() == 7);
  CHECK(built_in().coefficient("nothing") == nullptr);
}

TEST_CASE("embedded files are sorted by name and all of rules/") {
  const std::vector<EmbeddedFile>& files = embedded_rules();
  CHECK(std::ranges::is_sorted(files, {}, &EmbeddedFile::name));
  std::set<std::string_view> names;
  for (const EmbeddedFile& file : files) names.insert(file.name);
  CHECK(names.size() == files.size());
  for (const std::string_view name :
       {"os/al2023.toml", "runtimes/python3.12.toml", "limits.toml", "openers/cryptography.toml"})
    CHECK(names.contains(name));
}

TEST_CASE("confidences have names") {
  CHECK(to_string(Confidence::proven) == "proven");
  CHECK(to_string(Confidence::likely) == "likely");
  CHECK(to_string(Confidence::possible) == "possible");
}
