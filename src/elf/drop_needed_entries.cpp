// Later entries move up and DT_NULL fills the end, as if the linker had never been given the library; a Verneed record
// is taken out of the chain. Nothing else of the file changes, so everything that leads to an address or an offset
// still does. Whatever is unusual around these two tables is refused: there is no gain worth a guess.
#include "elf/drop_needed_entries.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <string_view>
#include <utility>

#include "elf/dynamic_table.h"
#include "elf/elf_format.h"
#include "elf/read_elf.h"
#include "elf/strip_elf.h"
#include "elf/symbol_table.h"
#include "elf/version_records.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kEntrySize = 16, kRecordSize = 16, kSectionInfo = 44;
constexpr std::uint64_t kLongestName = 4096;
constexpr std::string_view kPrelinkSections = ".gnu.prelink_undo", kPrelinkLibraries = ".gnu.liblist";

using Range = std::pair<std::uint64_t, std::uint64_t>;  // offset in the file, size

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// What linkers write for these two machines and no loader reads by its place in the table. Not among them are prelink's
// entries, which would no longer be true, and DT_POSFLAG_1, which is about the entry behind it.
bool is_known_entry(std::uint64_t tag) {
  constexpr std::uint64_t kLastStandard = 37;  // DT_RELRENT
  constexpr std::uint64_t kDtTlsdescPlt = 0x6ffffef6, kDtTlsdescGot = 0x6ffffef7;
  constexpr std::uint64_t kDtRelacount = 0x6ffffff9, kDtRelcount = 0x6ffffffa;
  constexpr std::uint64_t kDtProcessor = 0x70000000, kLastProcessor = 0x70000005;  // BTI_PLT, PAC_PLT, VARIANT_PCS …
  if (tag <= kLastStandard) return true;
  for (const std::uint64_t known : {kDtGnuHash, kDtTlsdescPlt, kDtTlsdescGot, kDtVersym, kDtRelacount, kDtRelcount,
                                    kDtFlags1, kDtVerdef, kDtVerdefnum, kDtVerneed, kDtVerneednum})
    if (tag == known) return true;
  return tag >= kDtProcessor && tag <= kLastProcessor;
}

std::string why_not(const ElfInfo& info) {
  if (!info.is64 || !info.little_endian || (info.machine != kMachineX86_64 && info.machine != kMachineAArch64))
    return "is not for one of Lambda's processors";
  if (info.type != ElfType::shared && info.type != ElfType::executable)
    return "is neither a shared object nor an executable";
  if (info.os_abi != kOsAbiSystemV && info.os_abi != kOsAbiGnu) return "is built for another operating system";
  if (info.debug_file || !info.problems.empty()) return "is malformed";
  if (!info.filters.empty() || !info.auxiliaries.empty()) return "is a filter for other libraries";
  for (const ElfSection& section : info.sections)
    if (section.name == kPrelinkSections || section.name == kPrelinkLibraries) return "is prelinked";
  return {};
}

std::string name_of(const DynamicEntry& entry, const ElfReader& strings) {
  const auto name = strings.text(entry.value, kLongestName);
  return name ? std::string(*name) : std::string();
}

bool overlap(const Range& a, const Range& b) {
  return a.first < b.first + b.second && b.first < a.first + a.second;
}

// The places that change: the dynamic section up to its DT_NULL, the heads of the Verneed records.
std::vector<Range> places(const DynamicTable& dynamic, const std::vector<VersionRecord>& records) {
  std::vector<Range> places{{dynamic.offset, (dynamic.entries.size() + 1) * kEntrySize}};
  for (const VersionRecord& record : records) places.emplace_back(record.offset, kRecordSize);
  return places;
}

// sh_info of the section that describes the records to tools. It is in no segment; where it is, nothing is changed.
std::vector<Range> counts_for_tools(const ElfLayout& layout, const DynamicTable& dynamic) {
  std::vector<Range> counts;
  const auto address = dynamic.value(kDtVerneed);
  for (std::size_t i = 0; address && i < layout.sections.size(); ++i) {
    const ElfSectionHeader& section = layout.sections[i];
    if (section.type == kShtGnuVerneed && section.address == *address)
      counts.emplace_back(layout.header.section_headers + i * layout.header.section_header_size + kSectionInfo, 4);
  }
  return counts;
}

class NeededEdit {
 public:
  NeededEdit(Bytes original, const ElfInfo& info, const std::vector<std::string>& names)
      : original_(original),
        info_(info),
        names_(names),
        layout_(read_layout(original)),
        dynamic_(read_dynamic_table(layout_)),
        strings_(dynamic_strings(layout_, dynamic_)) {}

  std::string find_obstacle() {
    if (std::string reason = why_not(info_); !reason.empty()) return reason;
    if (std::string reason = read_entries(); !reason.empty()) return reason;
    auto records = read_version_records(layout_, dynamic_);
    if (!records) return std::move(records).error();
    records_ = *std::move(records);
    if (std::string reason = check_versions(); !reason.empty()) return reason;
    if (std::string reason = check_places(); !reason.empty()) return reason;
    return check_relocations();
  }

