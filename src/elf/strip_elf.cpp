// Which files may be stripped, and the strip itself by LLVM's objcopy library.
//
// What could make the library abort, balloon or hang is refused before it is called (objcopy.h), and what it returns
// counts only when two proofs hold: the loader sees the same file (loader_difference.cpp), and so does a
// program that reads the remaining sections.
#include "elf/strip_elf.h"

#include <fmt/format.h>
#include <llvm/Config/llvm-config.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <set>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "elf/close_holes.h"
#include "elf/elf_format.h"
#include "elf/elf_layout.h"
#include "elf/objcopy.h"
#include "elf/read_elf.h"
#include "elf/read_notes.h"
#include "elf/strip_layout.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kMostGrowth = 64 << 10;        // of the prediction over the input: padding between segments
constexpr std::uint64_t kLeastGain = 1 << 10;          // below, a file without symbols and debug info stays as it is
constexpr std::uint64_t kLeastGainOfMoving = 4 << 10;  // over what else is possible: docs/decisions/0013

StripOutcome keep(std::string reason) {
  return {.bytes = {}, .reason = std::move(reason), .saved = 0};
}

bool nothing_to_remove(const std::vector<SectionUse>& uses) {
  return std::ranges::all_of(uses, [](SectionUse use) { return use == SectionUse::kept; });
}

// Where LLVM makes the file smaller, or there is nothing to remove, a page more must be won: what moving closes are
// zeros, which the zip did not hold either. Where only moving lets the sections go, any gain counts.
bool worth_moving(std::uint64_t relaid, std::uint64_t by_llvm, std::uint64_t now, bool nothing_to_remove) {
  const std::uint64_t gain = by_llvm < now || nothing_to_remove ? kLeastGainOfMoving : kLeastGain;
  const std::uint64_t else_size = std::min(by_llvm, now);
  return relaid < else_size && else_size - relaid >= gain;
}

// The length of what LLVM would write, or of the file as it is where that would be of no use.
std::uint64_t size_by_llvm(const ElfInfo& info, const std::vector<SectionUse>& uses) {
  return moves_program_headers(info) ? info.file_size : predicted_size(info, uses);
}

// What would be written could not be allocated or would not be smaller.
std::string why_not_smaller(const ElfInfo& info, const std::vector<SectionUse>& uses, Holes holes) {
  const bool nothing = nothing_to_remove(uses);
  const std::uint64_t size = size_by_llvm(info, uses);
  if (holes == Holes::close && worth_moving(relaid_size(info, uses), size, info.file_size, nothing)) return {};
  if (size > info.file_size + kMostGrowth) return fmt::format("its segments would spread over {}", format_bytes(size));
  if (size >= info.file_size && nothing) return std::string(kAlreadyStripped);
  if (moves_program_headers(info)) return "its program headers lie behind segments that would move";
  if (size >= info.file_size) return "stripping would not make it smaller (its segments were moved by an earlier tool)";
  if (info.stripped() && info.file_size - size < kLeastGain) return std::string(kAlreadyStripped);
  return {};
}

// Sections that stay are found by name by debuggers, profilers and programs that read themselves: same names, order,
// addresses and bytes. The section name table is rewritten and exempt.
std::string difference_for_readers(const ElfLayout& before, const ElfLayout& after,
                                   const std::set<std::string_view>& removed) {
  std::size_t next = 1;
  for (std::size_t i = 1; i < before.sections.size(); ++i) {
    const ElfSectionHeader& a = before.sections[i];
    if (removed.contains(a.name_text)) continue;
    if (next >= after.sections.size()) return fmt::format("section {} is gone", a.name_text);
    const ElfSectionHeader& b = after.sections[next++];
    if (a.name_text != b.name_text || a.type != b.type || a.flags != b.flags || a.address != b.address ||
        a.entry_size != b.entry_size || a.alignment != b.alignment)
      return fmt::format("section {} changed", a.name_text);
    if (i == before.header.section_name_index || a.type == kShtNobits) continue;
    const Bytes x = section_bytes(before, a).bytes(), y = section_bytes(after, b).bytes();
    if (!std::ranges::equal(x, y)) return fmt::format("bytes of section {} changed", a.name_text);
  }
  return next == after.sections.size() ? "" : "sections were added";
}

