// .eh_frame_hdr is a sorted table of all functions for the unwinder, loaded and so never stripped (LSB Core, "The
// .eh_frame_hdr section"). Each entry leads to a frame description with the function's length. Compilers and linkers
// write one encoding of both; a table in another one is not read.
#include "elf/code_functions.h"

#include <algorithm>

#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kMostFunctions = 1 << 20, kMostStartups = 256, kMostRelocations = 1 << 22;
constexpr std::uint8_t kPcrelSdata4 = 0x1b, kUdata4 = 0x03, kDatarelSdata4 = 0x3b;  // DW_EH_PE_*
constexpr std::uint64_t kRelaSize = 24;                                             // Elf64_Rela

std::uint64_t relative(std::uint64_t base, std::uint32_t offset) {
  return base + static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(offset)));
}

}  // namespace

// Header: version 1, encodings of the pointer, the count and the table, pointer 4, count 4; then (function, frame
// description) as offsets from the header's own address.
CodeFunctions::CodeFunctions(const ElfLayout& layout, const StartupTables& tables) : layout_(&layout) {
  const auto segment = std::ranges::find(layout.segments, kPtGnuEhFrame, &ElfSegment::type);
  if (segment != layout.segments.end()) {
    header_ = at_address(layout, segment->address);
    header_address_ = segment->address;
    const bool known = header_.u8(0) == 1 && header_.u8(1) == kPcrelSdata4 && header_.u8(2) == kUdata4 &&
                       header_.u8(3) == kDatarelSdata4;
    if (known && header_.size() > 12)
      count_ = std::min<std::uint64_t>({header_.u32(8), kMostFunctions, (header_.size() - 12) / 8});
  }
  if (count_ > 0) return;
  for (const ExportedFunction& function : exported_functions(layout, tables.symbols))
    if (function.size > 0 && exported_.size() < kMostFunctions) exported_.push_back({function.address, function.size});
  std::ranges::sort(exported_);
  const auto repeated = std::ranges::unique(exported_, {}, &CodeFunction::address);
  exported_.erase(repeated.begin(), repeated.end());
}

CodeFunction CodeFunctions::operator[](std::size_t index) const {
  if (count_ == 0) return exported_[index];
  const std::uint64_t address = relative(header_address_, header_.u32(12 + 8 * index));
  const std::uint64_t frame = relative(header_address_, header_.u32(16 + 8 * index));
  // length 4, distance to the common part 4, start relative to its own place 4, length of the function 4
  const ElfReader description = at_address(*layout_, frame);
  if (relative(frame + 8, description.u32(8)) != address) return {address, 0};
  return {address, description.u32(12)};
}

std::optional<CodeFunction> CodeFunctions::at(std::uint64_t address) const {
  std::size_t low = 0, high = size();  // the first function behind the address
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if ((*this)[middle].address <= address)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == 0) return std::nullopt;
  const CodeFunction function = (*this)[low - 1];
  if (address - function.address >= function.size) return std::nullopt;
  return function;
}

namespace {

bool runs_after_loading(std::string_view name) {
  for (const std::string_view prefix : {"PyInit_", "PyInitU_", "JNI_OnLoad", "napi_register_module", "node_register_"})
    if (name.starts_with(prefix)) return true;
  return false;
}

// The addresses in DT_INIT_ARRAY: as they lie in the file, or else as the relocations put them there.
std::vector<std::uint64_t> constructors(const ElfLayout& layout, const StartupTables& tables) {
  std::vector<std::uint64_t> found;
  if (!tables.init_array) return found;
  const std::uint64_t count = std::min(tables.init_array_size / 8, kMostStartups);
  const ElfReader array = at_address(layout, *tables.init_array).part(0, count * 8);
  bool missing = false;
  for (std::uint64_t i = 0; i < count; ++i) {
    found.push_back(array.u64(8 * i));
    missing = missing || found.back() == 0;
  }
  if (!missing || !tables.rela) return found;
  const ElfReader relocations = at_address(layout, *tables.rela).part(0, tables.rela_size);
  const std::uint64_t relocation_count = std::min(relocations.size() / kRelaSize, kMostRelocations);
  for (std::uint64_t i = 0; i < relocation_count; ++i) {
    const std::uint64_t place = relocations.u64(kRelaSize * i) - *tables.init_array;
    const std::uint64_t type = relocations.u32(kRelaSize * i + 8);
    if (place >= count * 8 || place % 8 != 0) continue;
    if (type == kX86Relative || type == kAArch64Relative) found[place / 8] = relocations.u64(kRelaSize * i + 16);
  }
  return found;
}

// The function that _start hands to __libc_start_main: "lea rdi, [rip+x]" or "mov rdi, x" on x86-64, x0 on arm64 by
// way of the GOT, which is not followed.
std::optional<std::uint64_t> find_main(const ElfLayout& layout) {
  if (layout.header.machine != kMachineX86_64 || layout.reader.u64(24) == 0) return std::nullopt;
  constexpr std::uint64_t kLongestStart = 48;
  const std::uint64_t entry = layout.reader.u64(24);  // e_entry
  const ElfReader code = at_address(layout, entry).part(0, kLongestStart);
  for (std::uint64_t i = 0; i + 7 <= code.size(); ++i) {
    if (code.u8(i) != 0x48) continue;
    if (code.u8(i + 1) == 0x8d && code.u8(i + 2) == 0x3d) return relative(entry + i + 7, code.u32(i + 3));
    if (code.u8(i + 1) == 0xc7 && code.u8(i + 2) == 0xc7) return code.u32(i + 3);
  }
  return std::nullopt;
}

}  // namespace

std::vector<StartupFunction> startup_functions(const ElfLayout& layout, const StartupTables& tables) {
  std::vector<StartupFunction> functions;
  if (tables.init) functions.push_back({*tables.init, "_init"});
  for (const std::uint64_t address : constructors(layout, tables))
    if (address != 0) functions.push_back({address, "a constructor"});
  if (std::ranges::find(layout.segments, kPtInterp, &ElfSegment::type) != layout.segments.end() ||
      layout.header.type == kEtExec) {
    if (const auto main = find_main(layout)) functions.push_back({*main, "main"});
  }
  for (const ExportedFunction& function : exported_functions(layout, tables.symbols)) {
    if (functions.size() >= kMostStartups) break;
    if (runs_after_loading(function.name)) functions.push_back({function.address, std::string(function.name)});
  }
  return functions;
}

bool has_indirect_functions(const ElfLayout& layout, const StartupTables& tables) {
  const auto any = [&](std::optional<std::uint64_t> address, std::uint64_t size) {
    if (!address) return false;
    const ElfReader relocations = at_address(layout, *address).part(0, size);
    const std::uint64_t count = relocations.size() / kRelaSize;
    // Linkers put them last.
    for (std::uint64_t i = count > kMostStartups ? count - kMostStartups : 0; i < count; ++i) {
      const std::uint32_t type = relocations.u32(kRelaSize * i + 8);
      if (type == (layout.header.machine == kMachineAArch64 ? kAArch64Irelative : kX86Irelative)) return true;
    }
    return false;
  };
  return any(tables.plt_rela, tables.plt_rela_size) || any(tables.rela, tables.rela_size);
}

}  // namespace lambdapack
