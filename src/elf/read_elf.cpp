// What is this ELF file, and would the loader take it?
//
// Skeleton first (elf_layout.h), then the judgement of program headers by the rules of Lambda's own loaders, then what
// the dynamic section and the notes add. Only headers and tables are touched: of a 50 MB library a few hundred KB.
#include "elf/read_elf.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "elf/elf_format.h"
#include "elf/elf_layout.h"
#include "elf/go_build.h"
#include "elf/node_addon.h"
#include "elf/read_dynamic.h"
#include "elf/read_notes.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kPageSize = 4096;  // x86-64, and arm64 on Lambda
// The name of a file of dwz's making, with what several debug files have in common; distributions leave it in stripped
// programs. It is no debug info itself.
constexpr std::string_view kSharedDebugInfo = ".gnu_debugaltlink";
constexpr std::uint64_t kLongestInterpreter = 4096;
constexpr std::uint64_t kGlanceBytes = 1 << 16;  // how much of .rodata is looked at for a compiler's mark
constexpr std::uint64_t kGoDataBytes = 1 << 20;  // how much of the data for Go's

ElfType type_of(std::uint16_t type) {
  switch (type) {
    case 0: return ElfType::none;
    case kEtRel: return ElfType::relocatable;
    case kEtExec: return ElfType::executable;
    case kEtDyn: return ElfType::shared;
    case kEtCore: return ElfType::core;
    default: return ElfType::other;
  }
}

// A separate debug file (objcopy --only-keep-debug, eu-strip -f): all that would be loaded was taken out, the headers
// stayed.
bool is_debug_file(const ElfLayout& layout) {
  bool empty_code = false;
  for (const ElfSectionHeader& section : layout.sections) {
    if ((section.flags & kShfAlloc) == 0 || section.type == kShtNote) continue;
    if (section.type != kShtNobits) return false;
    if ((section.flags & kShfExecinstr) != 0) empty_code = true;
  }
  return empty_code;
}

// Bytes after all that the headers describe. patchelf leaves a zero byte or a few there; that is padding, not a
// payload.
std::uint64_t count_trailing(const ElfLayout& layout) {
  const Bytes tail = layout.reader.bytes().subspan(described_end(layout));
  if (tail.size() < kPageSize && std::ranges::all_of(tail, [](std::uint8_t byte) { return byte == 0; })) return 0;
  return tail.size();
}

// patchelf writes a new section header table at the end of a file and leaves the old one where it was. It is known by
// its entries: each has the name, type, flags and entry size of one of today's. Entries only, and at least three
// of them: a payload does not read like that.
bool is_former_section_table(const ElfLayout& layout, std::uint64_t from, std::uint64_t to) {
  constexpr std::uint64_t kFewest = 3, kMost = 256;  // each is compared with each of today's
  if (layout.sections.size() > kMost) return false;
  const Bytes bytes = layout.reader.bytes().subspan(from, to - from);
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  // The entries are aligned, and the first one, of section 0, is all zero.
  const auto first = std::ranges::find_if_not(bytes, is_zero);
  const std::uint64_t word = layout.reader.word_size(), entry_size = layout.reader.is64() ? 64 : 40;
  std::uint64_t offset = (from + static_cast<std::uint64_t>(first - bytes.begin())) / word * word;
  for (std::uint64_t count = 0; offset >= from && count <= kMost; ++count, offset += entry_size) {
    const Bytes rest = layout.reader.bytes().subspan(std::min(offset, to), to - std::min(offset, to));
    if (std::ranges::all_of(rest, is_zero)) return count >= kFewest;
    if (rest.size() < entry_size) return false;
    const ElfSectionHeader old = read_section_header(layout.reader.part(offset, entry_size));
    const bool known = std::ranges::any_of(layout.sections, [&](const ElfSectionHeader& section) {
      return section.name == old.name && section.type == old.type && section.flags == old.flags &&
             section.entry_size == old.entry_size;
    });
    if (!known || old.type == 0) return false;
  }
  return false;
}

// Bytes before described_end that are in no header, table, segment or section, zeros and
// patchelf's leavings apart: someone put them there, and a strip would drop them.
std::uint64_t count_undescribed(const ElfLayout& layout) {
  using Range = std::pair<std::uint64_t, std::uint64_t>;  // offset, end
  std::vector<Range> ranges;
  const auto add = [&](std::uint64_t offset, std::uint64_t size) {
    if (size != 0 && fits(offset, size, layout.reader.size())) ranges.emplace_back(offset, offset + size);
  };
  const ElfHeader& header = layout.header;
  add(0, layout.reader.is64() ? 64 : 52);
  add(header.program_headers, std::uint64_t{header.program_header_size} * header.program_header_count);
  add(header.section_headers, header.section_header_size * layout.sections.size());
  for (const ElfSegment& segment : layout.segments) add(segment.offset, segment.file_size);
  for (const ElfSectionHeader& section : layout.sections)
    if (section.type != 0 && section.type != kShtNobits) add(section.offset, section.size);
  std::ranges::sort(ranges);
  std::uint64_t end = 0, count = 0;
  for (const auto& [from, to] : ranges) {
    if (from > end && !is_former_section_table(layout, end, from))
      count += static_cast<std::uint64_t>(std::ranges::count_if(layout.reader.bytes().subspan(end, from - end),
                                                                [](std::uint8_t byte) { return byte != 0; }));
    end = std::max(end, to);
  }
  return count;
}