// Names of the sections to remove. One that a kept section has too stays: LLVM is told names.
std::set<std::string_view> names_to_remove(const ElfLayout& layout, const std::vector<SectionUse>& uses) {
  std::set<std::string_view> names;
  for (const bool kept : {false, true})
    for (std::size_t i = 1; i < layout.sections.size(); ++i) {
      const bool stays = uses[i - 1] == SectionUse::kept || i == layout.header.section_name_index;
      if (stays != kept) continue;
      if (kept)
        names.erase(layout.sections[i].name_text);
      else
        names.insert(layout.sections[i].name_text);
    }
  return names;
}

// Go's linker puts the section name table between loaded bytes (-buildmode=exe, seen up to Go 1.26). LLVM 19 then
// writes headers for a new table and leaves the old one in the file, so every section gets a wrong name. The old table
// is intact: point the headers at it again.
void restore_section_names(const ElfLayout& before, const std::set<std::string_view>& removed,
                           std::vector<std::uint8_t>& output) {
  const std::uint64_t index = before.header.section_name_index;
  if (index >= before.sections.size()) return;
  const ElfSectionHeader& names = before.sections[index];
  const bool loaded = std::ranges::any_of(before.segments, [&](const ElfSegment& segment) {
    return segment.offset <= names.offset && fits(names.offset - segment.offset, names.size, segment.file_size);
  });
  if (!loaded) return;
  const ElfLayout after = read_layout(output);
  const std::uint64_t entry_size = after.reader.is64() ? 64 : 40;
  std::uint64_t offset = after.header.section_headers + entry_size;
  for (std::uint64_t i = 1; i < before.sections.size(); ++i) {
    const ElfSectionHeader& section = before.sections[i];
    if (removed.contains(section.name_text)) continue;
    if (!fits(offset, entry_size, output.size())) return;
    after.reader.write(output, offset, section.name, 4);
    const std::uint64_t word = after.reader.word_size();
    if (i == index) after.reader.write(output, offset + 8 + 3 * word, names.size, static_cast<unsigned>(word));
    offset += entry_size;
  }
}

// The same linker puts the section headers between loaded bytes, and LLVM was given changed ones (strip_input.h).
void restore_loaded_headers(const ElfLayout& before, std::vector<std::uint8_t>& output) {
  const std::uint64_t start = before.header.section_headers;
  const std::uint64_t end = start + before.header.section_header_size * before.sections.size();
  const ElfLayout after = read_layout(output);
  for (std::size_t i = 0; i < std::min(before.segments.size(), after.segments.size()); ++i) {
    const ElfSegment& segment = before.segments[i];
    const std::uint64_t from = std::max(start, segment.offset);
    const std::uint64_t to = std::min(end, segment.offset + segment.file_size);
    if (from >= to) continue;
    const Bytes headers = before.reader.bytes().subspan(from, to - from);
    const std::uint64_t offset = after.segments[i].offset + (from - segment.offset);
    if (fits(offset, headers.size(), output.size()))
      std::ranges::copy(headers, output.begin() + static_cast<std::ptrdiff_t>(offset));
  }
}

// The file with its pieces moved together, where that is clearly smaller than what LLVM would write, and proven.
StripOutcome relay_checked(const ElfLayout& layout, const ElfInfo& info, const std::vector<SectionUse>& uses,
                           const std::set<std::string_view>& names) {
  std::vector<bool> removed(uses.size());
  for (std::size_t i = 0; i < removed.size(); ++i) removed[i] = names.contains(layout.sections[i + 1].name_text);
  const auto planned = plan_layout(info, std::move(removed));
  const Bytes original = layout.reader.bytes();
  if (!planned) return keep(planned.error().message);
  if (!worth_moving(planned->size, size_by_llvm(info, uses), original.size(), nothing_to_remove(uses)))
    return keep("moving its segments would not make it smaller");
  std::vector<std::uint8_t> relaid = write_layout(layout, *planned);
  std::string difference = difference_for_loader(original, relaid);
  if (difference.empty()) difference = difference_for_readers(layout, read_layout(relaid), names);
  if (!difference.empty()) return keep(fmt::format("moving its segments would damage it ({})", difference));
  const std::uint64_t saved = original.size() - relaid.size();
  constexpr std::string_view kHoles = "holes between segments";
  const std::string removals = describe(info, uses);
  return {.bytes = std::move(relaid),
          .reason = removals == kHoles ? removals : fmt::format("{}, {}", removals, kHoles),
          .saved = saved,
          .relaid = true};
}

