// Every library has DT_INIT and an entry in DT_INIT_ARRAY, because the compiler's start files bring both: so having
// them says nothing. What says something is what they are.
//
// GCC's crtstuff.c: frame_dummy does nothing but register transactional clones, which no program has;
// __do_global_dtors_aux calls __cxa_finalize, which runs what the library's own constructors registered. glibc's
// crti.S: _init calls __gmon_start__ when a profiler has one, _fini does nothing. A constructor of the library's own is
// an entry more in the arrays, or another function.
#include "elf/start_code.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "elf/dynamic_table.h"
#include "elf/elf_format.h"
#include "elf/elf_layout.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kDtFiniArraysz = 28;

// Instructions as hexadecimal digits; "." is any digit.
bool matches(Bytes code, std::string_view pattern) {
  if (code.size() < pattern.size() / 2) return false;
  const auto digit = [](unsigned value) { return "0123456789abcdef"[value]; };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const unsigned byte = code[i / 2];
    if (pattern[i] != '.' && pattern[i] != digit(i % 2 == 0 ? byte >> 4 : byte & 15)) return false;
  }
  return true;
}

struct Word {
  std::uint32_t value, mask = 0xffffffff;
};

bool matches(Bytes code, std::span<const Word> words) {
  const ElfReader reader(code, true, true);
  for (std::size_t i = 0; i < words.size(); ++i)
    if (4 * i + 4 > code.size() || (reader.u32(4 * i) & words[i].mask) != words[i].value) return false;
  return true;
}

Bytes from(Bytes code, std::size_t offset) {
  return offset < code.size() ? code.subspan(offset) : Bytes();
}

// x86-64
bool is_start_code_x86_64(Bytes code, std::string_view what, const auto& at_offset) {
  constexpr std::string_view kLandingPad = "f30f1efa";  // endbr64
  if (matches(code, kLandingPad)) code = from(code, 4);
  if (what == "init") return matches(code, "4883ec08488b05........4885c07402ffd04883c408c3");
  if (what == "fini") return matches(code, "4883ec084883c408c3");
  if (what == "fini_array")
    return matches(
               code,
               "803d........0075..5548833d........004889e574..488b3d........e8........e8........c605........015dc3") ||
           matches(
               code,
               "803d........0075..48833d........00554889e574..488b3d........e8........e8........5dc605........01f3c3");
  // jmp register_tm_clones: lea, lea, sub of the same two ends of an empty table.
  if (!matches(code, "e9........")) return false;
  const ElfReader reader(code, true, true);
  return matches(
      at_offset(code, 5 + static_cast<std::int32_t>(reader.u32(1))),
      "488d3d........488d35........4829fe4889f048c1ee3f48c1f8034801c648d1fe74..488b05........4885c074..ffe0");
}

// AArch64, with and without pointer authentication.
bool is_start_code_aarch64(Bytes code, std::string_view what, const auto& at_offset) {
  static constexpr std::array kPad{Word{0xd503245f}}, kSign{Word{0xd503233f}}, kNop{Word{0xd503201f}};
  static constexpr std::array kReturn{Word{0xd65f03c0}};
  static constexpr std::array kCheckedReturn{Word{0xd50323bf}, Word{0xd65f03c0}};
  static constexpr std::array kInit{Word{0xa9bf7bfd}, Word{0x910003fd}, Word{0x94000000, 0xfc000000}, Word{0xa8c17bfd}};
  static constexpr std::array kFini{Word{0xa9bf7bfd}, Word{0x910003fd}, Word{0xa8c17bfd}};
  // &__dso_handle or its value, as the GCC has it that built crtbeginS.o.
  static constexpr Word kTakeAddress{0x91000000, 0xffc003ff}, kLoadValue{0xf9400000, 0xffc003ff};
  const auto fini_array = [](const Word& handle) {
    return std::array{Word{0xa9be7bfd},
                      Word{0x910003fd},
                      Word{0xf9000bf3},
                      Word{0x90000013, 0x9f00001f},
                      Word{0x39400260, 0xffc003ff},
                      Word{0x35000000, 0xff00001f},
                      Word{0x90000000, 0x9f00001f},
                      Word{0xf9400000, 0xffc003ff},
                      Word{0xb4000000, 0xff00001f},
                      Word{0x90000000, 0x9f00001f},
                      handle,
                      Word{0x94000000, 0xfc000000},
                      Word{0x94000000, 0xfc000000},
                      Word{0x52800020},
                      Word{0x39000260, 0xffc003ff},
                      Word{0xf9400bf3},
                      Word{0xa8c27bfd}};
  };
  static constexpr std::array kRegister{Word{0x90000000, 0x9f00001f}, Word{0x91000000, 0xffc003ff},
                                        Word{0x90000001, 0x9f00001f}, Word{0x91000021, 0xffc003ff}, Word{0xcb000021}};
  static constexpr std::array kJump{Word{0x14000000, 0xfc000000}};
  if (matches(code, kPad) || matches(code, kSign) || matches(code, kNop)) code = from(code, 4);
  const auto returns_after = [&](std::span<const Word> body) {
    const Bytes rest = from(code, 4 * body.size());
    return matches(code, body) && (matches(rest, kReturn) || matches(rest, kCheckedReturn));
  };
  if (what == "init") return returns_after(kInit);
  if (what == "fini") return returns_after(kFini);
  if (what == "fini_array") return returns_after(fini_array(kTakeAddress)) || returns_after(fini_array(kLoadValue));
  if (!matches(code, kJump)) return false;
  const std::uint32_t jump = ElfReader(code, true, true).u32(0);
  const auto distance = static_cast<std::int32_t>(jump << 6) >> 4;
  return matches(at_offset(code, distance), kRegister);
}