void check_load_segment(const ElfSegment& segment, ElfInfo& info) {
  if (!fits(segment.offset, segment.file_size, info.file_size))
    add_problem(info.problems, "elf-truncated",
                fmt::format("ends at {}, but {} bytes at {} are to be loaded", info.file_size, segment.file_size,
                            segment.offset),
                true);
  // glibc's _dl_map_object_from_fd up to 2.34, which Lambda has: p_align must be a multiple of the page size, and
  // address and offset must be equal modulo p_align ("ELF load command address/offset not properly aligned"); 2.35 and
  // later, and the kernel for programs, look at the page size only ("… not page-aligned").
  const std::uint64_t distance = segment.address - segment.offset;
  if (distance % kPageSize != 0)
    add_problem(info.problems, "elf-misaligned-segment",
                fmt::format("loads offset {:#x} at address {:#x}, unequal modulo the page size", segment.offset,
                            segment.address),
                true);
  else if (!info.is_executable() && segment.alignment % kPageSize != 0)
    add_problem(info.problems, "elf-misaligned-segment",
                fmt::format("has a segment aligned to {}, not to a multiple of the page size", segment.alignment),
                true);
  else if (!info.is_executable() && (distance & (segment.alignment - 1)) != 0)
    add_problem(info.problems, "elf-misaligned-segment",
                fmt::format("loads offset {:#x} at address {:#x}, unequal modulo its alignment {:#x}", segment.offset,
                            segment.address, segment.alignment),
                true);
  if (segment.alignment > 1 && !is_power_of_two(segment.alignment))
    add_problem(info.problems, "elf-bad-program-headers",
                fmt::format("has a segment aligned to {}, no power of two", segment.alignment), false);
  if (segment.file_size > segment.memory_size)  // the kernel's elf_map refuses it for programs
    add_problem(info.problems, "elf-bad-program-headers",
                fmt::format("loads {} bytes into {} bytes of memory", segment.file_size, segment.memory_size),
                info.is_executable());
  if (segment.address + segment.memory_size < segment.address)
    add_problem(info.problems, "elf-bad-program-headers", "has a segment that ends past the address space", true);
}

void check_segments(const ElfLayout& layout, ElfInfo& info) {
  const ElfSegment* previous = nullptr;
  for (const ElfSegment& segment : layout.segments) {
    if (segment.type != kPtLoad) {
      if (segment.file_size != 0 && !fits(segment.offset, segment.file_size, info.file_size))
        add_problem(info.problems, "elf-bad-program-headers",
                    fmt::format("has a segment of {} bytes at {}, past its end at {}", segment.file_size,
                                segment.offset, info.file_size),
                    false);
      continue;
    }
    check_load_segment(segment, info);
    if (previous != nullptr && segment.address < previous->address)
      add_problem(info.problems, "elf-bad-program-headers", "has its loaded segments out of order", false);
    previous = &segment;
  }
  if (previous == nullptr)  // "object file has no loadable segments"
    add_problem(info.problems, "elf-bad-program-headers", "has no segment to load", true);
}

void read_interpreter(const ElfLayout& layout, ElfInfo& info) {
  for (const ElfSegment& segment : layout.segments) {
    if (segment.type != kPtInterp) continue;
    if (const auto path = layout.reader.part(segment.offset, segment.file_size).text(0, kLongestInterpreter))
      info.interpreter = *path;
    else
      add_problem(info.problems, "elf-bad-program-headers", "has an interpreter path without end", true);
    return;
  }
}

void add_sections(const ElfLayout& layout, ElfInfo& info) {
  info.sections.reserve(layout.sections.size());
  for (std::size_t i = 1; i < layout.sections.size(); ++i) {
    const ElfSectionHeader& section = layout.sections[i];
    info.sections.push_back(
        {std::string(section.name_text), section.type, section.flags, section.offset, section.size, section.alignment});
    if (section.type == kShtNobits || (section.flags & kShfAlloc) != 0) continue;
    const std::uint64_t size = section_bytes(layout, section).size();
    if (section.name_text == kSharedDebugInfo) continue;
    if (is_debug_section(section.name_text)) {
      info.debug_bytes += size;
      if ((section.flags & kShfCompressed) != 0 || section.name_text.starts_with(".zdebug"))
        info.debug_compressed = true;
    } else if (section.type == kShtSymtab) {
      info.symtab_bytes += size;
      if (section.link < layout.sections.size() && section.link != layout.header.section_name_index)
        info.symtab_bytes += section_bytes(layout, layout.sections[section.link]).size();
    }
  }
}

