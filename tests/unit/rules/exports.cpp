// Lists of symbols: all that are built in can be read, and one with a mistake says so.
#include <doctest/doctest.h>

#include <algorithm>

#include "rules/read_exports.h"

using namespace lambdapack;

namespace {

constexpr const char* kHead =
    "library = \"libz.so.1\"\nname = \"zlib\"\nreleases = \"1\"\nsource = \"test\"\nneeds = []\n";

std::string error_of(const std::string& file, const std::string& text) {
  const auto read = read_exports(file, text);
  return read ? "" : read.error().message;
}

}  // namespace

TEST_CASE("every built-in list of symbols can be read, and is about a library of its system") {
  const Rules rules = load_rules("").value();
  std::size_t lists = 0;
  for (const auto& [file, text] : rules.files) {
    if (!file.starts_with("exports/")) continue;
    CAPTURE(file);
    const auto exports = read_exports(file, text);
    REQUIRE(exports);
    const bool al2 = file.starts_with("exports/al2/");
    const Runtime runtime = rules.runtime(al2 ? "provided.al2" : "provided.al2023", Arch::x86_64).value();
    CHECK(runtime.folder_of(exports->library));
    // What is listed by version must be a version that the library defines.
    const auto versions = runtime.versions.find("/lib64/" + exports->library);
    for (const auto& [version, names] : exports->symbols) {
      CHECK_FALSE(names.empty());
      if (version.empty()) continue;
      REQUIRE(versions != runtime.versions.end());
      CHECK_MESSAGE(std::ranges::binary_search(versions->second.names, version), version);
    }
    ++lists;
  }
  CHECK(lists > 15);
}

TEST_CASE("the lists tell what builds of OpenSSL leave out, and what zlib has without a version") {
  const Rules rules = load_rules("").value();
  const auto crypto = rules.exports("al2023", "libcrypto.so.3").value().value();
  const auto& first = crypto.symbols.at("OPENSSL_3.0.0");
  CHECK(std::ranges::binary_search(first, "EVP_DigestInit_ex"));
  CHECK_FALSE(std::ranges::binary_search(first, "EC_GROUP_new_curve_GF2m"));
  CHECK_FALSE(std::ranges::binary_search(first, "EVP_sm4_cbc"));
  const auto zlib = rules.exports("al2023", "libz.so.1").value().value();
  CHECK(std::ranges::binary_search(zlib.symbols.at(""), "deflate"));
  CHECK_FALSE(rules.exports("al2023", "libnothing.so.1").value());
}

TEST_CASE("a list of symbols with a mistake is an error") {
  const std::string file = "exports/al2023/libz.so.1.toml";
  CHECK(error_of(file, std::string(kHead) + "[symbols]\nbase = \"deflate\"\n").empty());
  CHECK(error_of(file, kHead).contains("every_symbol"));
  CHECK(error_of(file, std::string(kHead) + "every_symbol = true\n[symbols]\nbase = \"deflate\"\n")
            .contains("every_symbol"));
  CHECK(error_of("exports/al2023/libx.so.1.toml", std::string(kHead) + "[symbols]\nbase = \"a\"\n")
            .contains("file's name"));
  CHECK(error_of(file,
                 "library = \"libz.so.1\"\nname = \"z\"\nreleases = \"1\"\nsource = \"t\"\n[symbols]\nbase = \"a\"\n")
            .contains("needs"));
}
