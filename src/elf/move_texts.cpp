// Code is dismissed in blocks: most has neither opcode, and most immediates are no text.
#include "elf/move_texts.h"

#include <array>
#include <bit>
#include <cstring>

namespace lambdapack {
namespace {

constexpr std::size_t kBlock = 16;  // bytes that are looked at together
constexpr std::size_t kMostTexts = 1 << 18;
constexpr std::size_t kNeighbour = 24;  // bytes between two moves of one string: a store and a scheduled instruction

// The bytes of a text up to the zeros that end it; nothing when there is anything else.
std::size_t text_length(Bytes immediate) {
  std::size_t length = 0;
  while (length < immediate.size() && immediate[length] >= 0x20 && immediate[length] < 0x7f) ++length;
  for (std::size_t i = length; i < immediate.size(); ++i)
    if (immediate[i] != 0) return 0;
  return length;
}

// Where the immediate of MOV m32, imm32 at code[0] begins; 0 when it is another instruction.
std::size_t offset_of_imm32(Bytes code) {
  const unsigned modrm = code[1], mode = modrm >> 6, base = modrm & 7;
  if ((modrm & 0x38) != 0 || mode == 3) return 0;
  const bool has_sib = base == 4;
  const bool wide = mode == 2 || (mode == 0 && (base == 5 || (has_sib && (code[2] & 7) == 5)));
  return 2 + (has_sib ? 1 : 0) + (wide ? 4 : mode == 1 ? 1 : 0);
}

constexpr std::uint64_t eight(std::uint64_t byte) {
  return byte * 0x0101010101010101ULL;
}

using Vector [[gnu::vector_size(16)]] = std::uint8_t;

Vector load(const std::uint8_t* at) {
  Vector bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

bool may_be_move(std::uint8_t first, std::uint8_t second) {
  return ((first & 0xfe) == 0x48 && (second & 0xf8) == 0xb8) || (first == 0xc7 && (second & 0x38) == 0);
}

// The block's bytes that may_be_move with the one behind them, as bytes of ones.
std::array<std::uint64_t, 2> moves_in(const std::uint8_t* block) {
  const Vector first = load(block), second = load(block + 1);
  const auto moves =
      (((first & 0xfe) == 0x48) & ((second & 0xf8) == 0xb8)) | ((first == 0xc7) & ((second & 0x38) == 0));
  return std::bit_cast<std::array<std::uint64_t, 2>>(moves);
}

}  // namespace

std::vector<MoveText> move_texts(Bytes code) {
  constexpr std::size_t longest = 12;  // of the two instructions, in bytes
  std::vector<MoveText> texts;
  std::size_t end = 0;  // of the last immediate that was text
  const auto add = [&](std::size_t at, std::size_t size) {
    const std::size_t length = text_length(code.subspan(at, size));
    if (length == 0 || texts.size() == kMostTexts) return;
    texts.push_back({.text = std::string(as_text(code.subspan(at, length))),
                     .ends_string = length < size,
                     .neighbours = !texts.empty() && at >= end && at <= end + kNeighbour});
    end = at + size;
  };
  const auto look_at = [&](std::size_t at) {
    if (code[at] != 0xc7)
      add(at + 2, 8);
    else if (const std::size_t offset = offset_of_imm32(code.subspan(at)); offset > 0)
      add(at + offset, 4);
  };
  if (code.size() < longest) return texts;
  const std::size_t last = code.size() - longest;
  std::size_t at = 0;
  for (; at + kBlock <= last; at += kBlock) {
    const std::array<std::uint64_t, 2> moves = moves_in(code.data() + at);
    for (std::size_t half = 0; half < moves.size(); ++half)
      for (std::uint64_t left = moves[half] & eight(1); left != 0; left &= left - 1)
        look_at(at + 8 * half + static_cast<std::size_t>(std::countr_zero(left)) / 8);
  }
  for (; at <= last; ++at)
    if (may_be_move(code[at], code[at + 1])) look_at(at);
  return texts;
}

}  // namespace lambdapack
