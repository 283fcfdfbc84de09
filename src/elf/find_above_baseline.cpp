// Nearly every file is done after a look at the bytes of some hundred functions: instructions above the baseline have
// bit patterns that little else has, and only where one is seen is anything disassembled, from the start of its
// function, so that data and the middles of instructions cannot pass for one.
//
// The few files that do have such code are read closer. Numerical and cryptographic libraries bring it for processors
// that have it, and choose at run time; what was built for the machine it was built on has it everywhere and asks
// nothing. So three things are found out: how many of the functions have it, whether the file asks what the processor
// can do, and whether code that runs at every start leads straight into it.
#include "elf/find_above_baseline.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include <fmt/format.h>

#include "elf/code_functions.h"
#include "elf/elf_format.h"
#include "elf/elf_layout.h"
#include "elf/instruction_decoder.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::size_t kGlanced = 192, kRead = 768;  // functions, evenly spread
constexpr std::uint64_t kLongestFunction = 4096;    // bytes of one function that are read
constexpr std::uint64_t kMostDecoded = 4 << 20;     // instructions of one file
constexpr std::size_t kMostSegments = 256;          // real files have about ten; each look-up goes through them
constexpr std::size_t kLongestPath = 256;           // instructions that are followed from one start
constexpr std::size_t kDeepestCall = 8;
constexpr std::size_t kLongestInstruction = 16;  // bytes; x86-64 allows 15
constexpr std::uint64_t kQueriesTried = 1024;

// An EVEX prefix with the bits that AVX-512 fixes, in its usual form: a map that exists, no vector length of 3 without
// rounding (Intel SDM volume 2, 2.7.1). Sure only when decoding arrives there.
bool may_be_evex(Bytes code) {
  if (code.size() < 6 || code[0] != 0x62) return false;
  const unsigned map = code[1] & 7U;
  if ((code[1] & 8) != 0 || map == 0 || map == 4 || map == 7) return false;
  if ((code[2] & 4) == 0) return false;
  return (code[3] & 0x60) != 0x60 || (code[3] & 0x10) != 0;
}

// Words that AArch64 gained after Armv8.2; each line is a mask and a value of the Arm ARM's encoding tables (C4.1).
bool may_be_newer_arm(std::uint32_t word) {
  if ((word & 0x1e000000U) == 0x04000000U) return true;                                 // SVE
  if ((word & 0x9e000000U) == 0x80000000U) return true;                                 // SME
  if ((word & 0x9f208400U) == 0x0e008400U) return (word & 0x9f20fc00U) != 0x0e009400U;  // BF16, I8MM, FCMA; not DotProd
  if ((word & 0xff000000U) == 0xce000000U) return true;                                 // SHA3, SHA512, SM3, SM4
  if ((word & 0xfffffbffU) == 0xd65f0bffU) return true;                                 // RETAA, RETAB
  if ((word & 0xfedff800U) == 0xd61f0800U) return true;                                 // BRAA, BLRAA and the like
  if ((word & 0xff200400U) == 0xf8200400U) return true;                                 // LDRAA
  if ((word & 0xffffc000U) == 0xdac10000U) return true;  // PACIA and the like, not as hints
  if ((word & 0x3f200c00U) == 0x19000000U) return true;  // LDAPUR, STLUR
  if ((word & 0xfffffc00U) == 0x1e634000U) return true;  // BFCVT
  if ((word & 0xfffffc00U) == 0x1e7e0000U) return true;  // FJCVTZS
  return false;
}

class Search {
 public:
  Search(Bytes bytes, const ElfInfo& info)
      : bytes_(bytes),
        info_(info),
        layout_(read_layout(bytes)),
        tables_(startup_tables(layout_)),
        functions_(layout_, tables_) {}

  std::optional<AboveBaseline> run() {
    AboveBaseline result;
    if (layout_.segments.size() > kMostSegments || !glance(result)) return std::nullopt;
    result.at_load = find_at_load();
    result.chooses = info_.asks_processor || has_indirect_functions(layout_, tables_) || has_query();
    // How much of such code there is matters only where nothing chooses.
    if (!result.chooses) count(result);
    return result;
  }

