// Where in the file could everything lie?
//
// A segment may lie at every offset that is congruent to its old one modulo its alignment, in any order, and may share
// a page of the file with another: the loader maps whole pages, and what a page holds beside the segment is not part of
// it. So this is packing: pieces go into the first gap that fits, in several orders, and the shortest file wins. Real
// files have up to ten pieces, and some order is the best one or close to it.
#include "elf/close_holes.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kPageSize = 4096;
constexpr std::uint64_t kLargestAlignment = 2 << 20;
constexpr std::size_t kMostPieces = 512;  // placing compares each with every other; real files have up to 30

std::uint64_t end_of(const FilePiece& piece) {
  return piece.start + piece.size;
}

// The piece that holds [offset, offset+size), or that ends where nothing starts; nullptr when none does.
const FilePiece* piece_with(const std::vector<FilePiece>& pieces, std::uint64_t offset, std::uint64_t size) {
  const auto after = std::ranges::upper_bound(pieces, offset, {}, &FilePiece::start);
  if (after == pieces.begin()) return nullptr;
  const FilePiece& piece = *std::prev(after);
  return offset - piece.start <= piece.size && size <= piece.size - (offset - piece.start) ? &piece : nullptr;
}

// Two segments in one page of memory: the later mapping brings the file's bytes around it, which then matter.
bool share_a_page(const ElfInfo& info) {
  std::vector<const ElfSegment*> loads;
  std::uint64_t page = kPageSize;
  const bool x86 = info.machine == kMachineX86_64 || info.machine == kMachine386;
  for (const ElfSegment& segment : info.segments)
    if (segment.type == kPtLoad) {
      loads.push_back(&segment);
      // Other machines have kernels with pages of 64 KiB, and files that are made for both.
      if (!x86) page = std::max(page, std::min<std::uint64_t>(segment.alignment, 64 << 10));
    }
  std::ranges::sort(loads, {}, [](const ElfSegment* load) { return load->address; });
  for (std::size_t i = 1; i < loads.size(); ++i) {
    const std::uint64_t end = loads[i - 1]->address + loads[i - 1]->memory_size;
    if (end < loads[i - 1]->address || loads[i]->address / page <= (end == 0 ? 0 : (end - 1) / page)) return true;
  }
  return false;
}

std::string why_not_movable(const ElfInfo& info) {
  const std::uint64_t table = (info.is64 ? 56 : 32) * info.segments.size();
  if (!fits(info.program_headers, table, info.file_size)) return "ends inside its program headers";
  const ElfSegment* first = nullptr;
  for (const ElfSegment& segment : info.segments) {
    const bool odd =
        segment.alignment > kLargestAlignment || (segment.alignment != 0 && !is_power_of_two(segment.alignment));
    if (odd) return "has an alignment that is no power of two up to 2 MB";
    if (segment.file_size != 0 && !fits(segment.offset, segment.file_size, info.file_size))
      return "has a segment past its end";
    if (segment.type == kPtLoad && segment.file_size > segment.memory_size)
      return "has a segment that is longer in the file than in memory";
    if (segment.type == kPtLoad && first == nullptr) first = &segment;
  }
  // Kernels before 5.18 ("fs/binfmt_elf: Fix AT_PHDR for unusual ELF files") find the program headers in memory by the
  // first segment's distance to its offset. A table further on, as LIEF makes it, is there only as long as it keeps its
  // place in the file.
  if (first == nullptr || first->offset != 0 || first->file_size < (info.is64 ? 64 : 52))
    return "does not load its header with its first segment";
  if (std::ranges::none_of(info.segments, [&](const ElfSegment& segment) {
        return segment.type == kPtLoad && segment.offset <= info.program_headers &&
               fits(info.program_headers - segment.offset, table, segment.file_size);
      }))
    return "does not load its program headers";
  if (share_a_page(info)) return "has segments that share a page";
  for (const ElfSection& section : info.sections)
    if (section.type != kShtNobits && section.type != 0 &&
        (!fits(section.offset, section.size, info.file_size) || section.alignment > kLargestAlignment ||
         (section.alignment != 0 && !is_power_of_two(section.alignment))))
      return "has a section past its end or of a strange alignment";
  return {};
}

