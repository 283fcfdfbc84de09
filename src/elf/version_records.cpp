// The loader walks the records by vn_next and vna_next and never looks at the counts; tools go by the counts. A file
// where the two say different things is not for us to change.
#include "elf/version_records.h"

#include <algorithm>

#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kRecordSize = 16;  // of Verneed and of Vernaux
constexpr std::size_t kMostVersions = 1 << 15;
constexpr std::uint64_t kLongestName = 4096;

class RecordReader {
 public:
  RecordReader(ElfReader table, std::uint64_t table_offset, ElfReader strings)
      : table_(table), table_offset_(table_offset), strings_(strings) {}

  // "" when sound.
  std::string read(std::uint64_t count) {
    std::uint64_t at = 0;
    for (std::uint64_t left = count; left > 0; --left) {
      if (std::string bad = read_record(at); !bad.empty()) return bad;
      const std::uint64_t next = table_.u32(at + 12);
      if ((next == 0) != (left == 1)) return "has another number of needed versions than it says";
      at += next;
    }
    std::ranges::sort(taken_);
    for (std::size_t i = 1; i < taken_.size(); ++i)
      if (taken_[i] - taken_[i - 1] < kRecordSize) return "has needed versions that overlap";
    return {};
  }

  std::vector<VersionRecord> records;

 private:
  std::string read_record(std::uint64_t at) {
    if (!take(at) || table_.u16(at) != 1) return "has needed versions past the end of their segment, or too many";
    VersionRecord record;
    record.offset = table_offset_ + at;
    record.library_offset = table_.u32(at + 4);
    const auto library = strings_.text(record.library_offset, kLongestName);
    if (!library) return "needs versions of a library without a name";
    record.library = *library;
    std::uint64_t version = at + table_.u32(at + 8);
    record.versions_offset = table_offset_ + version;
    for (std::uint32_t left = table_.u16(at + 2); left > 0; --left) {
      if (!take(version)) return "has needed versions past the end of their segment, or too many";
      const auto name = strings_.text(table_.u32(version + 8), kLongestName);
      if (!name) return "needs a version without a name";
      record.versions.push_back({table_.u32(version), table_.u16(version + 4), table_.u16(version + 6), *name});
      const std::uint64_t next = table_.u32(version + 12);
      if ((next == 0) != (left == 1)) return "has another number of needed versions than it says";
      version += next;
    }
    if (record.versions.empty()) return "has a record of needed versions without any";
    records.push_back(std::move(record));
    return {};
  }

  bool take(std::uint64_t at) {
    taken_.push_back(at);
    return taken_.size() <= kMostVersions && fits(at, kRecordSize, table_.size());
  }

  ElfReader table_;
  std::uint64_t table_offset_;
  ElfReader strings_;
  std::vector<std::uint64_t> taken_;
};

}  // namespace

ElfReader dynamic_strings(const ElfLayout& layout, const DynamicTable& dynamic) {
  const auto address = dynamic.value(kDtStrtab), size = dynamic.value(kDtStrsz);
  return address && size ? at_address(layout, *address).part(0, *size) : ElfReader();
}

std::expected<std::vector<VersionRecord>, std::string> read_version_records(const ElfLayout& layout,
                                                                            const DynamicTable& dynamic) {
  const auto address = dynamic.value(kDtVerneed), count = dynamic.value(kDtVerneednum);
  if (address.has_value() != count.has_value()) return std::unexpected("has needed versions without their number");
  if (!address) return std::vector<VersionRecord>();
  const auto offset = file_offset(layout, *address);
  if (!offset) return std::unexpected("has its needed versions outside what is loaded");
  RecordReader reader(at_address(layout, *address), *offset, dynamic_strings(layout, dynamic));
  if (std::string bad = reader.read(*count); !bad.empty()) return std::unexpected(std::move(bad));
  return std::move(reader.records);
}

}  // namespace lambdapack