bool contains(Bytes bytes, std::string_view mark) {
  return bytes.size() >= mark.size() && memmem(bytes.data(), bytes.size(), mark.data(), mark.size()) != nullptr;
}

// "v4" of a setting "GOAMD64=v4": the program itself refuses to start on a lesser processor
// (go.dev/wiki/MinimumRequirements).
std::string go_level(Bytes build_info) {
  const auto build = parse_go_build(build_info);
  if (!build) return {};
  for (const char* const setting : {"GOAMD64", "GOARM64"})
    if (const auto found = build->settings.find(setting); found != build->settings.end()) return found->second;
  return {};
}

// Which compiler built it, by what it leaves on purpose; a glance at constants only where those marks were stripped.
void find_compiler(const ElfLayout& layout, ElfInfo& info) {
  bool has_comment = false;
  const ElfSectionHeader* constants = nullptr;
  for (const ElfSectionHeader& section : layout.sections) {
    const std::string_view name = section.name_text;
    if (name == ".go.buildinfo" || name == ".gopclntab" || name == ".note.go.buildid") info.is_go = true;
    if (name == ".go.buildinfo") info.go_level = go_level(section_bytes(layout, section).bytes());
    if (name == kCrateSection) info.is_rust = true;
    if (name == ".rodata") constants = &section;
    if (name != ".comment") continue;
    has_comment = true;
    if (contains(section_bytes(layout, section).part(0, 4096).bytes(), "rustc version")) info.is_rust = true;
  }
  if (!has_comment && !info.is_go && !info.is_rust && constants != nullptr)
    info.is_rust = contains(section_bytes(layout, *constants).part(0, kGlanceBytes).bytes(), "/rustc/");
  if (!layout.sections.empty() || info.is_go) return;
  // As Go's debug/buildinfo does without sections: the build info is at the start of the first writable segment.
  for (const ElfSegment& segment : layout.segments) {
    if (segment.type != kPtLoad || (segment.flags & kPfWrite) == 0) continue;
    const ElfReader data = layout.reader.part(segment.offset, std::min(segment.file_size, kGoDataBytes));
    info.is_go = contains(data.bytes(), "\xff Go buildinf:");
    if (info.is_go) info.go_level = go_level(data.bytes());
    break;
  }
}

}  // namespace

bool has_elf_magic(Bytes bytes) {
  return bytes.size() >= 4 && std::memcmp(bytes.data(), "\177ELF", 4) == 0;
}

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case kMachine386: return "x86 (32-bit)";
    case kMachineArm: return "arm (32-bit)";
    case kMachineX86_64: return "x86-64";
    case kMachineAArch64: return "arm64 (aarch64)";
    case 8: return "MIPS";
    case 20: return "PowerPC";
    case 21: return "PowerPC64";
    case 22: return "S/390";
    case 243: return "RISC-V";
    case 247: return "BPF";
    case 258: return "LoongArch";
    default: return fmt::format("machine {}", machine);
  }
}

ElfInfo read_elf(Bytes bytes) {
  const ElfLayout layout = read_layout(bytes);
  ElfInfo info;
  info.is64 = layout.reader.is64();
  info.little_endian = layout.header.byte_order != kBigEndian;
  info.machine = layout.header.machine;
  info.type = type_of(layout.header.type);
  info.os_abi = layout.header.os_abi;
  info.file_size = bytes.size();
  info.program_headers = layout.header.program_headers;
  info.segments = layout.segments;
  info.problems = layout.problems;
  info.debug_file = is_debug_file(layout);
  info.trailing_bytes = count_trailing(layout);
  if (!layout.sections.empty()) info.undescribed_bytes = count_undescribed(layout);
  add_sections(layout, info);
  if (info.type != ElfType::core) {
    read_notes(layout, info);
    find_compiler(layout, info);
  }
  // Nothing loads an object file or a core dump, and a debug file has nothing to load.
  const bool loadable = (info.type == ElfType::executable || info.type == ElfType::shared) && !info.debug_file;
  if (loadable) {
    if (info.machine == 0) add_problem(info.problems, "elf-bad-header", "names no machine", false);
    read_interpreter(layout, info);
    read_dynamic(layout, info);
    if (std::ranges::find(info.entry_points, "node_module_register") != info.entry_points.end())
      info.node_versions = registered_node_versions(layout, startup_tables(layout));
    check_segments(layout, info);
    info.is_static = info.is_executable() && info.interpreter.empty() && info.needed.empty();
  }
  std::ranges::sort(info.problems);
  return info;
}

}  // namespace lambdapack
