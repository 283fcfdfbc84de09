// Which files may be stripped, and the strip itself by LLVM's objcopy library.
//
// The library trusts its input in places: it multiplies out alignments, copies symbol names one by one, compares every
// segment with every other. What could make it abort, balloon or hang is refused before it is called, and what it
// returns counts only when two proofs hold: the loader sees the same file (loader_difference.cpp), and so does a
// program that reads the remaining sections.
#include "elf/strip_elf.h"

#include <fmt/format.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/ObjCopy/COFF/COFFConfig.h>
#include <llvm/ObjCopy/CommonConfig.h>
#include <llvm/ObjCopy/ELF/ELFConfig.h>
#include <llvm/ObjCopy/MachO/MachOConfig.h>
#include <llvm/ObjCopy/MultiFormatConfig.h>
#include <llvm/ObjCopy/ObjCopy.h>
#include <llvm/ObjCopy/XCOFF/XCOFFConfig.h>
#include <llvm/ObjCopy/wasm/WasmConfig.h>
#include <llvm/Object/Binary.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <set>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "elf/elf_format.h"
#include "elf/elf_layout.h"
#include "elf/read_elf.h"
#include "elf/strip_input.h"
#include "elf/strip_layout.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kLargestAlignment = 2 << 20;  // the huge page of x86-64 and arm64; linkers use no more
constexpr std::uint64_t kMostGrowth = 64 << 10;       // of the prediction over the input: padding between segments
constexpr std::size_t kMostSegments = 256;
constexpr std::uint64_t kLeastGain = 1 << 10;  // below, a file without symbols and debug info stays as it is
constexpr std::uint32_t kShtGroup = 17;

bool strange_alignment(std::uint64_t alignment) {
  return alignment > kLargestAlignment || (alignment != 0 && !is_power_of_two(alignment));
}

// Damaged notes are bytes like any other: they stay as they are. Node's single executables have them (postject moves
// the notes into sections of wrong lengths).
bool is_only_of_notes(const ElfProblem& problem) {
  return !problem.fatal && (problem.code == "elf-bad-notes" || problem.code == "elf-bad-dlopen-note");
}

StripOutcome keep(std::string reason) {
  return {.bytes = {}, .reason = std::move(reason), .saved = 0};
}

// What would be written could not be allocated or would not be smaller.
std::string why_not_smaller(const ElfInfo& info, const std::vector<SectionUse>& uses) {
  const std::uint64_t size = predicted_size(info, uses);
  const bool nothing_to_remove = std::ranges::all_of(uses, [](SectionUse use) { return use == SectionUse::kept; });
  if (size > info.file_size + kMostGrowth) return fmt::format("its segments would spread over {}", format_bytes(size));
  if (size >= info.file_size && nothing_to_remove) return "already stripped";
  if (size >= info.file_size) return "stripping would not make it smaller (its segments were moved by an earlier tool)";
  if (info.stripped() && info.file_size - size < kLeastGain) return "already stripped";
  return {};
}

// LLVM keeps each symbol as an object with a copy of its name, and names may overlap: a hostile table of a few MB can
// spell gigabytes. Real names are shared by tail merging only.
bool symbols_would_balloon(const ElfLayout& layout, const ElfSectionHeader& table) {
  constexpr std::uint64_t kObjectSize = 160;
  const std::uint64_t entry_size = layout.reader.is64() ? 24 : 16;
  const ElfReader symbols = section_bytes(layout, table);
  if (table.link >= layout.sections.size()) return true;
  const ElfReader names = section_bytes(layout, layout.sections[table.link]);
  std::uint64_t budget = 2 * layout.reader.size() + (64 << 20);
  for (std::uint64_t offset = 0; offset + entry_size <= symbols.size(); offset += entry_size) {
    const auto name = names.text(symbols.u32(offset), names.size());
    const std::uint64_t cost = kObjectSize + (name ? name->size() : 0);
    if (cost > budget) return true;
    budget -= cost;
  }
  return false;
}

// What LLVM 19's reader and writer assume without checking, of the sections that it gets to see.
std::string why_not_for_llvm(const ElfLayout& layout, const std::set<std::string_view>& removed) {
  const std::uint64_t compression_header = layout.reader.is64() ? 24 : 12;
  for (const ElfSectionHeader& section : layout.sections) {
    if (section.type == kShtGroup) return "has section groups, which belong to object files";
    if (section.address + section.size < section.address) return "has a section past the end of the address space";
    if (removed.contains(section.name_text)) continue;
    if ((section.flags & kShfCompressed) != 0 && section.size < compression_header)
      return "has a compressed section without its header";
    if (section.type == kShtSymtab && symbols_would_balloon(layout, section)) return "its symbol names overlap";
  }
  for (const ElfSegment& segment : layout.segments)
    if (!fits(segment.offset, segment.file_size, layout.reader.size())) return "has a segment past its end";
  return {};
}

