#include "elf/drop_section_headers.h"

#include <algorithm>

#include "elf/elf_format.h"
#include "elf/elf_layout.h"
#include "elf/strip_elf.h"
#include "elf/strip_layout.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::string_view kSectionNames = ".shstrtab";

// Behind the ELF header, the program headers and every segment's bytes.
std::uint64_t loaded_end(const ElfLayout& layout) {
  const bool is64 = layout.reader.is64();
  std::uint64_t end = std::max<std::uint64_t>(
      is64 ? 64 : 52, layout.header.program_headers + layout.segments.size() * (is64 ? 56U : 32U));
  for (const ElfSegment& segment : layout.segments)
    if (segment.file_size != 0) end = std::max(end, segment.offset + segment.file_size);
  return end;
}

}  // namespace

bool can_drop_section_headers(const ElfInfo& info) {
  const bool loadable = info.type == ElfType::shared || info.type == ElfType::executable;
  if (!loadable || info.debug_file || !info.problems.empty() || info.sections.empty() || info.trailing_bytes > 0)
    return false;
  if (info.os_abi != kOsAbiSystemV && info.os_abi != kOsAbiGnu) return false;
  const std::vector<SectionUse> uses = section_uses(info);
  for (std::size_t i = 0; i < info.sections.size(); ++i) {
    const ElfSection& section = info.sections[i];
    if (section.name == kCrateSection) return false;
    const bool loaded = (section.flags & kShfAlloc) != 0 || section.type == 0 || section.type == kShtNobits;
    if (!loaded && uses[i] == SectionUse::kept && section.name != kSectionNames) return false;
  }
  return true;
}

std::vector<std::uint8_t> drop_section_headers(Bytes original, Bytes stripped) {
  const ElfLayout layout = read_layout(stripped);
  if (layout.segments.size() != layout.header.program_header_count || layout.sections.empty()) return {};
  const std::uint64_t end = loaded_end(layout);
  if (end >= stripped.size()) return {};
  std::vector<std::uint8_t> bytes(stripped.begin(), stripped.begin() + static_cast<std::ptrdiff_t>(end));
  const std::uint64_t word = layout.reader.word_size();
  layout.reader.write(bytes, 24 + 2 * word, 0, static_cast<unsigned>(word));  // e_shoff
  layout.reader.write(bytes, 24 + 3 * word + 12, 0, 2);                       // e_shnum
  layout.reader.write(bytes, 24 + 3 * word + 14, 0, 2);                       // e_shstrndx
  if (!difference_for_loader(original, bytes).empty()) return {};
  return bytes;
}

}  // namespace lambdapack
