// LLVM's disassemblers. The one for AArch64 refuses what the given processor lacks, so it is asked twice: as a
// Neoverse N1, and as one that has everything. The one for x86 takes all that any processor ever had; there the
// encoding tells: AVX-512, AVX10 and APX came with the EVEX prefix (0x62), AVX-512's masks and AMX's tiles with
// registers of their own.
#include "elf/instruction_decoder.h"

#include <array>
#include <mutex>

#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstrAnalysis.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/MCTargetOptions.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/raw_ostream.h>

#include "elf/elf_info.h"

// Declared here, since llvm/Support/TargetSelect.h is for all the targets that LLVM was built with.
extern "C" {
void LLVMInitializeX86TargetInfo();
void LLVMInitializeX86TargetMC();
void LLVMInitializeX86Disassembler();
void LLVMInitializeAArch64TargetInfo();
void LLVMInitializeAArch64TargetMC();
void LLVMInitializeAArch64Disassembler();
}

namespace lambdapack {

namespace {

void register_targets() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86Disassembler();
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64Disassembler();
  });
}

// What Armv8 and later have that a Neoverse N1 lacks, likeliest first, with LLVM's name of the feature.
struct Extension {
  const char* feature;
  const char* name;
};
constexpr std::array kExtensions = {
    Extension{"+sve", "SVE"},        Extension{"+sve2", "SVE2"},       Extension{"+bf16", "BF16"},
    Extension{"+i8mm", "I8MM"},      Extension{"+pauth", "PAuth"},     Extension{"+rcpc-immo", "LRCPC2"},
    Extension{"+complxnum", "FCMA"}, Extension{"+jsconv", "JSCVT"},    Extension{"+sha3", "SHA3"},
    Extension{"+sm4", "SM4"},        Extension{"+fp16fml", "FHM"},     Extension{"+flagm", "FlagM"},
    Extension{"+altnzcv", "FlagM2"}, Extension{"+fptoint", "FRINTTS"}, Extension{"+mte", "MTE"},
    Extension{"+mops", "MOPS"},      Extension{"+cssc", "CSSC"},       Extension{"+sme", "SME"},
    Extension{"+ls64", "LS64"},      Extension{"+lse128", "LSE128"},
};

// The opcode byte of a 64-bit instruction is after these: legacy prefixes and REX.
bool is_prefix(std::uint8_t byte) {
  switch (byte) {
    case 0x66:
    case 0xf2:
    case 0xf3:
    case 0xf0:
    case 0x2e:
    case 0x36:
    case 0x3e:
    case 0x26:
    case 0x64:
    case 0x65:
    case 0x67: return true;
    default: return (byte & 0xf0) == 0x40;
  }
}

std::uint8_t first_opcode_byte(Bytes bytes) {
  for (const std::uint8_t byte : bytes)
    if (!is_prefix(byte)) return byte;
  return 0;
}

constexpr std::uint8_t kEvex = 0x62, kRex2 = 0xd5, kVex2 = 0xc5, kVex3 = 0xc4;

// MRS of an ID register: op0 = 3, op1 = 0, CRn = 0 (Arm ARM C5.1.3).
bool reads_id_register(std::uint32_t word) {
  return (word & 0xfffff000U) == 0xd5380000U;
}

// CNTB, CNTH, CNTW, CNTD, ADDVL, ADDPL, RDVL (Arm ARM C4.1.33): they only ask for the vector length. libgcc's unwinder
// has them for the frames of functions that use SVE, so alone they say nothing.
bool asks_vector_length(std::uint32_t word) {
  return (word & 0xff30fc00U) == 0x0420e000U || (word & 0xff20f800U) == 0x04205000U ||
         (word & 0xfffff800U) == 0x04bf5000U;
}

std::uint32_t word_at(Bytes bytes) {
  return std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 |
         std::uint32_t{bytes[3]} << 24;
}

}  // namespace

