// Dynamic symbols, versions and references, from files made in memory.
#include "elf/symbol_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "support/symbol_elf.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

std::vector<std::string> findable(const std::vector<std::uint8_t>& file) {
  const SymbolTable table(file, read_elf(file));
  std::vector<std::string> names;
  table.for_each_hashed([&](const SymbolTable::Hashed& hashed) {
    const DynamicSymbol symbol = table.symbol(hashed.symbol);
    CHECK(hashed.hash == SymbolTable::hash(symbol.name));
    if (!symbol.undefined()) names.emplace_back(symbol.name);
  });
  return names;
}

const LibrarySpec kSpec{
    .soname = "liba.so.1",
    .needed = {"libv.so.1"},
    .symbols = {calls("f", "V1", "libv.so.1"), points_to("data"), defines("own"), defines("versioned", "A2")}};

}  // namespace

TEST_CASE("symbols are found through either hash table") {
  LibrarySpec spec = kSpec;
  CHECK(findable(symbol_elf(spec)) == std::vector<std::string>{"own", "versioned"});
  spec.sysv_hash = true;
  CHECK(findable(symbol_elf(spec)) == std::vector<std::string>{"own", "versioned"});
}

TEST_CASE("references are what relocations name, with the version and the library that it names") {
  const auto file = symbol_elf(kSpec);
  const SymbolTable table(file, read_elf(file));
  const auto references = table.references();
  REQUIRE(references.size() == 2);
  const DynamicSymbol called = table.symbol(references[0].symbol), pointed = table.symbol(references[1].symbol);
  CHECK(called.name == "f");
  CHECK(references[0].classes == kClassPlt);
  CHECK(references[0].only_called);
  CHECK(table.version(called.versym).name == "V1");
  CHECK(table.version(called.versym).library == "libv.so.1");
  CHECK(pointed.name == "data");
  CHECK(references[1].classes == kClassPlain);
  CHECK_FALSE(references[1].only_called);
  CHECK(table.version(pointed.versym).name.empty());
}

TEST_CASE("an undefined symbol that no relocation names is not looked up") {
  LibrarySpec spec = kSpec;
  spec.symbols[0].relocation = 0;
  const auto file = symbol_elf(spec);
  CHECK(SymbolTable(file, read_elf(file)).references().size() == 1);
}

TEST_CASE("relocations of symbols that bind locally are no references") {
  LibrarySpec spec = kSpec;
  spec.symbols[1].visibility = kVisibilityHidden;
  const auto file = symbol_elf(spec);
  CHECK(SymbolTable(file, read_elf(file)).references().size() == 1);
}

TEST_CASE("DT_SYMBOLIC, DF_SYMBOLIC and the ways to say BIND_NOW are seen") {
  for (const auto& [tag, value] : {std::pair{16, 0}, std::pair{30, 2}}) {
    LibrarySpec spec = kSpec;
    spec.dynamic = {{tag, value}};
    const auto file = symbol_elf(spec);
    CHECK(SymbolTable(file, read_elf(file)).symbolic);
  }
  for (const auto& [tag, value] : {std::pair{24, 0}, std::pair{30, 8}, std::pair{0x6ffffffb, 1}}) {
    LibrarySpec spec = kSpec;
    spec.dynamic = {{tag, value}};
    const auto file = symbol_elf(spec);
    CHECK(SymbolTable(file, read_elf(file)).bind_now);
  }
}

TEST_CASE("every prefix of a file and every damaged byte is read within its bounds") {
  const auto file = symbol_elf(kSpec);
  const ElfInfo sound = read_elf(file);
  const auto read_all = [&](const std::vector<std::uint8_t>& bytes, const ElfInfo& info) {
    const SymbolTable table(bytes, info);
    std::size_t steps = table.references().size();
    table.for_each_hashed([&](const SymbolTable::Hashed& hashed) { steps += table.symbol(hashed.symbol).name.size(); });
    return steps;
  };
  for (std::size_t size = 64; size < file.size(); ++size) {
    const std::vector<std::uint8_t> cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(read_all(cut, sound) <= 1000);
    CHECK(read_all(cut, read_elf(cut)) <= 1000);
  }
  for (std::size_t i = 64; i < file.size(); ++i) {
    std::vector<std::uint8_t> damaged = file;
    damaged[i] ^= 0xff;
    read_all(damaged, read_elf(damaged));
  }
}