class StripConfig : public llvm::objcopy::MultiFormatConfig {
 public:
  explicit StripConfig(const std::set<std::string_view>& sections) {
    using namespace llvm::objcopy;
    for (std::string_view name : sections)
      llvm::cantFail(common_.ToRemove.addMatcher(
          NameOrPattern::create(llvm::StringRef(name), MatchStyle::Literal, [](llvm::Error error) { return error; })));
  }

  const llvm::objcopy::CommonConfig& getCommonConfig() const override { return common_; }
  llvm::Expected<const llvm::objcopy::ELFConfig&> getELFConfig() const override { return elf_; }
  llvm::Expected<const llvm::objcopy::COFFConfig&> getCOFFConfig() const override { return elf_only(); }
  llvm::Expected<const llvm::objcopy::MachOConfig&> getMachOConfig() const override { return elf_only(); }
  llvm::Expected<const llvm::objcopy::WasmConfig&> getWasmConfig() const override { return elf_only(); }
  llvm::Expected<const llvm::objcopy::XCOFFConfig&> getXCOFFConfig() const override { return elf_only(); }

 private:
  static llvm::Error elf_only() { return llvm::createStringError(llvm::inconvertibleErrorCode(), "is no ELF file"); }

  llvm::objcopy::CommonConfig common_;
  llvm::objcopy::ELFConfig elf_;
};

// The writer hands over its buffer in one piece, when it has read its input for the last time: giving the input's
// memory back then keeps the peak below three times the file (the original, LLVM's buffer, and this copy of it).
class VectorStream : public llvm::raw_ostream {
 public:
  VectorStream(std::vector<std::uint8_t>& bytes, StripInput& input)
      : llvm::raw_ostream(/*unbuffered=*/true), bytes_(bytes), input_(input) {}

 private:
  void write_impl(const char* data, std::size_t size) override {
    input_.discard();
    bytes_.insert(bytes_.end(), data, data + size);
  }
  std::uint64_t current_pos() const override { return bytes_.size(); }

  std::vector<std::uint8_t>& bytes_;
  StripInput& input_;
};

Result<std::vector<std::uint8_t>> remove_sections(const ElfLayout& layout, const std::set<std::string_view>& names) {
  StripInput input(layout, names);
  const Bytes bytes = input.bytes();
  const llvm::MemoryBufferRef buffer(llvm::StringRef(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
                                     "input");
  auto binary = llvm::object::createBinary(buffer);
  if (!binary) return fail({}, llvm::toString(binary.takeError()));
  const StripConfig config(names);
  std::vector<std::uint8_t> output;
  VectorStream stream(output, input);
  if (llvm::Error error = llvm::objcopy::executeObjcopyOnBinary(config, **binary, stream))
    return fail({}, llvm::toString(std::move(error)));
  return output;
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

StripOutcome strip_checked(Bytes original, const ElfInfo& info) {
  const ElfLayout layout = read_layout(original);
  const std::vector<SectionUse> uses = section_uses(info);
  if (layout.sections.size() != uses.size() + 1) return keep("is not the file that was looked at");
  const std::set<std::string_view> names = names_to_remove(layout, uses);
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

std::string why_not_strip(const ElfInfo& info) {
  switch (info.type) {
    case ElfType::shared:
    case ElfType::executable: break;
    case ElfType::relocatable: return "is an object file, whose symbols are its content";
    case ElfType::core: return "is a core dump";
    case ElfType::none:
    case ElfType::other: return "is neither a shared object nor an executable";
  }
  if (info.debug_file) return "is a separate debug file";
  const auto serious = std::ranges::find_if_not(info.problems, is_only_of_notes);
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
  return why_not_smaller(info, section_uses(info));
}

std::string what_strip_removes(const ElfInfo& info) {
  return describe(info, section_uses(info));
}

StripOutcome strip_elf(Bytes original, const ElfInfo& info) {
  if (std::string reason = why_not_strip(info); !reason.empty()) return keep(std::move(reason));
  // LLVM throws nothing itself, but what it calls may be out of memory.
  try {
    return strip_checked(original, info);
  } catch (const std::exception& error) {
    return keep(fmt::format("LLVM cannot strip it ({})", error.what()));
  }
}

}  // namespace lambdapack
