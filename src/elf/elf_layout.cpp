// Reads header, program headers and section headers. The two ELF classes differ in field sizes and, in program headers
// and symbols, in field order; the offsets are those of gABI figures 4-3, 4-10 and 5-1.
#include "elf/elf_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

// No linker writes longer section names; a hostile file may make a million sections share one name of megabytes.
constexpr std::uint64_t kLongestSectionName = 255;

ElfHeader read_header(const ElfReader& reader) {
  ElfHeader header;
  header.file_class = reader.u8(4);
  header.byte_order = reader.u8(5);
  header.ident_version = reader.u8(6);
  header.os_abi = reader.u8(7);
  header.type = reader.u16(16);
  header.machine = reader.u16(18);
  header.version = reader.u32(20);
  const std::uint64_t word = reader.word_size();
  header.program_headers = reader.word(24 + word);
  header.section_headers = reader.word(24 + 2 * word);
  const std::uint64_t rest = 24 + 3 * word + 4;
  header.header_size = reader.u16(rest);
  header.program_header_size = reader.u16(rest + 2);
  header.program_header_count = reader.u16(rest + 4);
  header.section_header_size = reader.u16(rest + 6);
  header.section_header_count = reader.u16(rest + 8);
  header.section_name_index = reader.u16(rest + 10);
  return header;
}

ElfSegment read_segment(const ElfReader& entry) {
  ElfSegment segment;
  segment.type = entry.u32(0);
  if (entry.is64()) {
    segment.flags = entry.u32(4);
    segment.offset = entry.u64(8);
    segment.address = entry.u64(16);
    segment.file_size = entry.u64(32);
    segment.memory_size = entry.u64(40);
    segment.alignment = entry.u64(48);
  } else {
    segment.offset = entry.u32(4);
    segment.address = entry.u32(8);
    segment.file_size = entry.u32(16);
    segment.memory_size = entry.u32(20);
    segment.flags = entry.u32(24);
    segment.alignment = entry.u32(28);
  }
  return segment;
}

std::uint64_t entries_inside(std::uint64_t offset, std::uint64_t entry_size, std::uint64_t count,
                             std::uint64_t file_size) {
  if (offset >= file_size) return 0;
  return std::min(count, (file_size - offset) / entry_size);
}

void check_header(ElfLayout& layout) {
  const ElfHeader& header = layout.header;
  const std::uint64_t header_size = layout.reader.is64() ? 64 : 52;
  if (layout.reader.size() < header_size)
    add_problem(layout.problems, "elf-truncated",
                fmt::format("is {} bytes long, its ELF header alone takes {}", layout.reader.size(), header_size),
                true);
  if (header.file_class != kClass32 && header.file_class != kClass64)
    add_problem(layout.problems, "elf-bad-header", fmt::format("has ELF class {}, not 1 or 2", header.file_class),
                true);
  else if (header.byte_order != kLittleEndian && header.byte_order != kBigEndian)
    add_problem(layout.problems, "elf-bad-header", fmt::format("has byte order {}, not 1 or 2", header.byte_order),
                true);
  else if (header.ident_version != 1 || (header.version != 1 && layout.reader.size() >= header_size))
    add_problem(layout.problems, "elf-bad-header",
                fmt::format("has ELF version {}/{}, not 1", header.ident_version, header.version), true);
}

void read_segments(ElfLayout& layout) {
  const ElfHeader& header = layout.header;
  if (header.program_header_count == 0) return;
  const std::uint64_t entry_size = layout.reader.is64() ? 56 : 32;
  if (header.program_header_size != entry_size) {
    // glibc refuses this too ("ELF file's phentsize not the expected size").
    add_problem(layout.problems, "elf-bad-program-headers",
                fmt::format("has program headers of {} bytes, not {}", header.program_header_size, entry_size), true);
    return;
  }
  if (header.program_header_count == kPnXnum) {
    add_problem(layout.problems, "elf-bad-program-headers", "has 65,535 or more program headers", true);
    return;
  }
  const std::uint64_t count =
      entries_inside(header.program_headers, entry_size, header.program_header_count, layout.reader.size());
  if (count < header.program_header_count)
    add_problem(layout.problems, "elf-truncated",
                fmt::format("ends inside its table of {} program headers", header.program_header_count), true);
  layout.segments.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i)
    layout.segments.push_back(read_segment(layout.reader.part(header.program_headers + i * entry_size, entry_size)));
}

void name_sections(ElfLayout& layout) {
  std::uint64_t index = layout.header.section_name_index;
  if (index == kShnXindex) index = layout.sections[0].link;
  if (index == 0) return;
  if (index >= layout.sections.size()) {
    add_problem(layout.problems, "elf-bad-sections",
                fmt::format("has its section names in section {} of {}", index, layout.sections.size()), false);
    return;
  }
  const ElfReader names = section_bytes(layout, layout.sections[index]);
  for (ElfSectionHeader& section : layout.sections) {
    const auto name = names.text(section.name, kLongestSectionName);
    if (name)
      section.name_text = *name;
    else if (section.type != 0)
      add_problem(layout.problems, "elf-bad-sections",
                  fmt::format("has a section name at {}, outside its {} bytes of names", section.name, names.size()),
                  false);
  }
}