class StartCode {
 public:
  StartCode(Bytes bytes, const ElfInfo& info)
      : info_(info), layout_(read_layout(bytes)), dynamic_(read_dynamic_table(layout_)) {}

  bool runs() const {
    if (!dynamic_.terminated) return true;
    return runs(kDtInit, "init") || runs(kDtFini, "fini") || array_runs(kDtInitArray, kDtInitArraysz, "init_array") ||
           array_runs(kDtFiniArray, kDtFiniArraysz, "fini_array");
  }

 private:
  bool is_start_code(std::uint64_t address, std::string_view what) const {
    const Bytes code = at_address(layout_, address).bytes();
    // A jump inside the segment that the code is in.
    const auto at_offset = [&](Bytes where, std::int64_t distance) {
      const std::int64_t offset = where.data() - code.data() + distance;
      return at_address(layout_, address + static_cast<std::uint64_t>(offset)).bytes();
    };
    return info_.machine == kMachineX86_64 ? is_start_code_x86_64(code, what, at_offset)
                                           : is_start_code_aarch64(code, what, at_offset);
  }

  bool runs(std::uint64_t which, std::string_view what) const {
    const std::uint64_t function = dynamic_.value(which).value_or(0);
    return function != 0 && !is_start_code(function, what);
  }

  // The address in a pointer that one relocation fills in; 0 when it is another symbol's, or not one.
  std::uint64_t pointer(std::uint64_t address) const {
    std::uint64_t found = 0;
    std::size_t count = 0;
    visit_relocations(layout_, dynamic_, [&](const Relocation& relocation) {
      if (relocation.address + 8 <= address || relocation.address >= address + 8) return true;
      ++count;
      const bool relative = relocation.type == (info_.machine == kMachineX86_64 ? kX86Relative : kAArch64Relative);
      if (relative && relocation.address == address)
        found = relocation.addend ? *relocation.addend : at_address(layout_, address).u64(0);
      return true;
    });
    return count == 1 ? found : 0;
  }

  bool array_runs(std::uint64_t which, std::uint64_t size, std::string_view what) const {
    const std::uint64_t array = dynamic_.value(which).value_or(0), bytes = dynamic_.value(size).value_or(0);
    if (array == 0 || bytes == 0) return false;
    return bytes != 8 || !is_start_code(pointer(array), what);
  }

  const ElfInfo& info_;
  const ElfLayout layout_;
  const DynamicTable dynamic_;
};

}  // namespace

bool runs_code_when_loaded(Bytes bytes, const ElfInfo& info) {
  if (!info.has_init) return false;
  if (!info.is64 || !info.little_endian) return true;
  if (info.machine != kMachineX86_64 && info.machine != kMachineAArch64) return true;
  return StartCode(bytes, info).runs();
}

}  // namespace lambdapack
