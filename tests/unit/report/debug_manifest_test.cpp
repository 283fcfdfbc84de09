#include "report/debug_manifest.h"

#include <doctest/doctest.h>

using namespace lambdapack;

namespace {

const std::string kHash(64, 'a');

DebugManifest sample() {
  return {kHash,
          {{"bootstrap", "", kHash, kHash, "by-sha256/" + kHash + ".debug"},
           {"lib/\xff.so", "abcdef", kHash, kHash, ".build-id/ab/cdef.debug"}}};
}

std::string with(std::string text, std::string_view old_text, std::string_view new_text) {
  const std::size_t at = text.find(old_text);
  REQUIRE(at != text.npos);
  return text.replace(at, old_text.size(), new_text);
}

}  // namespace

TEST_CASE("a debug manifest is read as it was written, names that are no UTF-8 too") {
  const auto read = read_debug_manifest(render_debug_manifest(sample()), "manifest.json");
  REQUIRE(read);
  CHECK(read->zip_sha256 == kHash);
  REQUIRE(read->files.size() == 2);
  CHECK(read->files[0].build_id.empty());
  CHECK(read->files[0].debug_file == "by-sha256/" + kHash + ".debug");
  CHECK(read->files[1].path == "lib/\xff.so");
  CHECK(read->files[1].build_id == "abcdef");
}

TEST_CASE("a debug manifest that is not one, or that leads out of its bundle, is an error") {
  const std::string good = render_debug_manifest(sample());
  for (const std::string& bad :
       {std::string("{"), std::string("[]"), std::string("{}"), with(good, "lambdapack-debug/1", "lambdapack-debug/2"),
        with(good, ".build-id/ab", "../etc"), with(good, ".build-id/ab", "/etc"), with(good, "\"abcdef\"", "\"xyz\""),
        with(good, "\"files\"", "\"flies\""), with(good, "\"sha256\": \"a", "\"sha256\": \"A")}) {
    CAPTURE(bad);
    const auto read = read_debug_manifest(bad, "manifest.json");
    REQUIRE(!read);
    CHECK(read.error().subject == "manifest.json");
  }
}
