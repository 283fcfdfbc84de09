// Section names and what they are for, and the layout that llvm::objcopy would choose.
//
// The layout matters before anything is written: segments keep their order and are placed at the next offset that is
// congruent to their address modulo their alignment, so a small file with a huge alignment becomes a huge file, and one
// that patchelf rearranged often becomes larger than it was.
#include "elf/strip_layout.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>

#include "elf/elf_format.h"
#include "elf/elf_layout.h"

namespace lambdapack {

using namespace elf_format;

namespace {

// Left by compilers and linkers for later tools; none has a reader in a running process. Notes that have one stay, also
// where they are not loaded: build id, ABI tag and properties (ld.so, kernel), .note.dlopen and .note.package (package
// tools, systemd-coredump), .note.stapsdt (perf, bpftrace and libbpf find probes in the file), .note.go.buildid.
constexpr auto kCompilerNotes = std::to_array<std::string_view>({
    ".comment",                  // compiler versions
    ".GCC.command.line",         // -frecord-gcc-switches
    ".note.gnu.gold-version",    // gold
    ".note.GNU-stack",           // for the linker; the loader reads PT_GNU_STACK
    ".llvm_addrsig",             // lld's --icf
    ".llvm.call-graph-profile",  // lld's section ordering
    ".llvmbc", ".llvmcmd",       // -fembed-bitcode
    ".deplibs",                  // lld's dependent libraries
});

bool is_compiler_note(std::string_view name) {
  if (std::ranges::find(kCompilerNotes, name) != kCompilerNotes.end()) return true;
  return name.starts_with(".gnu.build.attributes") ||                          // annobin
         name.starts_with(".gnu.lto_") || name.starts_with(".gnu.debuglto_");  // -ffat-lto-objects
}

bool shares_bytes(const ElfSection& section, const std::vector<ElfSegment>& segments) {
  return std::ranges::any_of(segments, [&](const ElfSegment& segment) {
    return section.offset < segment.offset + segment.file_size && segment.offset < section.offset + section.size;
  });
}

SectionUse use_of(const ElfSection& section) {
  if ((section.flags & kShfAlloc) != 0) return SectionUse::kept;
  if (is_debug_section(section.name)) return SectionUse::debug_info;
  if (is_compiler_note(section.name)) return SectionUse::compiler_notes;
  switch (section.type) {
    case kShtSymtab:
    case kShtSymtabShndx:
    case kShtRel:  // of --emit-relocs: they point into the symbol table
    case kShtRela: return SectionUse::symbols;
    case kShtStrtab: return section.name == ".strtab" ? SectionUse::symbols : SectionUse::kept;
    default: return SectionUse::kept;
  }
}

// A segment as objcopy lays it out, with the ELF header and the program header table as two more.
struct Placed {
  std::uint64_t original = 0, size = 0, alignment = 0, address = 0;
  std::size_t index = 0;
  std::uint64_t offset = 0;
  const Placed* parent = nullptr;
};

bool comes_before(const Placed& a, const Placed& b) {
  return std::tie(a.original, b.alignment, a.index) < std::tie(b.original, a.alignment, b.index);
}

std::uint64_t round_up(std::uint64_t offset, std::uint64_t alignment, std::uint64_t address = 0) {
  alignment = std::max<std::uint64_t>(alignment, 1);
  const std::uint64_t skew = address % alignment;
  return (offset + alignment - 1 - skew) / alignment * alignment + skew;
}

struct Placement {
  std::uint64_t end = 0, program_headers = 0;
};

// Where the last segment ends when each that does not start inside an earlier one moves to the first fitting offset.
Placement place_segments(const ElfInfo& info) {
  std::vector<Placed> placed;
  const auto add = [&](std::uint64_t offset, std::uint64_t size, std::uint64_t alignment, std::uint64_t address) {
    placed.push_back({offset, size, alignment, address, placed.size()});
  };
  for (const ElfSegment& segment : info.segments)
    add(segment.offset, segment.file_size, segment.alignment, segment.address);
  add(0, info.is64 ? 64 : 52, 0, 0);
  const std::uint64_t entry_size = info.is64 ? 56 : 32;
  const std::size_t table = placed.size();
  add(info.program_headers, entry_size * info.segments.size(), info.is64 ? 8 : 4, info.program_headers);
  std::ranges::sort(placed, comes_before);
  Placement result;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    Placed& segment = placed[i];
    for (std::size_t j = 0; j < i && segment.parent == nullptr; ++j)
      if (placed[j].original + placed[j].size > segment.original) segment.parent = &placed[j];
    segment.offset = segment.parent != nullptr ? segment.parent->offset + segment.original - segment.parent->original
                                               : round_up(result.end, segment.alignment, segment.address);
    result.end = std::max(result.end, segment.offset + segment.size);
    if (segment.index == table) result.program_headers = segment.offset;
  }
  return result;
}

}  // namespace

std::vector<SectionUse> section_uses(const ElfInfo& info) {
  std::vector<SectionUse> uses;
  uses.reserve(info.sections.size());
  for (const ElfSection& section : info.sections) {
    SectionUse use = use_of(section);
    if (use != SectionUse::kept && section.type != kShtNobits && shares_bytes(section, info.segments))
      use = SectionUse::kept;
    uses.push_back(use);
  }
  return uses;
}

std::string describe(const ElfInfo& info, const std::vector<SectionUse>& uses) {
  std::string text;
  const auto add = [&](SectionUse use, std::string_view name) {
    if (std::ranges::find(uses, use) == uses.end()) return;
    if (!text.empty()) text += ", ";
    text += name;
  };
  bool split = false;
  for (std::size_t i = 0; i < uses.size(); ++i)
    if (uses[i] == SectionUse::debug_info && info.sections[i].name.ends_with(".dwo")) split = true;
  add(SectionUse::debug_info, split                   ? "split debug info"
                              : info.debug_compressed ? "compressed debug info"
                                                      : "debug info");
  add(SectionUse::symbols, "symbol table");
  add(SectionUse::compiler_notes, "compiler notes");
  return text.empty() ? "holes between segments" : text;
}

std::uint64_t predicted_size(const ElfInfo& info, const std::vector<SectionUse>& uses) {
  std::uint64_t end = place_segments(info).end;
  std::vector<const ElfSection*> outside;
  std::uint64_t headers = 1;
  for (std::size_t i = 0; i < info.sections.size(); ++i) {
    if (uses[i] != SectionUse::kept) continue;
    ++headers;
    const ElfSection& section = info.sections[i];
    const bool inside = std::ranges::any_of(info.segments, [&](const ElfSegment& segment) {
      return segment.offset <= section.offset &&
             segment.offset + segment.file_size >= section.offset + std::max<std::uint64_t>(section.size, 1);
    });
    if (!inside && section.type != kShtNobits) outside.push_back(&section);
  }
  std::ranges::sort(outside, [](const ElfSection* a, const ElfSection* b) {
    return std::tie(a->offset, a) < std::tie(b->offset, b);
  });
  for (const ElfSection* section : outside) end = round_up(end, section->alignment) + section->size;
  return round_up(end, info.is64 ? 8 : 4) + headers * (info.is64 ? 64 : 40);
}

bool moves_program_headers(const ElfInfo& info) {
  return place_segments(info).program_headers != info.program_headers;
}

}  // namespace lambdapack