  std::vector<std::uint8_t> write() const {
    std::vector<std::uint8_t> bytes(original_.begin(), original_.end());
    const std::size_t kept_records = records_.size() - dropped_records_;
    std::uint64_t at = dynamic_.offset;
    for (DynamicEntry entry : kept_) {
      if (entry.tag == kDtVerneednum) entry.value = kept_records;
      put(bytes, at, entry.tag, 8);
      put(bytes, at + 8, entry.value, 8);
      at += kEntrySize;
    }
    const std::uint64_t end = dynamic_.offset + (dynamic_.entries.size() + 1) * kEntrySize;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(end),
              std::uint8_t{0});
    if (dropped_records_ == 0) return bytes;
    write_records(bytes);
    for (const Range& count : counts_for_tools(layout_, dynamic_)) put(bytes, count.first, kept_records, 4);
    return bytes;
  }

 private:
  void put(std::vector<std::uint8_t>& bytes, std::uint64_t offset, std::uint64_t value, unsigned count) const {
    layout_.reader.write(bytes, offset, value, count);
  }

  std::string read_entries() {
    if (!dynamic_.terminated || strings_.size() == 0) return "has no sound dynamic section";
    std::set<std::uint64_t> seen;
    std::set<std::string> dropped;
    std::size_t left = 0;
    for (const DynamicEntry& entry : dynamic_.entries) {
      if (!is_known_entry(entry.tag)) return fmt::format("has a dynamic entry of kind {:#x}", entry.tag);
      if (entry.tag != kDtNeeded) {
        if (!seen.insert(entry.tag).second) return fmt::format("has two dynamic entries of kind {:#x}", entry.tag);
        kept_.push_back(entry);
        continue;
      }
      std::string name = name_of(entry, strings_);
      if (contains(names_, name)) {
        dropped.insert(std::move(name));
      } else {
        kept_.push_back(entry);
        ++left;
      }
    }
    if (dropped.size() != names_.size()) return "has no such needed entry";
    if (left == 0) return "would need no library any more";
    return {};
  }

  // A symbol of a version that goes would have the version of nobody.
  std::string check_versions() {
    std::set<std::uint16_t> gone, stay;
    for (const VersionRecord& record : records_) {
      const bool goes = contains(names_, record.library);
      if (goes) ++dropped_records_;
      for (const NeededVersion& version : record.versions) {
        const std::uint16_t index = version.index & ~kVersymHidden;
        if (!(goes ? gone : stay).insert(index).second && goes) return "has two needed versions of one number";
      }
    }
    if (dropped_records_ == 0) return {};
    if (dropped_records_ == records_.size()) return "would have no needed versions left";
    const bool shared =
        std::ranges::any_of(gone, [&](std::uint16_t index) { return index < 2 || stay.contains(index); });
    if (shared) return "has two needed versions of one number";
    const SymbolTable symbols(original_, info_);
    // Past these the loader never reads a version: symbols that a relocation names, or that can be found.
    std::uint32_t last = 0;
    symbols.for_each_hashed([&](const SymbolTable::Hashed& hashed) { last = std::max(last, hashed.symbol); });
    visit_relocations(layout_, dynamic_, [&](const Relocation& relocation) {
      last = std::max(last, relocation.symbol);
      return true;
    });
    for (std::uint32_t i = 1; i <= last && i < symbols.size(); ++i)
      if (gone.contains(symbols.symbol(i).versym & ~kVersymHidden)) return "has a symbol with a version of the library";
    return {};
  }

  // What changes is loaded by one segment, and nothing else lies there.
  std::string check_places() const {
    const std::vector<Range> changing = places(dynamic_, records_);
    for (std::size_t i = 1; i < changing.size(); ++i)
      if (overlap(changing[0], changing[i])) return "has its needed versions in its dynamic section";
    const Range headers{0, std::max<std::uint64_t>(64, layout_.header.program_headers + 56 * layout_.segments.size())};
    for (const Range& place : changing) {
      if (overlap(place, headers)) return "has its dynamic section in its headers";
      std::size_t loads = 0;
      for (const ElfSegment& segment : layout_.segments) {
        if (!overlap(place, {segment.offset, segment.file_size})) continue;
        if (segment.type == kPtLoad) ++loads;
        if (segment.type == kPtNote || segment.type == kPtTls || segment.type == kPtInterp ||
            segment.type == kPtGnuEhFrame)
          return "has other things where its dynamic section is";
      }
      if (loads != 1) return "has its dynamic section in more than one segment";
    }
    if (dropped_records_ == 0) return {};
    for (const Range& count : counts_for_tools(layout_, dynamic_)) {
      if (layout_.reader.u32(count.first) != records_.size()) return "has a section that counts other versions";
      for (const ElfSegment& segment : layout_.segments)
        if (overlap(count, {segment.offset, segment.file_size})) return "has section headers that are loaded";
    }
    return {};
  }

  std::string check_relocations() const {
    const Range table{dynamic_.address, (dynamic_.entries.size() + 1) * kEntrySize};
    bool hit = false;
    visit_relocations(layout_, dynamic_, [&](const Relocation& relocation) {
      hit = relocation.address < table.first + table.second && table.first - relocation.address < 8;
      hit = hit || (relocation.address >= table.first && relocation.address - table.first < table.second);
      return !hit;
    });
    return hit ? "has relocations in its dynamic section" : "";
  }

  // The chain begins where it began: the first record that stays takes the place of the first.
  void write_records(std::vector<std::uint8_t>& bytes) const {
    std::vector<std::uint64_t> chain;
    for (const VersionRecord& record : records_) {
      if (contains(names_, record.library)) continue;
      const std::uint64_t place = chain.empty() ? records_.front().offset : record.offset;
      if (place != record.offset) {
        put(bytes, place + 2, record.versions.size(), 2);
        put(bytes, place + 4, record.library_offset, 4);
        put(bytes, place + 8, record.versions_offset - place, 4);
      }
      chain.push_back(place);
    }
    for (std::size_t i = 0; i < chain.size(); ++i)
      put(bytes, chain[i] + 12, i + 1 < chain.size() ? chain[i + 1] - chain[i] : 0, 4);
  }

  Bytes original_;
  const ElfInfo& info_;
  const std::vector<std::string>& names_;
  const ElfLayout layout_;
  const DynamicTable dynamic_;
  const ElfReader strings_;
  std::vector<DynamicEntry> kept_;
  std::vector<VersionRecord> records_;
  std::size_t dropped_records_ = 0;
};