struct InstructionDecoder::Machine {
  bool x86 = false;
  std::string triple;
  const llvm::Target* target = nullptr;
  std::unique_ptr<llvm::MCRegisterInfo> registers;
  std::unique_ptr<llvm::MCAsmInfo> assembly;
  std::unique_ptr<llvm::MCInstrInfo> instructions;
  std::unique_ptr<llvm::MCInstrAnalysis> analysis;
  std::unique_ptr<llvm::MCSubtargetInfo> baseline, all;
  std::unique_ptr<llvm::MCContext> context;
  std::unique_ptr<llvm::MCDisassembler> decoder, decoder_of_all;
  const llvm::MCRegisterClass *xmm = nullptr, *ymm = nullptr, *masks = nullptr, *tiles = nullptr;

  const llvm::MCRegisterClass* register_class(llvm::StringRef name) const {
    for (const llvm::MCRegisterClass& c : registers->regclasses())
      if (name == registers->getRegClassName(&c)) return &c;
    return nullptr;
  }

  bool uses(const llvm::MCInst& instruction, const llvm::MCRegisterClass* registers_wanted) const {
    if (registers_wanted == nullptr) return false;
    for (const llvm::MCOperand& operand : instruction)
      if (operand.isReg() && registers_wanted->contains(operand.getReg())) return true;
    return false;
  }

  std::optional<llvm::MCInst> instruction(const llvm::MCDisassembler& with, Bytes bytes, std::uint64_t& size) const {
    llvm::MCInst result;
    const auto status = with.getInstruction(result, size, {bytes.data(), bytes.size()}, 0, llvm::nulls());
    if (status != llvm::MCDisassembler::Success || size == 0 || size > bytes.size()) return std::nullopt;
    return result;
  }

  Flow flow(const llvm::MCInst& instruction) const {
    const llvm::MCInstrDesc& what = instructions->get(instruction.getOpcode());
    if (analysis->isCall(instruction)) return Flow::call;
    if (analysis->isReturn(instruction) || what.isTrap() || analysis->isIndirectBranch(instruction)) return Flow::stop;
    if (analysis->isConditionalBranch(instruction)) return Flow::branch;
    if (analysis->isUnconditionalBranch(instruction)) return Flow::jump;
    return what.isBarrier() || what.isTerminator() ? Flow::stop : Flow::next;
  }

  bool set_up(std::uint16_t machine) {
    x86 = machine == kMachineX86_64;
    triple = x86 ? "x86_64-unknown-linux-gnu" : "aarch64-unknown-linux-gnu";
    std::string error;
    target = llvm::TargetRegistry::lookupTarget(triple, error);
    if (target == nullptr) return false;
    registers.reset(target->createMCRegInfo(triple));
    assembly.reset(target->createMCAsmInfo(*registers, triple, llvm::MCTargetOptions()));
    instructions.reset(target->createMCInstrInfo());
    analysis.reset(target->createMCInstrAnalysis(instructions.get()));
    baseline.reset(target->createMCSubtargetInfo(triple, x86 ? "x86-64" : "neoverse-n1", ""));
    context = std::make_unique<llvm::MCContext>(llvm::Triple(triple), assembly.get(), registers.get(), baseline.get());
    decoder.reset(target->createMCDisassembler(*baseline, *context));
    if (x86) {
      xmm = register_class("VR128X");
      ymm = register_class("VR256X");
      masks = register_class("VK1");
      tiles = register_class("TILE");
    } else {
      all.reset(target->createMCSubtargetInfo(triple, "", "+all"));
      decoder_of_all.reset(target->createMCDisassembler(*all, *context));
    }
    return decoder != nullptr;
  }

  // Masks and tiles are reached by VEX alone, where not by EVEX (Intel SDM volume 2, KMOV, TDPBSSD).
  bool is_above(const llvm::MCInst& instruction, std::uint8_t opcode) const {
    if (opcode == kEvex || opcode == kRex2) return true;
    return (opcode == kVex2 || opcode == kVex3) && (uses(instruction, masks) || uses(instruction, tiles));
  }
};

