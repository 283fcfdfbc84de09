// See write_debug_file.h.
#include "elf/write_debug_file.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

std::uint64_t header_size(const ElfLayout& layout) {
  return layout.reader.is64() ? 64 : 52;
}

std::uint64_t segment_entry(const ElfLayout& layout) {
  return layout.reader.is64() ? 56 : 32;
}

std::uint64_t section_entry(const ElfLayout& layout) {
  return layout.reader.is64() ? 64 : 40;
}

std::uint64_t round_up(std::uint64_t offset, std::uint64_t alignment) {
  const std::uint64_t mask = std::max<std::uint64_t>(alignment, 1) - 1;
  return (offset + mask) & ~mask;
}

bool in_a_segment(const ElfLayout& layout, const ElfSectionHeader& section) {
  return std::ranges::any_of(layout.segments, [&](const ElfSegment& segment) {
    return segment.offset <= section.offset && fits(section.offset - segment.offset, section.size, segment.file_size);
  });
}

struct NewPlace {
  std::uint64_t offset = 0, size = 0;
};

// What a segment still has: all of it, when it starts with a section that stays and came along in one piece; of loaded
// ones the headers, where these lie at the start as they did.
NewPlace new_place(const ElfLayout& original, const DebugLayout& planned, const ElfSegment& segment, Bytes file) {
  const std::uint64_t headers = header_size(original) + original.segments.size() * segment_entry(original);
  const bool headers_stay = original.header.program_headers == header_size(original);
  if (segment.type == kPtPhdr) return {header_size(original), headers - header_size(original)};
  if (segment.type == kPtLoad) {
    if (segment.offset == 0 && headers_stay) return {0, std::min(segment.file_size, headers)};
    // What is empty is still congruent to its address, as the format asks.
    return {is_power_of_two(segment.alignment) ? segment.address & (segment.alignment - 1) : 0, 0};
  }
  if (segment.file_size == 0 || !fits(segment.offset, segment.file_size, original.reader.size())) return {};
  const Bytes bytes = original.reader.part(segment.offset, segment.file_size).bytes();
  for (std::size_t i = 1; i < original.sections.size(); ++i) {
    const ElfSectionHeader& section = original.sections[i];
    if (planned.emptied[i] || section.type == kShtNobits || section.offset != segment.offset || section.size == 0)
      continue;
    const std::uint64_t placed = planned.offsets[i];
    if (fits(placed, bytes.size(), file.size()) && std::ranges::equal(bytes, file.subspan(placed, bytes.size())))
      return {placed, bytes.size()};
  }
  return {};
}

void write_segments(const ElfLayout& original, const DebugLayout& planned, std::vector<std::uint8_t>& file) {
  const bool is64 = original.reader.is64();
  const auto word = static_cast<unsigned>(original.reader.word_size());
  for (std::size_t i = 0; i < original.segments.size(); ++i) {
    const ElfSegment& segment = original.segments[i];
    const std::uint64_t entry = header_size(original) + i * segment_entry(original);
    const Bytes old =
        original.reader.part(original.header.program_headers + i * segment_entry(original), segment_entry(original))
            .bytes();
    std::ranges::copy(old, file.begin() + static_cast<std::ptrdiff_t>(entry));
    const NewPlace place = new_place(original, planned, segment, file);
    original.reader.write(file, entry + (is64 ? 8 : 4), place.offset, word);  // p_offset
    original.reader.write(file, entry + (is64 ? 32 : 16), place.size, word);  // p_filesz
  }
}

void write_sections(const ElfLayout& original, const DebugLayout& planned, std::vector<std::uint8_t>& file) {
  const auto word = static_cast<unsigned>(original.reader.word_size());
  for (std::size_t i = 0; i < original.sections.size(); ++i) {
    const ElfSectionHeader& section = original.sections[i];
    const std::uint64_t entry = planned.section_headers + i * section_entry(original);
    const Bytes old =
        original.reader.part(original.header.section_headers + i * section_entry(original), section_entry(original))
            .bytes();
    std::ranges::copy(old, file.begin() + static_cast<std::ptrdiff_t>(entry));
    if (i == 0 || section.type == 0) continue;  // an inactive header has nothing, whatever else it says
    if (planned.emptied[i]) original.reader.write(file, entry + 4, kShtNobits, 4);
    original.reader.write(file, entry + 8 + 2 * word, planned.offsets[i], word);
    if (planned.emptied[i] || section.type == kShtNobits) continue;
    const Bytes bytes = section_bytes(original, section).bytes();
    std::ranges::copy(bytes, file.begin() + static_cast<std::ptrdiff_t>(planned.offsets[i]));
  }
}

}  // namespace

DebugLayout plan_debug_file(const ElfLayout& original) {
  const std::size_t count = original.sections.size();
  DebugLayout planned{std::vector<std::uint64_t>(count), std::vector<bool>(count), 0, 0};
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::tuple(original.sections[i].offset, i); });
  std::uint64_t end = header_size(original) + original.segments.size() * segment_entry(original);
  for (const std::size_t i : order) {
    const ElfSectionHeader& section = original.sections[i];
    if (i == 0 || section.type == 0) continue;
    planned.emptied[i] = (section.flags & kShfAlloc) != 0 && section.type != kShtNote && section.type != kShtNobits &&
                         in_a_segment(original, section);
    const std::uint64_t size = planned.emptied[i] ? 0 : section_bytes(original, section).size();
    if (size != 0) end = round_up(end, section.alignment);
    planned.offsets[i] = end;
    end += size;
  }
  planned.section_headers = round_up(end, original.reader.word_size());
  planned.size = planned.section_headers + count * section_entry(original);
  return planned;
}

std::vector<std::uint8_t> write_debug_file(const ElfLayout& original, const DebugLayout& planned) {
  std::vector<std::uint8_t> file(planned.size);
  std::ranges::copy(original.reader.part(0, header_size(original)).bytes(), file.begin());
  const std::uint64_t word = original.reader.word_size();
  const auto size = static_cast<unsigned>(word);
  original.reader.write(file, 24 + word, original.segments.empty() ? 0 : header_size(original), size);  // e_phoff
  original.reader.write(file, 24 + 2 * word, planned.section_headers, size);                            // e_shoff
  write_sections(original, planned, file);
  write_segments(original, planned, file);
  return file;
}

}  // namespace lambdapack