std::string byte_difference(Bytes before, Bytes after, std::vector<Range> free) {
  if (before.size() != after.size()) return "has another size";
  std::ranges::sort(free);
  std::uint64_t done = 0;
  free.emplace_back(before.size(), 0);
  for (const auto& [offset, size] : free) {
    if (offset > done && std::memcmp(before.data() + done, after.data() + done, offset - done) != 0)
      return fmt::format("changed between {:#x} and {:#x}", done, offset);
    done = std::max(done, offset + size);
  }
  return {};
}

std::string entry_difference(const DynamicTable& a, const DynamicTable& b, const ElfReader& strings,
                             const std::vector<std::string>& names, std::uint64_t records) {
  std::vector<DynamicEntry> expected;
  for (DynamicEntry entry : a.entries) {
    if (entry.tag == kDtNeeded && contains(names, name_of(entry, strings))) continue;
    if (entry.tag == kDtVerneednum) entry.value = records;
    expected.push_back(entry);
  }
  if (a.address != b.address || !b.terminated || expected != b.entries) return "has other dynamic entries";
  return {};
}

}  // namespace

DroppedEntries drop_needed_entries(Bytes original, const ElfInfo& info, const std::vector<std::string>& names) {
  DroppedEntries dropped;
  NeededEdit edit(original, info, names);
  dropped.reason = edit.find_obstacle();
  if (!dropped.reason.empty()) return dropped;
  dropped.bytes = edit.write();
  const std::string difference = difference_beyond_needed(original, dropped.bytes, names);
  if (difference.empty()) return dropped;
  return {.bytes = {}, .reason = fmt::format("would be damaged ({})", difference)};
}

std::string difference_beyond_needed(Bytes before, Bytes after, const std::vector<std::string>& names) {
  if (!has_elf_magic(before) || !has_elf_magic(after)) return "is no ELF file";
  const ElfLayout a = read_layout(before), b = read_layout(after);
  const DynamicTable old_table = read_dynamic_table(a), new_table = read_dynamic_table(b);
  const auto old_records = read_version_records(a, old_table), new_records = read_version_records(b, new_table);
  if (!old_records) return old_records.error();
  if (!new_records) return new_records.error();

  std::vector<Range> free = places(old_table, *old_records);
  const std::vector<Range> counts = counts_for_tools(a, old_table);
  free.insert(free.end(), counts.begin(), counts.end());
  if (std::string difference = byte_difference(before, after, std::move(free)); !difference.empty()) return difference;

  std::size_t next = 0;
  for (const VersionRecord& record : *old_records) {
    if (contains(names, record.library)) continue;
    if (next >= new_records->size() || (*new_records)[next].library != record.library ||
        (*new_records)[next].versions_offset != record.versions_offset ||
        (*new_records)[next].versions != record.versions)
      return "has other needed versions";
    ++next;
  }
  if (next != new_records->size()) return "has other needed versions";
  for (const Range& count : counts)
    if (b.reader.u32(count.first) != next) return "has a section that counts other versions";
  if (std::string difference = entry_difference(old_table, new_table, dynamic_strings(a, old_table), names, next);
      !difference.empty())
    return difference;

  ElfInfo expected = read_elf(before);
  std::erase_if(expected.needed, [&](const std::string& name) { return contains(names, name); });
  std::erase_if(expected.versions_needed, [&](const VersionNeed& need) { return contains(names, need.library); });
  return difference_of_infos(expected, read_elf(after));
}

}  // namespace lambdapack
