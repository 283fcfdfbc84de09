// What do the notes say? A note is namesz, descsz, type (4 bytes each, also in 64-bit files), name, desc; name and desc
// are padded to 4 bytes, or to 8 where the segment says so. The loader knows segments only, .debug and object files
// have sections only, so both are read and each note counts once.
#include "elf/read_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/hash.h"
#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr int kMostNotes = 4096;
constexpr std::uint64_t kLongestBuildId = 64;          // SHA-1 has 20 bytes; --build-id=0x… may have any number
constexpr std::uint64_t kLongestDlopenNote = 1 << 16;  // bytes of JSON

struct NoteRange {
  std::uint64_t offset = 0, size = 0, alignment = 4;
  auto operator<=>(const NoteRange&) const = default;
};

std::vector<NoteRange> note_ranges(const ElfLayout& layout) {
  std::vector<NoteRange> ranges;
  const auto add = [&](std::uint64_t offset, std::uint64_t size, std::uint64_t alignment) {
    ranges.push_back({offset, size, alignment == 8 ? 8U : 4U});
  };
  for (const ElfSegment& segment : layout.segments)
    if (segment.type == kPtNote) add(segment.offset, segment.file_size, segment.alignment);
  for (const ElfSectionHeader& section : layout.sections)
    if (section.type == kShtNote) add(section.offset, section.size, section.alignment);
  std::ranges::sort(ranges);
  const auto repeated = std::ranges::unique(ranges);
  ranges.erase(repeated.begin(), repeated.end());
  return ranges;
}

// pr_type 4, pr_datasz 4, data padded to a word. AArch64's features (BTI, PAC) are hints that older processors skip.
void add_properties(const ElfReader& properties, ElfInfo& info) {
  for (std::uint64_t offset = 0; offset + 8 <= properties.size();) {
    const std::uint64_t size = properties.u32(offset + 4);
    if (info.machine == kMachineX86_64 && properties.u32(offset) == kGnuPropertyX86Isa1Needed && size >= 4)
      info.x86_levels_needed |= properties.u32(offset + 8);
    offset += 8 + (size + properties.word_size() - 1) / properties.word_size() * properties.word_size();
  }
}

void add_note(std::string_view owner, std::uint32_t type, Bytes description, ElfInfo& info) {
  if (owner == "GNU" && type == kNtGnuBuildId && info.build_id.empty() && description.size() <= kLongestBuildId) {
    info.build_id = to_hex(description);
  } else if (owner == "Go") {
    info.is_go = true;
  } else if (owner == "FDO" && type == kNtDlopen && description.size() <= kLongestDlopenNote) {
    std::string_view json = as_text(description);
    json = json.substr(0, json.find('\0'));
    if (auto notes = parse_dlopen_note(json))
      std::ranges::move(*notes, std::back_inserter(info.dlopen_notes));
    else
      add_problem(info.problems, "elf-bad-dlopen-note", "has a .note.dlopen that is not the JSON it should be", false);
  }
}

}  // namespace

bool is_about_notes(const ElfProblem& problem) {
  return !problem.fatal && (problem.code == "elf-bad-notes" || problem.code == "elf-bad-dlopen-note");
}

void read_notes(const ElfLayout& layout, ElfInfo& info) {
  std::set<std::uint64_t> seen;
  int left = kMostNotes;
  for (const NoteRange& range : note_ranges(layout)) {
    const ElfReader notes = layout.reader.part(range.offset, range.size);
    const auto padded = [&](std::uint64_t size) {
      return (size + range.alignment - 1) / range.alignment * range.alignment;
    };
    for (std::uint64_t offset = 0; offset + 12 <= notes.size();) {
      if (--left < 0) return;
      const std::uint64_t name_size = notes.u32(offset), description_size = notes.u32(offset + 4);
      // The description starts at an aligned offset of the section, which the 12 bytes before the name are part of.
      const std::uint64_t description = offset + padded(12 + name_size);
      if (!fits(description, description_size, notes.size())) {
        add_problem(info.problems, "elf-bad-notes", "has a note that is longer than its section", false);
        break;
      }
      if (seen.insert(range.offset + offset).second) {
        std::string_view owner = as_text(notes.part(offset + 12, name_size).bytes());
        owner = owner.substr(0, owner.find('\0'));
        const ElfReader content = notes.part(description, description_size);
        if (owner == "GNU" && notes.u32(offset + 8) == kNtGnuProperty)
          add_properties(content, info);
        else
          add_note(owner, notes.u32(offset + 8), content.bytes(), info);
      }
      offset = description + padded(description_size);
    }
  }
}

}  // namespace lambdapack
