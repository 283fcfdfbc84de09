// The list of crates that cargo auditable leaves in a program.
#include "languages/rust_crates.h"

#include <doctest/doctest.h>

#include "package/deflate.h"

using namespace lambdapack;

namespace {

// RFC 1950: a header, a deflate stream, and the Adler-32 of the text.
std::string zlib_stream(const std::string& text) {
  std::uint32_t a = 1, b = 0;
  for (const char c : text) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  const auto packed = deflate(as_bytes(text), Level::normal);
  REQUIRE(packed);
  std::string stream = "\x78\x9c" + std::string(as_text(*packed));
  for (const std::uint32_t byte : {b >> 8, b, a >> 8, a}) stream += static_cast<char>(byte & 0xFF);
  return stream;
}

std::optional<std::vector<RustCrate>> crates_in(const std::string& section, std::uint64_t declared_size) {
  ElfInfo info;
  info.sections = {{".dep-v0", 1, 0, 4, declared_size, 1}};
  const auto crates = read_rust_crates(Content::from_text("\x7f"
                                                          "ELF" +
                                                          section),
                                       info);
  REQUIRE(crates);
  return *crates;
}

const std::string kList = R"({"packages":[{"name":"serde","version":"1.0.1","source":"crates.io","dependencies":[1]},)"
                          R"({"name":"adler","version":"0.2.3","source":"crates.io"},)"
                          R"({"name":"cc","version":"1.2.0","kind":"build"}]})";

}  // namespace

TEST_CASE("the crates of a program are listed, sorted, and those of build scripts apart") {
  const std::string section = zlib_stream(kList);
  CHECK(crates_in(section, section.size()) ==
        std::vector<RustCrate>{{"adler", "0.2.3", false}, {"cc", "1.2.0", true}, {"serde", "1.0.1", false}});
}

TEST_CASE("a program without a list, or with a damaged one, has none") {
  const auto none = read_rust_crates(Content::from_text("x"), ElfInfo{});
  REQUIRE(none);
  CHECK_FALSE(none->has_value());
  const std::string section = zlib_stream(kList);
  CHECK_FALSE(crates_in(section, section.size() + 1));
  CHECK_FALSE(crates_in(section, ~std::uint64_t{0}));
  CHECK_FALSE(crates_in(section.substr(0, 40), 40));
  for (const std::string& text :
       {std::string(300, '['), R"({"packages":{"a":1},"x":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"})" + std::string(99, ' '),
        R"({"packages":[1,2,3]})" + std::string(99, ' ')}) {
    const std::string other = zlib_stream(text);
    CHECK_FALSE(crates_in(other, other.size()));
  }
  const std::string bomb = zlib_stream(std::string(9 << 20, ' '));
  CHECK_FALSE(crates_in(bomb, bomb.size()));
}
