// Text in the immediates of x86-64 instructions, as compilers write it.
#include "elf/move_texts.h"

#include <doctest/doctest.h>

#include <string>

using namespace lambdapack;

namespace {

std::string nops(std::size_t count) {
  return std::string(count, '\x90');
}

// With "|" before what stands apart, and "." for zeros.
std::string joined(const std::vector<MoveText>& moves) {
  std::string all;
  for (const MoveText& move : moves)
    all += (all.empty() || move.neighbours ? "" : "|") + move.text + (move.ends_string ? "." : "");
  return all;
}

std::string texts(const std::string& code) {
  const std::string padded = nops(40) + code + nops(40);
  return joined(move_texts(as_bytes(padded)));
}

// movabs $text, %rax
std::string imm64(std::string text) {
  text.resize(8, '\0');
  return "\x48\xb8" + text;
}

}  // namespace

TEST_CASE("a string that two moves write stands together, with its overlap, and its zero ends it") {
  const std::string store = "\x48\x89\x44\x24\x05";  // mov %rax, 5(%rsp)
  CHECK(texts(imm64("libcodec") + store + imm64("ec.so.3") + store) == "libcodecec.so.3.");
}

TEST_CASE("moves of 4 bytes to memory are read in every form of address") {
  const auto imm32 = [](std::string address) { return "\xc7" + address + "so.3"; };
  CHECK(texts(imm32(std::string("\x00", 1))) == "so.3");                // (%rax)
  CHECK(texts(imm32("\x40\x08")) == "so.3");                            // 8(%rax)
  CHECK(texts(imm32("\x44\x24\x08")) == "so.3");                        // 8(%rsp)
  CHECK(texts(imm32(std::string("\x84\x24\x80\0\0\0", 6))) == "so.3");  // 128(%rsp)
  CHECK(texts(imm32(std::string("\x80\x80\0\0\0", 5))) == "so.3");      // 128(%rax)
  CHECK(texts(imm32("\xc0")) == "");                                    // to a register
  CHECK(texts(imm32("\x48\x08")) == "");                                // another instruction's opcode extension
}

TEST_CASE("REX.B moves count, numbers do not, and what is far apart is kept apart") {
  CHECK(texts("\x49\xbaplugins/") == "plugins/");
  CHECK(texts(imm64(std::string("lib\0x", 5))) == "");
  CHECK(texts(std::string("\x48\xb8\x01\x02\x03\x04\x05\x06\x07\x08", 10)) == "");
  CHECK(texts(imm64("libcodec") + nops(60) + imm64("libother")) == "libcodec|libother");
}

TEST_CASE("code that ends within an instruction is read to its end and no further") {
  const std::string code = nops(40) + imm64("libcodec");
  for (std::size_t size = 0; size <= code.size(); ++size) {
    const std::string copy = code.substr(0, size);
    const std::string found = joined(move_texts(as_bytes(copy)));
    CHECK((found == "" || found == "libcodec"));
  }
}

TEST_CASE("an instruction is found wherever it lies, and one behind another too") {
  const std::string store = "\xc7\x44\x24\x08so.3";
  for (std::size_t before = 0; before < 40; ++before) {
    const std::string code = nops(before) + imm64("libcodec") + store + nops(40);
    CHECK(joined(move_texts(as_bytes(code))) == "libcodecso.3");
  }
}