// Headers, segments and sections that stay; what shares bytes becomes one piece.
std::vector<FilePiece> find_pieces(const ElfInfo& info, const std::vector<bool>& removed) {
  std::vector<FilePiece> ranges = {{.start = 0, .size = std::uint64_t{info.is64 ? 64U : 52U}}};
  for (const ElfSegment& segment : info.segments) {
    const bool load = segment.type == kPtLoad;
    if (!load && segment.file_size == 0) continue;  // PT_GNU_STACK: the offset means nothing
    const std::uint64_t alignment = std::max<std::uint64_t>(segment.alignment, load ? kPageSize : 1);
    ranges.push_back({segment.offset, segment.file_size, alignment, segment.address});
  }
  for (std::size_t i = 0; i < info.sections.size(); ++i) {
    const ElfSection& section = info.sections[i];
    if (removed[i] || section.type == 0 || section.type == kShtNobits || section.size == 0) continue;
    // What is loaded has its alignment in memory, by its address.
    const std::uint64_t alignment = (section.flags & kShfAlloc) != 0 ? 1 : section.alignment;
    const auto last = std::numeric_limits<std::uint64_t>::max();
    ranges.push_back({section.offset, section.size, std::max<std::uint64_t>(alignment, 1), last});
  }
  std::ranges::sort(ranges, {}, [](const FilePiece& piece) { return std::tuple(piece.start, piece.size); });
  std::vector<FilePiece> pieces;
  for (const FilePiece& range : ranges) {
    if (pieces.empty() || range.start >= end_of(pieces.back())) {
      pieces.push_back(range);
      continue;
    }
    FilePiece& piece = pieces.back();
    piece.size = std::max(end_of(piece), end_of(range)) - piece.start;
    piece.alignment = std::max(piece.alignment, range.alignment);
    piece.address = std::min(piece.address, range.address);
  }
  for (FilePiece& piece : pieces)
    piece.pinned = piece.start == 0 || (piece.start <= info.program_headers && info.program_headers < end_of(piece));
  return pieces;
}

// The parts of the new file that are taken, by offset.
class Room {
 public:
  // Takes the first free place for `size` bytes at an offset that is `residue` modulo `alignment`.
  std::uint64_t take(std::uint64_t size, std::uint64_t alignment, std::uint64_t residue) {
    const auto fit_from = [&](std::uint64_t from) { return from + ((residue - from) & (alignment - 1)); };
    std::uint64_t offset = fit_from(0);
    auto next = taken_.begin();
    for (; next != taken_.end(); ++next) {
      if (offset + size <= next->first) break;
      if (next->second > offset) offset = fit_from(next->second);
    }
    taken_.emplace(next, offset, offset + size);
    return offset;
  }

  // Takes a place that is free for certain, since it comes after all that were taken so.
  void pin(std::uint64_t offset, std::uint64_t size) { taken_.emplace_back(offset, offset + size); }

  std::uint64_t end() const { return taken_.empty() ? 0 : taken_.back().second; }

 private:
  std::vector<std::pair<std::uint64_t, std::uint64_t>> taken_;
};

struct Placement {
  std::vector<std::uint64_t> offsets;  // per piece
  std::uint64_t section_headers = 0, size = 0;
};

Placement place(const std::vector<FilePiece>& pieces, const std::vector<std::size_t>& order, bool is64,
                std::uint64_t header_bytes) {
  Placement placement;
  placement.offsets.resize(pieces.size());
  Room room;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (!pieces[i].pinned) continue;
    room.pin(pieces[i].start, pieces[i].size);
    placement.offsets[i] = pieces[i].start;
  }
  for (const std::size_t i : order) {
    const FilePiece& piece = pieces[i];
    if (piece.pinned) continue;
    const std::uint64_t residue = piece.start & (piece.alignment - 1);
    // A segment without bytes still has its page mapped, which must not begin behind the end of the file.
    placement.offsets[i] = room.take(std::max<std::uint64_t>(piece.size, 1), piece.alignment, residue);
  }
  placement.section_headers = room.take(header_bytes, is64 ? 8 : 4, 0);
  placement.size = room.end();
  return placement;
}

template <class Key>
Placement place_by(const std::vector<FilePiece>& pieces, bool is64, std::uint64_t header_bytes, Key key) {
  std::vector<std::size_t> order(pieces.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::tuple(key(pieces[a]), a) < std::tuple(key(pieces[b]), b);
  });
  return place(pieces, order, is64, header_bytes);
}

std::uint64_t moved(const FileLayout& planned, std::uint64_t offset, std::uint64_t size) {
  const FilePiece* piece = piece_with(planned.pieces, offset, size);
  return piece == nullptr ? std::min(offset, planned.size) : piece->placed + (offset - piece->start);
}

// Where .bss is said to be: as far from its segment's bytes as before.
std::uint64_t moved_nobits(const ElfLayout& original, const FileLayout& planned, const ElfSectionHeader& section) {
  for (const ElfSegment& segment : original.segments) {
    if (segment.type != kPtLoad || section.address < segment.address ||
        section.address - segment.address > segment.memory_size || section.offset < segment.offset)
      continue;
    return moved(planned, segment.offset, segment.file_size) + (section.offset - segment.offset);
  }
  return moved(planned, section.offset, 0);
}