std::optional<InstructionDecoder> InstructionDecoder::make(std::uint16_t machine) {
  if (machine != kMachineX86_64 && machine != kMachineAArch64) return std::nullopt;
  register_targets();
  auto made = std::make_unique<Machine>();
  if (!made->set_up(machine)) return std::nullopt;
  return InstructionDecoder(std::move(made));
}

InstructionDecoder::InstructionDecoder(std::unique_ptr<Machine> machine) : machine_(std::move(machine)) {}
InstructionDecoder::InstructionDecoder(InstructionDecoder&&) noexcept = default;
InstructionDecoder& InstructionDecoder::operator=(InstructionDecoder&&) noexcept = default;
InstructionDecoder::~InstructionDecoder() = default;

std::optional<Instruction> InstructionDecoder::decode(Bytes bytes) const {
  Instruction found;
  auto instruction = machine_->instruction(*machine_->decoder, bytes, found.size);
  if (machine_->x86) {
    if (!instruction) return std::nullopt;
    const std::uint8_t opcode = first_opcode_byte(bytes);
    found.above_baseline = machine_->is_above(*instruction, opcode);
    const bool xmm = machine_->uses(*instruction, machine_->xmm);
    found.vector = found.above_baseline || xmm || machine_->uses(*instruction, machine_->ymm);
    found.sse = xmm && opcode != kEvex && opcode != kVex2 && opcode != kVex3;
    const std::string_view code = as_text(bytes.first(found.size));
    found.asks_processor = code == "\x0f\xa2" || code == std::string_view("\x0f\x01\xd0", 3);
  } else {
    if (!instruction) {
      instruction = machine_->instruction(*machine_->decoder_of_all, bytes, found.size);
      if (!instruction) return std::nullopt;
      found.above_baseline = !asks_vector_length(word_at(bytes));
    }
    const std::uint32_t word = word_at(bytes);
    found.vector = found.above_baseline || ((word >> 25) & 7) == 7;  // "data processing: SIMD and floating point"
    found.asks_processor = reads_id_register(word);
  }
  return found;
}

Step InstructionDecoder::step(Bytes bytes, std::uint64_t address) const {
  std::uint64_t size = 0;
  auto instruction = machine_->instruction(*machine_->decoder, bytes, size);
  if (!instruction && !machine_->x86) instruction = machine_->instruction(*machine_->decoder_of_all, bytes, size);
  if (!instruction) return {Flow::stop, std::nullopt};
  Step step{machine_->flow(*instruction), std::nullopt};
  std::uint64_t target = 0;
  if (step.flow != Flow::next && step.flow != Flow::stop &&
      machine_->analysis->evaluateBranch(*instruction, address, size, target))
    step.target = target;
  return step;
}

std::string InstructionDecoder::feature(Bytes bytes) const {
  std::uint64_t size = 0;
  if (machine_->x86) {
    const auto instruction = machine_->instruction(*machine_->decoder, bytes, size);
    if (instruction && machine_->uses(*instruction, machine_->tiles)) return "AMX";
    const std::uint8_t opcode = first_opcode_byte(bytes);
    // EVEX in map 4 is an instruction of the old kind with APX's registers (Intel APX specification 3.1.2.3).
    if (opcode == kRex2 || (bytes.size() > 1 && bytes[0] == kEvex && (bytes[1] & 7) == 4)) return "APX";
    return "AVX-512";
  }
  for (const Extension& extension : kExtensions) {
    const std::unique_ptr<llvm::MCSubtargetInfo> with(
        machine_->target->createMCSubtargetInfo(machine_->triple, "neoverse-n1", extension.feature));
    const std::unique_ptr<llvm::MCDisassembler> decoder(
        machine_->target->createMCDisassembler(*with, *machine_->context));
    if (machine_->instruction(*decoder, bytes, size)) return extension.name;
  }
  return "instructions newer than Armv8.2";
}

}  // namespace lambdapack
