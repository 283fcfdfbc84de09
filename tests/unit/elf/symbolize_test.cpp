// The debug information of the build's own library, whole and damaged. That the answers are llvm-symbolizer's is what
// tests/e2e/symbolize compares.
#include "elf/symbolize.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "elf/elf_samples.h"
#include "elf/read_elf.h"
#include "elf/symbol_reader.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

std::uint64_t address_in(Symbolizer& symbolizer, const std::string& function) {
  const auto address = symbolizer.address_of(function);
  REQUIRE(address);
  REQUIRE(*address);
  return **address;
}

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

TEST_CASE("an address is a function with its file and line, from a child that can be sent to rest") {
  const FileBytes file = read_file(LP_ELF_HELLO);
  auto symbolizer = Symbolizer::open("hello", file);
  REQUIRE(symbolizer);
  CHECK(symbolizer->resting());
  CHECK(symbolizer->has_entry());
  const std::uint64_t address = address_in(*symbolizer, "main");
  for (int i = 0; i < 2; ++i) {
    const auto frames = symbolizer->frames(address);
    REQUIRE(frames);
    REQUIRE(frames->size() == 1);
    CHECK(frames->front().function == "main");
    CHECK(file_name(frames->front().file) == "hello.cpp");
    CHECK(frames->front().line > 0);
    symbolizer->rest();
    CHECK(symbolizer->resting());
  }
  CHECK(symbolizer->frames(0)->empty());
  CHECK(symbolizer->address_of("no_such_function")->has_value() == false);
  CHECK(symbolizer->trouble().empty());
}

TEST_CASE("a file at an odd address is read as well") {
  FileBytes file = read_file(LP_ELF_HELLO);
  file.insert(file.begin(), 0);
  auto symbolizer = Symbolizer::open("hello", Bytes(file).subspan(1));
  REQUIRE(symbolizer);
  CHECK(symbolizer->frames(address_in(*symbolizer, "main"))->front().function == "main");
}

TEST_CASE("whatever a debug file says, looking something up comes back, and lost answers say why") {
  const FileBytes sound = read_file(LP_ELF_ANSWER);
  const ElfInfo info = read_elf(sound);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> targets;  // what LLVM trusts: debug sections, symbols, headers
  for (const ElfSection& section : info.sections)
    if (section.name.starts_with(".debug_") || section.name == ".symtab" || section.name == ".strtab")
      targets.emplace_back(section.offset, section.size);
  REQUIRE(targets.size() >= 5);
  targets.emplace_back(0, 64);
  targets.emplace_back(sound.size() - 64 * info.sections.size(), 64 * info.sections.size());
  auto whole = Symbolizer::open("answer", sound);
  REQUIRE(whole);
  const std::uint64_t address = whole->code()->start + 0x40;
  std::mt19937 random(20250117);  // NOLINT: the same damage in every run
  for (int round = 0; round < 400; ++round) {
    FileBytes damaged = sound;
    const auto [offset, size] = targets[random() % targets.size()];
    for (unsigned flips = 1 + random() % 3; flips > 0; --flips)
      damaged[offset + random() % size] = static_cast<std::uint8_t>(random() % 3 == 0 ? 0xff : random());
    auto symbolizer = Symbolizer::open("answer", damaged);
    if (!symbolizer) continue;  // no ELF magic any more
    for (const std::uint64_t each : {address, std::uint64_t{0}, symbolizer->lowest_address()}) {
      const auto frames = symbolizer->frames(each);
      if (!frames) CHECK(!symbolizer->trouble().empty());
    }
  }
}

TEST_CASE("a file that its reader refuses, or that takes more than it may, is given up with the reason") {
  FileBytes file = read_file(LP_ELF_HELLO);
  file[5] = 9;  // no byte order
  auto refused = Symbolizer::open("hello.debug", file);
  REQUIRE(refused);
  for (int i = 0; i < 5; ++i) {
    const auto frames = refused->frames(0x1000);
    REQUIRE(!frames);
    CHECK(frames.error().subject == "hello.debug");
    CHECK(frames.error().message.starts_with("cannot be read: "));
  }
  CHECK(!Symbolizer::open("text", as_bytes("no ELF file")));
}

TEST_CASE("limits grow with the file, and never overflow") {
  CHECK(symbolizer_limits(0).memory == 512ULL << 20);
  CHECK(symbolizer_limits(100 << 20).memory == (512ULL << 20) + (1600ULL << 20));
  CHECK(symbolizer_limits(~0ULL).memory > 1ULL << 40);
  CHECK(symbolizer_limits(~0ULL).cpu_seconds < 4000);
}

TEST_CASE("frames survive the way between the processes, and a damaged answer is none") {
  const std::vector<SourceFrame> frames = {{"shop::total()", "/src/shop.cpp", 12, 3}, {"main", "", 0, 0}};
  const auto answer = encode_frames(frames);
  const auto decoded = decode_frames(answer);
  REQUIRE(decoded);
  REQUIRE(decoded->size() == 2);
  CHECK(decoded->front().function == "shop::total()");
  CHECK(decoded->front().file == "/src/shop.cpp");
  CHECK(decoded->front().line == 12);
  CHECK(decoded->front().column == 3);
  for (std::size_t size = 0; size < answer.size(); ++size) CHECK(!decode_frames(Bytes(answer).first(size)));
  auto longer = answer;
  longer.push_back(0);
  CHECK(!decode_frames(longer));
  auto many = answer;
  many[1] = 0xff;  // 65,282 frames
  CHECK(!decode_frames(many));
  const auto cut = decode_frames(encode_frames({{std::string(kLongestName + 5, 'x'), {}, 1, 1}}));
  REQUIRE(cut);
  CHECK(cut->front().function.size() == kLongestName);
}