 private:
  bool x86() const { return info_.machine == kMachineX86_64; }

  Bytes code(const CodeFunction& function) const {
    return at_address(layout_, function.address).part(0, std::min(function.size, kLongestFunction)).bytes();
  }

  // Setting one up costs as much as what most files are decoded for, so each thread keeps its own.
  bool decoder_ready() {
    thread_local std::map<std::uint16_t, std::optional<InstructionDecoder>> decoders;
    const auto [kept, fresh] = decoders.try_emplace(info_.machine);
    if (fresh) kept->second = InstructionDecoder::make(info_.machine);
    decoder_ = kept->second ? &*kept->second : nullptr;
    return decoder_ != nullptr;
  }

  // The offset behind the last place where code might be above the baseline; 0 when there is none, or nothing decodes.
  std::uint64_t suspicious(Bytes code) {
    if (!x86()) {
      for (std::size_t i = code.size() / 4; i > 0; --i) {
        std::uint32_t word = 0;
        std::memcpy(&word, code.data() + 4 * (i - 1), 4);
        if (may_be_newer_arm(word)) return 4 * i;
      }
      return 0;
    }
    for (const std::uint8_t* at = code.data() + code.size(); code.size() > 0;) {
      at = static_cast<const std::uint8_t*>(memrchr(code.data(), 0x62, static_cast<std::size_t>(at - code.data())));
      if (at == nullptr) return 0;
      const std::size_t offset = static_cast<std::size_t>(at - code.data());
      if (!may_be_evex(code.subspan(offset))) continue;
      if (!decoder_ready()) return 0;
      // One instruction, where decoding the function up to here takes a hundred.
      if (const auto instruction = decoder_->decode(code.subspan(offset)); instruction && instruction->above_baseline)
        return offset + 1;
    }
    return 0;
  }

  struct Contents {
    bool above = false, vector = false, asks = false;
    std::size_t sse = 0;
    std::uint64_t first_above = 0;  // offset
  };

  // Decodes from the start of the function until `end`, or until something that is no code.
  Contents read(Bytes code, std::uint64_t end) {
    Contents contents;
    for (std::uint64_t at = 0; at < std::min<std::uint64_t>(end, code.size()) && left_ > 0; --left_) {
      const auto instruction = decoder_->decode(code.subspan(at));
      if (!instruction) break;
      if (instruction->above_baseline && !contents.above) contents.first_above = at;
      contents.above = contents.above || instruction->above_baseline;
      contents.vector = contents.vector || instruction->vector;
      contents.asks = contents.asks || instruction->asks_processor;
      contents.sse += instruction->sse ? 1 : 0;
      at += instruction->size;
    }
    return contents;
  }

  template <class Visit>
  void spread(std::size_t most, const Visit& visit) const {
    const std::size_t step = std::max<std::size_t>(1, functions_.size() / most);
    for (std::size_t i = 0; i < functions_.size(); i += step)
      if (!visit(functions_[i])) return;
  }

  void add(const CodeFunction& function, Bytes bytes, const Contents& contents, AboveBaseline& result) {
    ++result.read;
    if (contents.vector) ++result.vector;
    if (contents.sse > 0) ++result.sse;
    if (!contents.above || result.above++ > 0) return;
    result.feature = decoder_->feature(bytes.subspan(contents.first_above));
    result.function = name_of(function.address);
  }

  // Until the first function with such code, which is all that is added.
  bool glance(AboveBaseline& result) {
    spread(kGlanced, [&](const CodeFunction& function) {
      const Bytes bytes = code(function);
      const std::uint64_t end = suspicious(bytes);
      if (end == 0 || !decoder_ready()) return true;
      if (const Contents contents = read(bytes, end); contents.above) add(function, bytes, contents, result);
      return result.above == 0;
    });
    return result.above > 0;
  }

  void count(AboveBaseline& result) {
    result.read = result.above = result.vector = result.sse = 0;
    spread(kRead, [&](const CodeFunction& function) {
      const Bytes bytes = code(function);
      add(function, bytes, read(bytes, bytes.size()), result);
      return left_ > 0;
    });
  }

