// Separate debug files by LLVM's objcopy library, each compared with its original.
//
// A debug file is needed on the worst day, when the original is long gone, so it is proven as strictly as a stripped
// file: what a debugger reads must be the same. Nothing is lost when that fails: the original itself then goes into the
// bundle.
#include "elf/debug_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <map>
#include <set>

#include "base/limited_child.h"
#include "elf/elf_format.h"
#include "elf/elf_layout.h"
#include "elf/objcopy.h"
#include "elf/read_elf.h"

namespace lambdapack {

using namespace elf_format;

namespace {

// What alignments may add to a file: LLVM moves the first section of each PT_LOAD to an offset that is congruent to its
// address, so each can leave a hole of its alignment.
constexpr std::uint64_t kMostHoles = 64 << 20;
constexpr std::size_t kShortestBuildId = 4;  // hex digits: the folder's two, and two for a name

// LLVM 19 gives loaded sections no room in a debug file. Those that a segment covers it leaves to the segment; others
// it writes all the same when they are compressed or hold relocations, over the end of its buffer.
bool loaded_outside_segments(const ElfSection& section, const ElfInfo& info) {
  if ((section.flags & kShfAlloc) == 0 || section.type == kShtNobits || section.size == 0) return false;
  return std::ranges::none_of(info.segments, [&](const ElfSegment& segment) {
    return segment.offset <= section.offset && fits(section.offset - segment.offset, section.size, segment.file_size);
  });
}

std::string why_not_for_objcopy(const ElfInfo& info) {
  if (info.type != ElfType::shared && info.type != ElfType::executable) return "is no shared object or executable";
  if (!info.problems.empty()) return fmt::format("is malformed: {}", info.problems.front().message);
  if (info.sections.empty()) return "has no section headers";
  if (info.segments.size() > kMostSegments) return fmt::format("has {} segments", info.segments.size());
  if (std::ranges::any_of(info.segments, strange_alignment, &ElfSegment::alignment) ||
      std::ranges::any_of(info.sections, strange_alignment, &ElfSection::alignment))
    return "has an alignment that is no power of two up to 2 MB";
  // LLVM 19 divides by it.
  if (std::ranges::any_of(info.segments, [](const ElfSegment& s) { return s.type == kPtLoad && s.alignment == 0; }))
    return "has a loaded segment without alignment";
  if (std::ranges::any_of(info.sections, [&](const ElfSection& s) { return loaded_outside_segments(s, info); }))
    return "has a section that is loaded and lies in no segment";
  std::uint64_t holes = 0;
  for (const ElfSegment& segment : info.segments) holes += segment.type == kPtLoad ? segment.alignment : 0;
  for (const ElfSection& section : info.sections) holes += (section.flags & kShfAlloc) == 0 ? section.alignment : 0;
  if (holes > kMostHoles) return "its sections would spread too far";
  return {};
}

// Symbol and section names are written anew, so offsets into the name tables differ.
std::string symbol_difference(const ElfLayout& before, const ElfSectionHeader& a, const ElfLayout& after,
                              const ElfSectionHeader& b) {
  const ElfReader x = section_bytes(before, a), y = section_bytes(after, b);
  if (a.link >= before.sections.size() || b.link >= after.sections.size()) return "symbols have no names";
  const ElfReader names_x = section_bytes(before, before.sections[a.link]);
  const ElfReader names_y = section_bytes(after, after.sections[b.link]);
  const std::uint64_t size = x.is64() ? 24 : 16, tail = x.is64() ? 20 : 12;
  if (x.size() / size != y.size() / size) return "symbols were lost";
  for (std::uint64_t offset = 0; offset + size <= x.size(); offset += size) {
    // All but st_name are 4 bytes further on, in both classes.
    const Bytes rest_x = x.part(offset + 4, tail).bytes(), rest_y = y.part(offset + 4, tail).bytes();
    const auto name_x = names_x.text(x.u32(offset), names_x.size());
    const auto name_y = names_y.text(y.u32(offset), names_y.size());
    if (!name_x || name_x != name_y || !std::ranges::equal(rest_x, rest_y)) return "a symbol changed";
  }
  return {};
}

std::string debugger_difference(const ElfLayout& before, const ElfLayout& after) {
  if (!after.problems.empty()) return after.problems.front().message;
  if (before.header.machine != after.header.machine || before.header.type != after.header.type)
    return "it is another kind of file";
  if (before.sections.size() != after.sections.size()) return "sections were lost";
  std::set<std::uint64_t> rewritten = {before.header.section_name_index};
  for (const ElfSectionHeader& section : before.sections)
    if (section.type == kShtSymtab && (section.flags & kShfAlloc) == 0) rewritten.insert(section.link);
  for (std::size_t i = 1; i < before.sections.size(); ++i) {
    const ElfSectionHeader &a = before.sections[i], &b = after.sections[i];
    const auto changed = [&] { return fmt::format("section {} changed", a.name_text); };
    if (a.name_text != b.name_text || a.flags != b.flags || a.address != b.address) return changed();
    if ((a.flags & kShfAlloc) != 0 && a.type != kShtNote) {
      if (a.size != b.size && b.type != kShtNobits) return changed();
      continue;
    }
    if (a.type != b.type || a.entry_size != b.entry_size) return changed();
    if (rewritten.contains(i) || a.type == kShtNobits) continue;
    if (a.type == kShtSymtab) {
      if (std::string difference = symbol_difference(before, a, after, b); !difference.empty()) return difference;
    } else if (!std::ranges::equal(section_bytes(before, a).bytes(), section_bytes(after, b).bytes())) {
      return changed();
    }
  }
  return {};
}

// Go's linker puts the section name table between loaded bytes. LLVM 19 then names every section wrongly, and the table
// keeps the code before it in the debug file. A copy with the table at the end is as good an original. Empty when the
// table lies where others have it.
std::vector<std::uint8_t> with_names_at_end(const ElfLayout& layout) {
  const std::size_t index = layout.header.section_name_index;
  if (index == 0 || index >= layout.sections.size()) return {};
  const ElfSectionHeader& names = layout.sections[index];
  const bool loaded = std::ranges::any_of(layout.segments, [&](const ElfSegment& segment) {
    return segment.offset <= names.offset && fits(names.offset - segment.offset, names.size, segment.file_size);
  });
  if (!loaded || (names.flags & kShfAlloc) != 0) return {};
  const Bytes original = layout.reader.bytes(), table = section_bytes(layout, names).bytes();
  std::vector<std::uint8_t> copy;
  copy.reserve(original.size() + table.size());
  copy.assign(original.begin(), original.end());
  copy.insert(copy.end(), table.begin(), table.end());
  const std::uint64_t word = layout.reader.word_size();
  const std::uint64_t header = layout.header.section_headers + index * layout.header.section_header_size;
  layout.reader.write(copy, header + 8 + 2 * word, original.size(), static_cast<unsigned>(word));  // sh_offset
  return copy;
}

// LLVM checks little of what it is given, and fuzzing goes on finding files that pass all checks above and crash it. In
// a child it may: the child ends, or its answer is not what the proof wants, and the whole original serves instead.
Result<std::vector<std::uint8_t>> objcopy_in_child(Bytes original) {
  constexpr std::uint64_t kBytesPerSecond = 4 << 20;
  constexpr std::uint64_t kSlack = 1 << 20;
  ChildLimits limits;
  limits.memory = (512ULL << 20) + 8 * original.size() + kMostHoles;
  limits.cpu_seconds = 60 + static_cast<unsigned>(std::min<std::uint64_t>(original.size() / kBytesPerSecond, 3600));
  const std::uint64_t answer = original.size() + kMostHoles + kSlack;
  if (answer > std::numeric_limits<std::uint32_t>::max()) return fail({}, "the file is larger than 4 GB");
  limits.answer = static_cast<std::uint32_t>(answer);
  const auto serve = [original](Bytes) {
    auto made = run_objcopy(read_layout(original), {.removed = {}, .only_keep_debug = true});
    // The first byte says which of the two follows: the file, or why there is none.
    std::vector<std::uint8_t> bytes;
    if (made)
      bytes = *std::move(made);
    else
      bytes.assign(made.error().message.begin(), made.error().message.end());
    bytes.insert(bytes.begin(), made ? 1 : 0);
    return bytes;
  };
  LP_TRY(LimitedChild child, LimitedChild::start(serve, limits));
  auto made = child.ask({});
  if (!made) return fail({}, fmt::format("its process {}", made.error().message));
  if (made->empty() || made->front() != 1)
    return fail({}, std::string(as_text(Bytes(*made).subspan(made->size() > 0))));
  made->erase(made->begin());
  return *std::move(made);
}

DebugFileOutcome make_checked(Bytes original, const ElfInfo& info) {
  const auto whole = [](std::string reason) { return DebugFileOutcome{{}, std::move(reason)}; };
  const ElfLayout layout = read_layout(original);
  if (layout.sections.size() != info.sections.size() + 1) return whole("is not the file that was looked at");
  if (std::string reason = why_not_for_llvm(layout); !reason.empty()) return whole(std::move(reason));
  const std::vector<std::uint8_t> copy = with_names_at_end(layout);
  auto made = objcopy_in_child(copy.empty() ? original : Bytes(copy));
  if (!made) return whole(fmt::format("LLVM cannot make one ({})", printable(made.error().message)));
  if (made->size() >= original.size()) return whole({});  // holes that alignment leaves
  if (!has_elf_magic(*made) || read_elf(*made).build_id != info.build_id)
    return whole("one of its own would have another build id");
  if (const std::string difference = debugger_difference(layout, read_layout(*made)); !difference.empty())
    return whole(fmt::format("one of its own would be damaged ({})", difference));
  return {*std::move(made), {}};
}

}  // namespace

bool lost_debug_info(const ElfInfo& before, const ElfInfo& after) {
  return before.debug_bytes > after.debug_bytes || before.symtab_bytes > after.symtab_bytes;
}

DebugFileOutcome make_debug_file(Bytes original, const ElfInfo& info) {
  if (std::string reason = why_not_for_objcopy(info); !reason.empty()) return {{}, std::move(reason)};
  // LLVM throws nothing itself, but what it calls may be out of memory.
  try {
    return make_checked(original, info);
  } catch (const std::exception& error) {
    return {{}, fmt::format("LLVM cannot make one ({})", error.what())};
  }
}

std::vector<std::string> debug_file_names(std::span<const DebugIdentity> files) {
  std::map<std::string, std::string> original_of;  // name -> the original whose debug file has it
  std::vector<std::string> names;
  const auto take = [&](const std::string& name, const DebugIdentity& file) {
    if (original_of.try_emplace(name, file.original_sha256).first->second != file.original_sha256) return false;
    names.push_back(name);
    return true;
  };
  for (const DebugIdentity& file : files) {
    const std::string& id = file.build_id;
    if (id.size() >= kShortestBuildId &&
        take(fmt::format(".build-id/{}/{}.debug", id.substr(0, 2), id.substr(2)), file))
      continue;
    if (take(fmt::format("by-sha256/{}.debug", file.sha256), file)) continue;
    // Two originals that differ only in what strip took.
    for (int i = 2; !take(fmt::format("by-sha256/{}-{}.debug", file.sha256, i), file); ++i) continue;
  }
  return names;
}

}  // namespace lambdapack
