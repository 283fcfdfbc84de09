// Jars with fewer members, or stored ones: everything else as it was.
#include "package/rewrite_jar.h"

#include <doctest/doctest.h>

#include "package/raw_zip.h"
#include "package/read_package.h"
#include "package/zip_member.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

std::string rewritten(const std::string& jar, const JarChange& change) {
  const auto bytes = rewrite_jar("t.jar", as_bytes(jar), change);
  REQUIRE(bytes);
  return std::string(as_text(*bytes));
}

std::vector<std::string> names_in(const std::string& jar) {
  const auto directory = read_zip_directory("t.jar", as_bytes(jar));
  REQUIRE(directory);
  std::vector<std::string> names;
  for (const ZipMember& member : directory->members) names.emplace_back(member.name);
  return names;
}

bool is_same_but(const std::string& before, const std::string& after, const std::vector<std::string>& left_out) {
  const auto same = is_rewritten_jar("t.jar", as_bytes(before), as_bytes(after), left_out);
  return same.has_value() && *same;
}

std::string sample() {
  return RawZip()
      .add(stored("META-INF/", "", 0040755))
      .add(deflated("META-INF/MANIFEST.MF", std::string(500, 'm')))
      .add(deflated("z/First.class", std::string(3000, 'z')))
      .add(stored("native/Windows/a.dll", "MZ"))
      .add(deflated("a/Last.class", std::string(2000, 'a')))
      .bytes();
}

}  // namespace

TEST_CASE("members that are left out go; order, folders and packed bytes of the others stay") {
  const std::string before = sample();
  const std::string after = rewritten(before, {{"native/Windows/a.dll"}, false});
  CHECK(names_in(after) ==
        std::vector<std::string>{"META-INF/", "META-INF/MANIFEST.MF", "z/First.class", "a/Last.class"});
  CHECK(after.size() < before.size());
  CHECK(is_same_but(before, after, {"native/Windows/a.dll"}));
  CHECK_FALSE(is_same_but(before, after, {}));
  CHECK_FALSE(is_same_but(after, before, {}));
}

TEST_CASE("stored members have their unpacked bytes, and a second time changes nothing") {
  const std::string before = sample();
  const std::string after = rewritten(before, {{}, true});
  const auto directory = read_zip_directory("t.jar", as_bytes(after));
  REQUIRE(directory);
  for (const ZipMember& member : directory->members) {
    CHECK(member.method == 0);
    CHECK(member.size == member.packed_size);
  }
  CHECK(is_same_but(before, after, {}));
  CHECK(rewritten(after, {{}, true}) == after);
  CHECK(read_archive("t.jar", Content::from_text(after), {}).has_value());
}

TEST_CASE("sizes that stood behind a member stand in its header afterwards") {
  RawMember streamed = deflated("a.class", std::string(900, 'a'));
  streamed.flags = 1 << 3;
  const std::string before = RawZip().add(streamed).add(stored("b", "b")).bytes();
  const std::string after = rewritten(before, {{"b"}, false});
  CHECK((static_cast<unsigned char>(after[6]) & 8) == 0);
  CHECK(is_same_but(before, after, {"b"}));
}

TEST_CASE("a changed byte, a changed date and another order are seen") {
  const std::string before = sample();
  std::string other = rewritten(before, {{}, true});
  other[other.find("zzzz") + 1] = 'y';
  CHECK_FALSE(is_same_but(before, other, {}));
  std::string dated = rewritten(before, {{}, true});
  const std::size_t record = dated.rfind("z/First.class") - 46;
  dated[record + 14] = 0x22;
  CHECK_FALSE(is_same_but(before, dated, {}));
  const std::string swapped = RawZip().add(stored("b", "b")).add(stored("a", "a")).bytes();
  CHECK_FALSE(is_same_but(RawZip().add(stored("a", "a")).add(stored("b", "b")).bytes(), swapped, {}));
}

TEST_CASE("a jar with bytes that belong to no member is refused") {
  const auto refused = [](const RawZip& jar) {
    return !rewrite_jar("t.jar", as_bytes(jar.bytes()), {{}, true}).has_value();
  };
  const auto jar = [] { return RawZip().add(stored("a", "a")).add(stored("b", "b")); };
  CHECK_FALSE(refused(jar()));
  CHECK(refused(jar().behind("#!/bin/sh\n")));
  CHECK(refused(jar().behind("#!/bin/sh\n").adjusted()));
  CHECK(refused(jar().behind_end("appended")));
  CHECK(refused(jar().before_table("a signature")));
  RawMember followed = stored("a", "a");
  followed.hidden = "hidden";
  CHECK(refused(RawZip().add(followed).add(stored("b", "b"))));
}

TEST_CASE("data descriptors, with or without a signature, belong to their member") {
  for (const bool with_signature : {true, false}) {
    RawMember streamed = deflated("a.class", std::string(900, 'a'));
    streamed.flags = 1 << 3;
    streamed.hidden = test::data_descriptor(streamed, with_signature);
    const std::string before = RawZip().add(streamed).add(stored("b", "b")).bytes();
    CHECK(is_same_but(before, rewritten(before, {{"b"}, false}), {"b"}));
    streamed.flags = 0;
    CHECK_FALSE(rewrite_jar("t.jar", as_bytes(RawZip().add(streamed).bytes()), {{}, true}));
  }
}

TEST_CASE("damaged jars are refused") {
  RawMember damaged = deflated("a.class", std::string(900, 'a'));
  damaged.crc ^= 1;
  const std::string jar = RawZip().add(damaged).bytes();
  CHECK_FALSE(rewrite_jar("t.jar", as_bytes(jar), {{}, true}));
  CHECK_FALSE(rewrite_jar("t.jar", as_bytes("no zip"), {{}, true}));
  const std::string whole = sample();
  for (std::size_t size = 0; size < whole.size(); size += 7)
    rewrite_jar("t.jar", as_bytes(std::string_view(whole).substr(0, size)), {{"a/Last.class"}, true});
}
