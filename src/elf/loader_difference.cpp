// Does the loader see the same file before and after? Compared with lambdapack's own reader and not with LLVM's, so
// that one misunderstanding of a file cannot both cause and hide a damage.
//
// Everything that is loaded must be equal byte for byte, with these exceptions: e_shoff, e_shnum and e_shstrndx, which
// only tools read, and the p_offset of a segment that moved. A segment may move only so that its address still is
// congruent to its offset modulo the page size and its own alignment.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "elf/elf_format.h"
#include "elf/elf_layout.h"
#include "elf/read_elf.h"
#include "elf/strip_elf.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kPageSize = 4096;
constexpr std::size_t kMostSegments = 1024;  // segments are compared in pairs; real files have up to twenty

using Range = std::pair<std::uint64_t, std::uint64_t>;  // offset in the file, size

// The fields that may differ, in both files at the same offsets; sorted.
std::vector<Range> free_fields(const ElfLayout& layout) {
  const bool is64 = layout.reader.is64();
  const std::uint64_t word = layout.reader.word_size();
  std::vector<Range> fields = {
      {24 + 2 * word, word},    // e_shoff
      {24 + 3 * word + 12, 4},  // e_shnum, e_shstrndx
  };
  const std::uint64_t entry_size = is64 ? 56 : 32;
  for (std::uint64_t i = 0; i < layout.segments.size(); ++i)
    fields.emplace_back(layout.header.program_headers + i * entry_size + (is64 ? 8 : 4), word);  // p_offset
  std::ranges::sort(fields);
  return fields;
}

// Whether a[a_offset…] and b[b_offset…] hold the same `size` bytes, free fields apart where both files have them at one
// place.
bool same_bytes(Bytes a, std::uint64_t a_offset, Bytes b, std::uint64_t b_offset, std::uint64_t size,
                const std::vector<Range>& free) {
  const auto equal = [&](std::uint64_t from, std::uint64_t to) {
    return from >= to || std::memcmp(a.data() + a_offset + from, b.data() + b_offset + from, to - from) == 0;
  };
  std::uint64_t done = 0;
  if (a_offset == b_offset) {
    for (const auto& [offset, length] : free) {
      if (offset + length <= a_offset + done || offset >= a_offset + size) continue;
      const std::uint64_t start = std::max(offset, a_offset) - a_offset;
      if (!equal(done, start)) return false;
      done = std::min(offset + length - a_offset, size);
    }
  }
  return equal(done, size);
}

std::string segment_difference(const ElfLayout& before, const ElfLayout& after, std::size_t i,
                               const std::vector<Range>& free) {
  const ElfSegment& a = before.segments[i];
  const ElfSegment& b = after.segments[i];
  if (a.type != b.type || a.flags != b.flags || a.address != b.address || a.file_size != b.file_size ||
      a.memory_size != b.memory_size || a.alignment != b.alignment)
    return fmt::format("program header {} changed", i);
  if (a.file_size == 0 && a.type != kPtLoad) return {};  // PT_GNU_STACK and the like: the offset means nothing
  if (!fits(a.offset, a.file_size, before.reader.size()) || !fits(b.offset, b.file_size, after.reader.size()))
    return fmt::format("segment {} ends past the end of the file", i);
  if (a.type == kPtLoad && a.offset != b.offset) {
    const std::uint64_t distance = a.offset - b.offset;
    const std::uint64_t alignment = is_power_of_two(a.alignment) ? std::max(a.alignment, kPageSize) : kPageSize;
    if (distance % alignment != 0 || distance % kPageSize != 0)
      return fmt::format("segment {} moved from {:#x} to {:#x}, not by a multiple of its alignment", i, a.offset,
                         b.offset);
  }
  if (!same_bytes(before.reader.bytes(), a.offset, after.reader.bytes(), b.offset, a.file_size, free))
    return fmt::format("bytes of segment {} changed", i);
  return {};
}

// A segment inside a PT_LOAD (PT_DYNAMIC, PT_TLS, PT_GNU_RELRO…) must have moved along with it.
std::string nesting_difference(const ElfLayout& before, const ElfLayout& after) {
  for (std::size_t i = 0; i < before.segments.size(); ++i) {
    const ElfSegment& inner = before.segments[i];
    if (inner.type == kPtLoad || inner.file_size == 0) continue;
    for (std::size_t j = 0; j < before.segments.size(); ++j) {
      const ElfSegment& load = before.segments[j];
      if (load.type != kPtLoad || inner.offset < load.offset || inner.offset - load.offset >= load.file_size) continue;
      if (after.segments[i].offset - after.segments[j].offset != inner.offset - load.offset)
        return fmt::format("segment {} moved away from the loaded bytes that it is part of", i);
    }
  }
  return {};
}

std::string header_difference(const ElfLayout& before, const ElfLayout& after) {
  const std::uint64_t size = before.reader.is64() ? 64 : 52;
  if (before.reader.size() < size || after.reader.size() < size) return "ELF header is cut off";
  if (before.segments.size() != before.header.program_header_count || before.segments.size() != after.segments.size() ||
      before.header.program_headers != after.header.program_headers)
    return "program header table moved or changed its length";
  if (before.segments.size() > kMostSegments) return fmt::format("has {} segments", before.segments.size());
  if (!same_bytes(before.reader.bytes(), 0, after.reader.bytes(), 0, size, free_fields(before)))
    return "ELF header changed";
  return {};
}

}  // namespace

std::string difference_of_infos(const ElfInfo& a, const ElfInfo& b) {
  if (a.needed != b.needed || a.filters != b.filters || a.auxiliaries != b.auxiliaries)
    return "needed libraries changed";
  if (a.soname != b.soname) return "soname changed";
  if (a.rpath != b.rpath || a.runpath != b.runpath || a.has_runpath != b.has_runpath) return "search path changed";
  if (a.interpreter != b.interpreter) return "interpreter changed";
  if (a.versions_needed != b.versions_needed || a.versions_defined != b.versions_defined)
    return "symbol versions changed";
  if (a.undefined_symbols != b.undefined_symbols || a.entry_points != b.entry_points) return "dynamic symbols changed";
  if (a.build_id != b.build_id) return "build id changed";
  if (a.has_dynamic != b.has_dynamic || a.has_init != b.has_init || a.pie != b.pie) return "dynamic section changed";
  for (const ElfProblem& problem : b.problems)
    if (std::ranges::find(a.problems, problem) == a.problems.end()) return problem.message;
  return {};
}

std::string difference_for_loader(Bytes before, Bytes after) {
  if (!has_elf_magic(before) || !has_elf_magic(after)) return "is no ELF file";
  const ElfLayout a = read_layout(before), b = read_layout(after);
  if (std::string difference = header_difference(a, b); !difference.empty()) return difference;
  const std::vector<Range> free = free_fields(a);
  for (std::size_t i = 0; i < a.segments.size(); ++i)
    if (std::string difference = segment_difference(a, b, i, free); !difference.empty()) return difference;
  if (std::string difference = nesting_difference(a, b); !difference.empty()) return difference;
  return difference_of_infos(read_elf(before), read_elf(after));
}

}  // namespace lambdapack