StripOutcome strip_checked(Bytes original, const ElfInfo& info, Holes holes) {
  const ElfLayout layout = read_layout(original);
  const std::vector<SectionUse> uses = section_uses(info);
  if (layout.sections.size() != uses.size() + 1) return keep("is not the file that was looked at");

  const std::set<std::string_view> names = names_to_remove(layout, uses);
  if (holes == Holes::close)
    if (StripOutcome outcome = relay_checked(layout, info, uses, names); outcome.stripped()) return outcome;
  if (std::string reason = why_not_strip(info, Holes::keep); !reason.empty()) return keep(std::move(reason));
  if (std::string reason = why_not_for_llvm(layout, names); !reason.empty()) return keep(std::move(reason));
  auto stripped = remove_sections(layout, names);
  if (!stripped) return keep(fmt::format("LLVM cannot strip it ({})", stripped.error().message));
  restore_loaded_headers(layout, *stripped);
  restore_section_names(layout, names, *stripped);
  if (stripped->size() >= original.size()) return keep("stripping would not make it smaller");
  std::string difference = difference_for_loader(original, *stripped);
  if (difference.empty()) difference = difference_for_readers(layout, read_layout(*stripped), names);
  if (!difference.empty()) return keep(fmt::format("stripping would damage it ({})", difference));

  const std::uint64_t saved = original.size() - stripped->size();
  return {.bytes = *std::move(stripped), .reason = describe(info, uses), .saved = saved};
}

}  // namespace

std::string strip_library_version() {
  return "LLVM " LLVM_VERSION_STRING;
}

std::string why_not_strip(const ElfInfo& info, Holes holes) {
  switch (info.type) {
    case ElfType::shared:
    case ElfType::executable: break;
    case ElfType::relocatable: return "is an object file, whose symbols are its content";
    case ElfType::core: return "is a core dump";
    case ElfType::none:
    case ElfType::other: return "is neither a shared object nor an executable";
  }
  if (info.debug_file) return "is a separate debug file";
  const auto serious = std::ranges::find_if_not(info.problems, is_about_notes);
  if (serious != info.problems.end()) return fmt::format("is malformed: {}", serious->message);
  if (info.machine == 0) return "names no machine";
  if (info.os_abi != kOsAbiSystemV && info.os_abi != kOsAbiGnu) return "is built for another operating system";
  if (info.sections.empty()) return "has no section headers";
  if (info.trailing_bytes > 0) return fmt::format("appended payload of {} bytes", format_count(info.trailing_bytes));
  if (info.undescribed_bytes > 0)
    return fmt::format("has {} bytes that no header describes", format_count(info.undescribed_bytes));
  if (info.segments.size() > kMostSegments) return fmt::format("has {} segments", info.segments.size());
  if (std::ranges::any_of(info.segments, strange_alignment, &ElfSegment::alignment) ||
      std::ranges::any_of(info.sections, strange_alignment, &ElfSection::alignment))
    return "has an alignment that is no power of two up to 2 MB";
  return why_not_smaller(info, section_uses(info), holes);
}

std::string what_strip_removes(const ElfInfo& info) {
  return describe(info, section_uses(info));
}

StripOutcome strip_elf(Bytes original, const ElfInfo& info, Holes holes) {
  if (std::string reason = why_not_strip(info, holes); !reason.empty()) return keep(std::move(reason));
  // LLVM throws nothing itself, but what it calls may be out of memory.
  try {
    return strip_checked(original, info, holes);
  } catch (const std::exception& error) {
    return keep(fmt::format("LLVM cannot strip it ({})", error.what()));
  }
}

}  // namespace lambdapack