  std::string name_of(std::uint64_t address) const {
    for (const ExportedFunction& function : exported_functions(layout_, tables_.symbols))
      if (function.address == address) return std::string(function.name);
    return fmt::format("the function at {:#x}", address);
  }

  // Follows what always runs: straight on, over direct jumps, into direct calls; no further than the first branch.
  bool leads_to_above(std::uint64_t address, std::size_t depth, std::set<std::uint64_t>& seen) {
    for (std::size_t left = kLongestPath; left > 0 && seen.insert(address).second; --left) {
      const Bytes code = at_address(layout_, address).part(0, kLongestInstruction).bytes();
      const auto instruction = decoder_->decode(code);
      if (!instruction || instruction->asks_processor) return false;
      if (instruction->above_baseline) return true;
      const Step step = decoder_->step(code, address);
      if (step.flow == Flow::branch || step.flow == Flow::stop) return false;
      // Whether a call comes back, and so what is behind it, is not known.
      if (step.flow == Flow::call)
        return step.target && depth < kDeepestCall && leads_to_above(*step.target, depth + 1, seen);
      if (step.flow == Flow::jump && !step.target) return false;
      address = step.flow == Flow::jump ? *step.target : address + instruction->size;
    }
    return false;
  }

  std::string find_at_load() {
    for (const StartupFunction& startup : startup_functions(layout_, tables_)) {
      std::set<std::uint64_t> seen;
      if (leads_to_above(startup.address, 0, seen)) return startup.name;
    }
    return {};
  }

  // cpuid or xgetbv that decoding arrives at; a read of an ID register; the name of the file that tells the same.
  bool has_query() {
    for (const ElfSegment& segment : layout_.segments) {
      if (segment.type != kPtLoad || (segment.flags & kPfExecute) == 0) continue;
      const ElfReader text = at_address(layout_, segment.address).part(0, segment.file_size);
      if (x86() ? has_cpuid(segment.address, text.bytes()) : has_id_register(text)) return true;
    }
    return as_text(bytes_).find("/proc/cpuinfo") != std::string_view::npos;
  }

  static bool has_id_register(const ElfReader& text) {
    for (std::uint64_t i = 0; i + 4 <= text.size(); i += 4)
      if ((text.u32(i) & 0xfffff000U) == 0xd5380000U) return true;
    return false;
  }

  // By the last byte, which in code is rarer than those before it.
  bool has_cpuid(std::uint64_t address, Bytes text) {
    const std::string_view bytes = as_text(text);
    std::uint64_t tries = 0;
    for (const std::string_view code : {std::string_view("\x0f\xa2"), std::string_view("\x0f\x01\xd0", 3)}) {
      for (std::size_t last = 0; (last = bytes.find(code.back(), last)) != std::string_view::npos; ++last)
        if (bytes.substr(0, last + 1).ends_with(code) &&
            (++tries > kQueriesTried || is_query(address + last + 1 - code.size())))
          return true;
    }
    return false;
  }

  // In code of no known function the bytes are taken for what they look like.
  bool is_query(std::uint64_t address) {
    const auto function = functions_.at(address);
    if (!function) return true;
    const Bytes code = at_address(layout_, function->address).part(0, address - function->address + 3).bytes();
    return read(code, code.size()).asks || left_ == 0;
  }

  Bytes bytes_;
  const ElfInfo& info_;
  ElfLayout layout_;
  StartupTables tables_;
  CodeFunctions functions_;
  const InstructionDecoder* decoder_ = nullptr;  // set by decoder_ready
  std::uint64_t left_ = kMostDecoded;
};

}  // namespace

std::optional<AboveBaseline> find_above_baseline(Bytes bytes, const ElfInfo& info) {
  // Go's runtime asks the processor before everything else, and the compiler emits nothing above GOAMD64.
  if (info.is_go || !info.is64 || !info.little_endian || info.debug_file) return std::nullopt;
  if (info.type != ElfType::shared && info.type != ElfType::executable) return std::nullopt;
  if (info.machine != kMachineX86_64 && info.machine != kMachineAArch64) return std::nullopt;
  return Search(bytes, info).run();
}

}  // namespace lambdapack