void read_sections(ElfLayout& layout) {
  const ElfHeader& header = layout.header;
  if (header.section_headers == 0) return;
  const std::uint64_t entry_size = layout.reader.is64() ? 64 : 40;
  const std::uint64_t file_size = layout.reader.size();
  const ElfSectionHeader first = read_section_header(layout.reader.part(header.section_headers, entry_size));
  layout.declared_sections = header.section_header_count != 0 ? header.section_header_count : first.size;
  if (layout.declared_sections == 0) return;
  if (header.section_header_size != entry_size) {
    add_problem(layout.problems, "elf-bad-sections",
                fmt::format("has section headers of {} bytes, not {}", header.section_header_size, entry_size), false);
    return;
  }
  std::uint64_t count = entries_inside(header.section_headers, entry_size, layout.declared_sections, file_size);
  if (count < layout.declared_sections)
    add_problem(layout.problems, "elf-bad-sections",
                fmt::format("ends inside its table of {} section headers at {}", layout.declared_sections,
                            header.section_headers),
                false);
  // What the loader maps never has this many; an object file of -ffunction-sections may, and nobody asks for its
  // sections.
  count = std::min<std::uint64_t>(count, kShnLoReserve);
  if (count == 0) return;
  layout.sections.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i)
    layout.sections.push_back(
        read_section_header(layout.reader.part(header.section_headers + i * entry_size, entry_size)));
  for (const ElfSectionHeader& section : layout.sections)
    if (section.type != 0 && section.type != kShtNobits && !fits(section.offset, section.size, file_size))
      add_problem(
          layout.problems, "elf-bad-sections",
          fmt::format("has a section of {} bytes at {}, past its end at {}", section.size, section.offset, file_size),
          false);
  name_sections(layout);
}

}  // namespace

ElfReader ElfReader::part(std::uint64_t offset, std::uint64_t count) const {
  if (offset > bytes_.size()) return {{}, is64_, little_};
  return {bytes_.subspan(offset, std::min<std::uint64_t>(count, bytes_.size() - offset)), is64_, little_};
}

std::optional<std::string_view> ElfReader::text(std::uint64_t offset, std::uint64_t longest) const {
  if (offset >= bytes_.size()) return std::nullopt;
  const std::uint64_t room = std::min<std::uint64_t>(bytes_.size() - offset, longest + 1);
  const auto* start = reinterpret_cast<const char*>(bytes_.data() + offset);
  const void* end = std::memchr(start, 0, room);
  if (end == nullptr) return std::nullopt;
  return std::string_view(start, static_cast<const char*>(end));
}

ElfLayout read_layout(Bytes bytes) {
  const bool is64 = bytes.size() <= 4 || bytes[4] != kClass32;
  const bool little = bytes.size() <= 5 || bytes[5] != kBigEndian;
  ElfLayout layout;
  layout.reader = ElfReader(bytes, is64, little);
  layout.header = read_header(layout.reader);
  check_header(layout);
  read_segments(layout);
  read_sections(layout);
  return layout;
}

ElfReader at_address(const ElfLayout& layout, std::uint64_t address) {
  for (const ElfSegment& segment : layout.segments) {
    if (segment.type != kPtLoad || address < segment.address || address - segment.address >= segment.file_size)
      continue;
    const ElfReader loaded = layout.reader.part(segment.offset, segment.file_size);
    return loaded.part(address - segment.address, loaded.size());
  }
  return layout.reader.part(layout.reader.size(), 0);
}

ElfSectionHeader read_section_header(const ElfReader& entry) {
  const std::uint64_t word = entry.word_size();
  ElfSectionHeader section;
  section.name = entry.u32(0);
  section.type = entry.u32(4);
  section.flags = entry.word(8);
  section.address = entry.word(8 + word);
  section.offset = entry.word(8 + 2 * word);
  section.size = entry.word(8 + 3 * word);
  section.link = entry.u32(8 + 4 * word);
  section.info = entry.u32(12 + 4 * word);
  section.alignment = entry.word(16 + 4 * word);
  section.entry_size = entry.word(16 + 5 * word);
  return section;
}

ElfReader section_bytes(const ElfLayout& layout, const ElfSectionHeader& section) {
  return layout.reader.part(section.offset, section.type == kShtNobits ? 0 : section.size);
}

std::uint64_t described_end(const ElfLayout& layout) {
  const std::uint64_t file_size = layout.reader.size();
  std::uint64_t end = std::min<std::uint64_t>(file_size, layout.reader.is64() ? 64 : 52);
  const auto extend = [&](std::uint64_t offset, std::uint64_t size) {
    if (offset >= file_size) return;
    end = std::max(end, offset + std::min(size, file_size - offset));
  };
  const ElfHeader& header = layout.header;
  extend(header.program_headers, std::uint64_t{header.program_header_size} * header.program_header_count);
  if (header.section_headers != 0)
    extend(header.section_headers,
           header.section_header_size * std::min<std::uint64_t>(layout.declared_sections, file_size));
  for (const ElfSegment& segment : layout.segments) extend(segment.offset, segment.file_size);
  for (const ElfSectionHeader& section : layout.sections)
    if (section.type != 0 && section.type != kShtNobits) extend(section.offset, section.size);
  return end;
}

bool is_debug_section(std::string_view name) {
  // Whole prefixes: a program's own ".debugger_state" is none of these. DWARF and its split parts (.debug_info.dwo),
  // GNU's old compressed form, stabs, gdb's index, and debug info of the linker's or of Fedora's making.
  static constexpr auto kPrefixes = std::to_array<std::string_view>({".debug_", ".zdebug_", ".stab.", ".stabstr."});
  static constexpr auto kNames = std::to_array<std::string_view>(
      {".debug", ".line", ".stab", ".stabstr", ".gdb_index", ".gnu_debugdata", ".gnu_debugaltlink"});
  return std::ranges::find(kNames, name) != kNames.end() ||
         std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

void add_problem(std::vector<ElfProblem>& problems, std::string code, std::string message, bool fatal) {
  const auto known = std::ranges::find(problems, code, &ElfProblem::code);
  if (known == problems.end())
    problems.push_back({std::move(code), std::move(message), fatal});
  else if (fatal && !known->fatal)
    *known = {std::move(code), std::move(message), true};
}

}  // namespace lambdapack
