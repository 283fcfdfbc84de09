// ld.so takes the last entry of each kind, and so does this; where a file has two of one kind is for the caller to ask.
#include "elf/dynamic_table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kRelaSize = 24;

std::uint32_t relative_type(std::uint16_t machine) {
  return machine == kMachineAArch64 ? kAArch64Relative : kX86Relative;
}

// An even entry is an address; an odd one has a bit for each of the 63 words that follow what came before (gABI).
bool visit_relr(const ElfReader& table, std::uint32_t type, const std::function<bool(const Relocation&)>& visit) {
  std::uint64_t next = 0;
  for (std::uint64_t offset = 0; offset + 8 <= table.size(); offset += 8) {
    const std::uint64_t entry = table.u64(offset);
    if ((entry & 1) == 0) {
      if (!visit({entry, type, 0, {}})) return false;
      next = entry + 8;
      continue;
    }
    for (unsigned bit = 0; bit < 63; ++bit)
      if ((entry >> (bit + 1) & 1) != 0 && !visit({next + 8 * bit, type, 0, {}})) return false;
    next += std::uint64_t{63} * 8;
  }
  return true;
}

}  // namespace

std::optional<std::uint64_t> DynamicTable::value(std::uint64_t tag) const {
  for (std::size_t i = entries.size(); i-- > 0;)
    if (entries[i].tag == tag) return entries[i].value;
  return std::nullopt;
}

std::optional<std::uint64_t> file_offset(const ElfLayout& layout, std::uint64_t address) {
  const Bytes found = at_address(layout, address).bytes();
  if (found.empty()) return std::nullopt;
  return static_cast<std::uint64_t>(found.data() - layout.reader.bytes().data());
}

DynamicTable read_dynamic_table(const ElfLayout& layout) {
  DynamicTable table;
  const ElfSegment* dynamic = nullptr;
  for (const ElfSegment& segment : layout.segments)
    if (segment.type == kPtDynamic) dynamic = &segment;
  if (dynamic == nullptr) return table;
  const auto offset = file_offset(layout, dynamic->address);
  if (!offset) return table;
  table.address = dynamic->address;
  table.offset = *offset;
  const ElfReader bytes = at_address(layout, dynamic->address).part(0, dynamic->file_size);
  const std::uint64_t word = bytes.word_size();
  for (std::uint64_t at = 0; at + 2 * word <= bytes.size(); at += 2 * word) {
    const DynamicEntry entry{bytes.word(at), bytes.word(at + word)};
    table.terminated = entry.tag == kDtNull;
    if (table.terminated) break;
    table.entries.push_back(entry);
  }
  return table;
}

void visit_relocations(const ElfLayout& layout, const DynamicTable& dynamic,
                       const std::function<bool(const Relocation&)>& visit) {
  const auto table_of = [&](std::uint64_t where, std::uint64_t size) {
    const auto address = dynamic.value(where);
    return address ? at_address(layout, *address).part(0, dynamic.value(size).value_or(0)) : ElfReader();
  };
  static constexpr std::array kTables{std::pair(kDtRela, kDtRelasz), std::pair(kDtJmprel, kDtPltrelsz)};
  for (const auto& [where, size] : kTables) {
    const ElfReader table = table_of(where, size);
    for (std::uint64_t at = 0; at + kRelaSize <= table.size(); at += kRelaSize) {
      const std::uint64_t info = table.u64(at + 8);
      if (!visit({table.u64(at), static_cast<std::uint32_t>(info), static_cast<std::uint32_t>(info >> 32),
                  table.u64(at + 16)}))
        return;
    }
  }
  visit_relr(table_of(kDtRelr, kDtRelrsz), relative_type(layout.header.machine), visit);
}

}  // namespace lambdapack