// The section header table without the removed ones; whoever refers to a section by number gets its new number.
void write_section_headers(const ElfLayout& original, const FileLayout& planned, std::vector<std::uint8_t>& file) {
  const std::uint64_t word = original.reader.word_size(), entry_size = original.reader.is64() ? 64 : 40;
  std::vector<std::uint32_t> numbers(original.sections.size());
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i > 0 && planned.removed[i - 1] ? 0 : count++;
  const auto renumber = [&](std::uint32_t number) { return number < numbers.size() ? numbers[number] : 0; };
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0 && planned.removed[i - 1]) continue;
    const ElfSectionHeader& section = original.sections[i];
    const std::uint64_t entry = planned.section_headers + numbers[i] * entry_size;
    const ElfReader old = original.reader.part(original.header.section_headers + i * entry_size, entry_size);
    std::ranges::copy(old.bytes(), file.begin() + static_cast<std::ptrdiff_t>(entry));
    if (i == 0) continue;
    const std::uint64_t offset = section.type == kShtNobits ? moved_nobits(original, planned, section)
                                                            : moved(planned, section.offset, section.size);
    original.reader.write(file, entry + 8 + 2 * word, offset, static_cast<unsigned>(word));
    original.reader.write(file, entry + 8 + 4 * word, renumber(section.link), 4);
    const bool info_is_section =
        section.type == kShtRel || section.type == kShtRela || (section.flags & kShfInfoLink) != 0;
    if (info_is_section) original.reader.write(file, entry + 12 + 4 * word, renumber(section.info), 4);
  }
  const std::uint64_t counts = 24 + 3 * word + 12;
  original.reader.write(file, counts, count, 2);
  original.reader.write(file, counts + 2, renumber(original.header.section_name_index), 2);
}

}  // namespace

std::vector<bool> removed_sections(const ElfInfo& info, const std::vector<SectionUse>& uses) {
  std::set<std::string_view> kept;
  for (std::size_t i = 0; i < uses.size(); ++i)
    if (uses[i] == SectionUse::kept) kept.insert(info.sections[i].name);
  std::vector<bool> removed(uses.size());
  for (std::size_t i = 0; i < uses.size(); ++i)
    removed[i] = uses[i] != SectionUse::kept && !kept.contains(info.sections[i].name);
  return removed;
}

Result<FileLayout> plan_layout(const ElfInfo& info, std::vector<bool> removed) {
  if (std::string reason = why_not_movable(info); !reason.empty()) return fail({}, std::move(reason));
  if (info.sections.size() + 1 >= kShnLoReserve) return fail({}, "has too many sections");
  FileLayout planned;
  planned.pieces = find_pieces(info, removed);
  if (planned.pieces.size() > kMostPieces) return fail({}, "lies in too many pieces");
  const auto staying = 1 + static_cast<std::uint64_t>(std::ranges::count(removed, false));
  const std::uint64_t header_bytes = staying * (info.is64 ? 64 : 40);
  planned.removed = std::move(removed);

  // Ties go to the most usual order.
  const auto& pieces = planned.pieces;
  const Placement placements[] = {
      place_by(pieces, info.is64, header_bytes, [](const FilePiece& p) { return p.start; }),
      place_by(pieces, info.is64, header_bytes, [](const FilePiece& p) { return p.address; }),
      place_by(pieces, info.is64, header_bytes, [](const FilePiece& p) { return ~p.size; }),
      place_by(pieces, info.is64, header_bytes, [](const FilePiece& p) { return std::tuple(~p.alignment, ~p.size); })};
  const Placement& best = *std::ranges::min_element(placements, {}, &Placement::size);
  for (std::size_t i = 0; i < planned.pieces.size(); ++i) planned.pieces[i].placed = best.offsets[i];
  planned.section_headers = best.section_headers;
  planned.size = best.size;
  return planned;
}

std::uint64_t relaid_size(const ElfInfo& info, const std::vector<SectionUse>& uses) {
  const auto planned = plan_layout(info, removed_sections(info, uses));
  return planned ? planned->size : std::numeric_limits<std::uint64_t>::max();
}

std::vector<std::uint8_t> write_layout(const ElfLayout& original, const FileLayout& planned) {
  std::vector<std::uint8_t> file(planned.size);
  for (const FilePiece& piece : planned.pieces) {
    const Bytes bytes = original.reader.part(piece.start, piece.size).bytes();
    std::ranges::copy(bytes, file.begin() + static_cast<std::ptrdiff_t>(piece.placed));
  }
  const std::uint64_t word = original.reader.word_size();
  const auto size = static_cast<unsigned>(word);
  const std::uint64_t entry_size = original.reader.is64() ? 56 : 32;
  for (std::uint64_t i = 0; i < original.segments.size(); ++i) {
    const ElfSegment& segment = original.segments[i];
    if (segment.type != kPtLoad && segment.file_size == 0) continue;
    const std::uint64_t field = original.header.program_headers + i * entry_size + (original.reader.is64() ? 8 : 4);
    original.reader.write(file, field, moved(planned, segment.offset, segment.file_size), size);
  }
  original.reader.write(file, 24 + 2 * word, planned.section_headers, size);
  original.reader.write(file, 24 + 3 * word + 12, 0, 4);
  write_section_headers(original, planned, file);
  return file;
}

}  // namespace lambdapack
