// Why a copy: LLVM would read things only to throw them away. It turns each symbol and each relocation into an object
// that is several times as large, inflates nothing but parses every compression header, and refuses files for what is
// wrong in a section that is about to go. In the copy those sections are there by name, and empty. And header tables
// are read in place, which needs an aligned file: a member of a mapped zip may lie at any address.
#include "elf/strip_input.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <span>

#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint32_t kShtProgbits = 1;

// sh_type and what follows it, all but the name, of an empty section that refers to nothing.
void write_empty_section(const ElfLayout& layout, std::span<std::uint8_t> header) {
  const auto word = static_cast<unsigned>(layout.reader.word_size());
  std::fill(header.begin() + 4, header.end(), std::uint8_t{0});
  layout.reader.write(header, 4, kShtProgbits, 4);
  layout.reader.write(header, 16 + 4 * word, 1, word);  // sh_addralign
}

}  // namespace

StripInput::StripInput(const ElfLayout& layout, const std::set<std::string_view>& removed)
    : size_(layout.reader.size()) {
  void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<std::uint8_t*>(memory);
  copy_what_stays(layout, removed);
}

StripInput::~StripInput() {
  munmap(data_, size_);
}

void StripInput::discard() {
  madvise(data_, size_, MADV_DONTNEED);
}

void StripInput::copy_what_stays(const ElfLayout& layout, const std::set<std::string_view>& removed) {
  const ElfHeader& header = layout.header;
  const auto copy = [&](std::uint64_t offset, std::uint64_t size) {
    const Bytes part = layout.reader.part(offset, size).bytes();
    if (!part.empty()) std::memcpy(data_ + offset, part.data(), part.size());
  };
  copy(0, layout.reader.is64() ? 64 : 52);
  copy(header.program_headers, std::uint64_t{header.program_header_size} * header.program_header_count);
  copy(header.section_headers, header.section_header_size * layout.sections.size());
  for (const ElfSegment& segment : layout.segments) copy(segment.offset, segment.file_size);
  for (std::size_t i = 1; i < layout.sections.size(); ++i) {
    const ElfSectionHeader& section = layout.sections[i];
    if (!removed.contains(section.name_text) && section.type != kShtNobits) copy(section.offset, section.size);
  }

  // Last, since a hostile file may have its section headers inside a segment.
  for (std::size_t i = 1; i < layout.sections.size(); ++i) {
    const ElfSectionHeader& section = layout.sections[i];
    const std::span<std::uint8_t> entry(data_ + header.section_headers + i * header.section_header_size,
                                        header.section_header_size);
    if (removed.contains(section.name_text)) {
      write_empty_section(layout, entry);
      continue;
    }
    // LLVM takes a loaded relocation section only when its sh_link is a dynamic symbol table or nothing: GNU ld links
    // the .rela.plt of a static program to .symtab, which is about to go, so nothing it is.
    const bool loaded_relocations =
        (section.type == kShtRel || section.type == kShtRela) && (section.flags & kShfAlloc) != 0;
    if (!loaded_relocations || section.link == 0 || section.link >= layout.sections.size()) continue;
    if (layout.sections[section.link].type != kShtSymtab) continue;
    layout.reader.write(entry, 8 + 4 * layout.reader.word_size(), 0, 4);
  }
}

}  // namespace lambdapack
