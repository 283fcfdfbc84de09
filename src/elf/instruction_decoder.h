// One machine instruction after the other: how long it is, where it leads, and whether Lambda's processors have it.
//
// The baseline is what AWS promises. x86_64: AVX2, and no AVX-512 (docs.aws.amazon.com/lambda/latest/dg/
// runtimes-avx2.html). arm64: Graviton2, a Neoverse N1: Armv8.2 with LSE, crypto, half precision, RCpc and dot product;
// no SVE, BF16, I8MM or pointer authentication (github.com/aws/aws-graviton-getting-started).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace lambdapack {

enum class Flow {
  next,
  jump,
  branch,
  call,
  stop
};  // branch: conditional; stop: returns, traps, or goes nobody knows where

struct Instruction {
  std::uint64_t size = 0;
  bool above_baseline = false;
  bool vector = false;          // works on floating-point or vector registers
  bool sse = false;             // x86-64: a vector instruction without a VEX or EVEX prefix, as before AVX
  bool asks_processor = false;  // cpuid, xgetbv; a read of an ID register
};

struct Step {
  Flow flow = Flow::next;
  std::optional<std::uint64_t> target;  // of a direct jump, branch or call
};

class InstructionDecoder {
 public:
  // Nothing for machines other than x86-64 and little-endian AArch64.
  static std::optional<InstructionDecoder> make(std::uint16_t machine);

  InstructionDecoder(InstructionDecoder&&) noexcept;
  InstructionDecoder& operator=(InstructionDecoder&&) noexcept;
  ~InstructionDecoder();

  // The first instruction of the bytes; nothing when they are none.
  std::optional<Instruction> decode(Bytes bytes) const;

  // Where it leads, when it lies at this address.
  Step step(Bytes bytes, std::uint64_t address) const;

  // Of an instruction above the baseline: "AVX-512", "SVE", …
  std::string feature(Bytes bytes) const;

 private:
  struct Machine;
  explicit InstructionDecoder(std::unique_ptr<Machine> machine);
  std::unique_ptr<Machine> machine_;
};

}  // namespace lambdapack
