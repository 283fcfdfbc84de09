#include "elf/load_effects.h"

#include <doctest/doctest.h>

#include "elf/dynamic_table.h"
#include "elf/elf_format.h"
#include "elf/elf_samples.h"
#include "elf/read_elf.h"
#include "elf/start_code.h"
#include "support/symbol_elf.h"

using namespace lambdapack;
using namespace lambdapack::elf_format;
using namespace lambdapack::test;

namespace {

bool runs_code(const FileBytes& file) {
  return runs_code_when_loaded(file, read_elf(file));
}

std::string effect(const FileBytes& file) {
  return effect_of_loading(file, read_elf(file));
}

std::string effect(const LibrarySpec& spec) {
  return effect(symbol_elf(spec));
}

LibrarySpec plain() {
  return {.soname = "libme.so", .needed = {"libc.so.6"}, .symbols = {defines("f"), calls("g")}};
}

LibrarySpec with(const SymbolSpec& symbol) {
  LibrarySpec spec = plain();
  spec.symbols.push_back(symbol);
  return spec;
}

// The fixture of one machine: "quiet" has nothing but the compiler's start-up code.
struct Fixtures {
  std::string quiet, noisy;
};

std::vector<Fixtures> all_fixtures() {
  std::vector<Fixtures> fixtures{{LP_ELF_QUIET, LP_ELF_NOISY}};
  if (std::string(LP_ELF_ARM64_QUIET) != "") fixtures.push_back({LP_ELF_ARM64_QUIET, LP_ELF_ARM64_NOISY});
  return fixtures;
}

std::size_t code_offset(const FileBytes& file, std::uint64_t tag) {
  const ElfLayout layout = read_layout(file);
  return *file_offset(layout, *read_dynamic_table(layout).value(tag));
}

}  // namespace

TEST_CASE("the compiler's start-up code is no code of the library's, a constructor and a destructor are") {
  for (const Fixtures& fixtures : all_fixtures()) {
    CAPTURE(fixtures.quiet);
    const FileBytes quiet = read_file(fixtures.quiet);
    REQUIRE(read_elf(quiet).has_init);
    CHECK(!runs_code(quiet));
    CHECK(effect(quiet) == "");
    CHECK(runs_code(read_file(fixtures.noisy)));
    CHECK(effect(read_file(fixtures.noisy)) == "runs code when it is loaded or unloaded");
  }
  CHECK(runs_code(read_file(LP_ELF_ANSWER)));  // has a constructor
  CHECK(!runs_code(symbol_elf(plain())));      // has no start-up code at all
}

TEST_CASE("start-up code in which a byte differs is the library's own") {
  const FileBytes quiet = read_file(LP_ELF_QUIET);
  for (const std::uint64_t tag : {kDtInit, kDtFini}) {
    FileBytes other = quiet;
    const std::size_t code = code_offset(other, tag);
    REQUIRE(!runs_code(other));
    other[code + 5] ^= 0x40;
    CHECK(runs_code(other));
  }
  FileBytes other = quiet;  // more entries than the compiler's one
  const ElfLayout layout = read_layout(other);
  const DynamicTable table = read_dynamic_table(layout);
  for (std::size_t i = 0; i < table.entries.size(); ++i)
    if (table.entries[i].tag == kDtInitArraysz) other[table.offset + 16 * i + 8] = 16;
  CHECK(runs_code(other));
}

TEST_CASE("a pointer to start-up code that two relocations fill in, or none, is not known") {
  FileBytes file = read_file(LP_ELF_QUIET);
  const ElfLayout layout = read_layout(file);
  const DynamicTable table = read_dynamic_table(layout);
  const std::uint64_t array = *table.value(kDtInitArray);
  std::size_t at = *file_offset(layout, *table.value(kDtRela)), other = 0;
  const std::size_t end = at + *table.value(kDtRelasz);
  for (; at < end; at += 24) {
    if (layout.reader.u64(at) == array) break;
    other = at;
  }
  if (at == end) return;  // a linker that packs them (DT_RELR)
  FileBytes moved = file;
  moved[at] ^= 8;
  CHECK(runs_code(moved));
  if (other == 0) other = at + 24;
  REQUIRE(other < end);
  for (unsigned i = 0; i < 8; ++i) file[other + i] = static_cast<std::uint8_t>(array >> (8 * i));
  CHECK(runs_code(file));
}

TEST_CASE("files of which nothing is known run code when in doubt") {
  ElfInfo info = read_elf(read_file(LP_ELF_QUIET));
  info.machine = 243;
  CHECK(runs_code_when_loaded(read_file(LP_ELF_QUIET), info));
  info = read_elf(read_file(LP_ELF_QUIET));
  info.is64 = false;
  CHECK(runs_code_when_loaded(read_file(LP_ELF_QUIET), info));
  CHECK(runs_code_when_loaded({}, read_elf(read_file(LP_ELF_QUIET))));
}

TEST_CASE("what else a library does to the process that loads it") {
  CHECK(effect(plain()) == "");
  CHECK(effect(with({.name = "u", .binding = kBindingUnique})) == "has symbols that are unique in the process");
  CHECK(effect(with({.name = "i", .type = kTypeIfunc})) == "has indirect functions");
  CHECK(effect(with({.name = "t", .type = kTypeTls})) == "has thread-local storage");
  LibrarySpec indirect = with({.name = "l", .defined = false, .relocation = 37});  // R_X86_64_IRELATIVE
  CHECK(effect(indirect) == "has indirect functions");
  LibrarySpec stack = plain();
  stack.executable_stack = true;
  CHECK(effect(stack) == "asks for executable stacks");
  const auto flags = [](std::uint64_t value) {
    LibrarySpec spec = plain();
    spec.dynamic = {{kDtFlags1, value}};
    return effect(spec);
  };
  CHECK(flags(kDf1Now | kDf1Nodeflib) == "");
  CHECK(flags(0x20) == "asks the loader for special treatment (DT_FLAGS_1)");   // DF_1_INITFIRST
  CHECK(flags(0x400) == "asks the loader for special treatment (DT_FLAGS_1)");  // DF_1_INTERPOSE
  LibrarySpec filter = plain();
  filter.dynamic = {{kDtAuxiliary, 1}};
  CHECK(effect(filter) == "is a filter for other libraries");
  LibrarySpec program = plain();
  program.soname.clear();
  program.interpreter = "/lib64/ld-linux-x86-64.so.2";
  CHECK(effect(program) == "is a program");
  CHECK(effect(make_library_32()) == "is not for one of Lambda's processors");
  FileBytes no_stack = symbol_elf(plain());
  no_stack[64 + 56 * 2] = 0;  // PT_NULL
  CHECK(effect(no_stack) == "asks for executable stacks");
}
