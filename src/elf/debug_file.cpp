// Separate debug files, each compared with its original.
//
// A debug file is needed on the worst day, when the original is long gone, so it is proven as strictly as a stripped
// file: what a debugger reads must be the same. Nothing is lost when that fails: the original itself then goes into the
// bundle.
#include "elf/debug_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <new>

#include "elf/elf_format.h"
#include "elf/elf_layout.h"
#include "elf/objcopy.h"
#include "elf/read_elf.h"
#include "elf/read_notes.h"
#include "elf/write_debug_file.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::size_t kShortestBuildId = 4;  // hex digits: the folder's two, and two for a name

std::string why_not(const ElfInfo& info) {
  if (info.type != ElfType::shared && info.type != ElfType::executable) return "is no shared object or executable";
  const auto serious = std::ranges::find_if_not(info.problems, is_about_notes);
  if (serious != info.problems.end()) return fmt::format("is malformed: {}", serious->message);
  if (info.sections.empty()) return "has no section headers";
  if (std::ranges::any_of(info.sections, strange_alignment, &ElfSection::alignment))
    return "has an alignment that is no power of two up to 2 MB";
  return {};
}

// Compared with what was written, not with what was meant to be.
std::string debugger_difference(const ElfLayout& before, const ElfLayout& after) {
  if (!after.problems.empty()) return after.problems.front().message;
  if (before.header.machine != after.header.machine || before.header.type != after.header.type)
    return "it is another kind of file";
  if (before.header.section_name_index != after.header.section_name_index ||
      before.sections.size() != after.sections.size())
    return "sections were lost";
  for (std::size_t i = 1; i < before.sections.size(); ++i) {
    const ElfSectionHeader &a = before.sections[i], &b = after.sections[i];
    const bool emptied = b.type == kShtNobits && (a.flags & kShfAlloc) != 0 && a.type != kShtNote;
    if (a.name_text != b.name_text || a.flags != b.flags || a.address != b.address || a.size != b.size ||
        a.link != b.link || a.info != b.info || a.entry_size != b.entry_size || (a.type != b.type && !emptied) ||
        (!emptied && a.type != 0 &&
         !std::ranges::equal(section_bytes(before, a).bytes(), section_bytes(after, b).bytes())))
      return fmt::format("section {} changed", a.name_text);
  }
  return {};
}

DebugFileOutcome make_checked(Bytes original, const ElfInfo& info) {
  const auto whole = [](std::string reason) { return DebugFileOutcome{{}, std::move(reason)}; };
  const ElfLayout layout = read_layout(original);
  if (layout.sections.size() != info.sections.size() + 1) return whole("is not the file that was looked at");
  const DebugLayout planned = plan_debug_file(layout);
  if (planned.size >= original.size()) return whole({});
  std::vector<std::uint8_t> made = write_debug_file(layout, planned);
  if (!has_elf_magic(made) || read_elf(made).build_id != info.build_id)
    return whole("one of its own would have another build id");
  if (const std::string difference = debugger_difference(layout, read_layout(made)); !difference.empty())
    return whole(fmt::format("one of its own would be damaged ({})", difference));
  return {std::move(made), {}};
}

}  // namespace

bool lost_debug_info(const ElfInfo& before, const ElfInfo& after) {
  return before.debug_bytes > after.debug_bytes || before.symtab_bytes > after.symtab_bytes;
}

DebugFileOutcome make_debug_file(Bytes original, const ElfInfo& info) {
  if (std::string reason = why_not(info); !reason.empty()) return {{}, std::move(reason)};
  try {
    return make_checked(original, info);
  } catch (const std::bad_alloc&) {
    return {{}, "there is not memory enough for a second file"};
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
