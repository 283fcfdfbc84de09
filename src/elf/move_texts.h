// Text that instructions write to memory: compilers make short strings of immediates, so that they stand nowhere in one
// piece. gcc and clang write `std::string name = "libcodec.so.3"` as a move of "libcodec" and one of "ec.so.3\0".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace lambdapack {

struct MoveText {
  std::string text;          // up to 8 bytes, without zeros that end it
  bool ends_string = false;  // a zero byte follows
  bool neighbours = false;   // the instruction stands beside that of the text before
};

// The immediates of x86-64 code that may be text, in their order, at most 262,144: of MOV r64, imm64 and MOV m32, imm32
// (Intel SDM volume 2, MOV). The pieces of a string may overlap, as the last one does above. Bytes that only look like
// such an instruction are taken for one.
std::vector<MoveText> move_texts(Bytes code);

}  // namespace lambdapack
