// Parsing a zip's tables; see zip_directory.h. Every offset in them may lie, so all bytes are fetched through `Reader`.
//
// Two programs must not see two different archives in the same bytes: local headers that name another file, overlapping
// members and tables that contradict each other are refused, not repaired.
#include "package/zip_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "package/collect_files.h"
#include "package/zip_format.h"

namespace lambdapack {
namespace {

// Little-endian numbers at an offset; 0 behind the end, where `has` is false.
class Reader {
 public:
  explicit Reader(Bytes bytes) : bytes_(bytes) {}
  bool has(std::uint64_t offset, std::uint64_t count) const {
    return offset <= bytes_.size() && count <= bytes_.size() - offset;
  }
  std::uint64_t number(std::uint64_t offset, unsigned count) const {
    if (!has(offset, count)) return 0;
    std::uint64_t value = 0;
    for (unsigned i = count; i-- > 0;) value = value << 8 | bytes_[offset + i];
    return value;
  }
  std::uint16_t u16(std::uint64_t offset) const { return static_cast<std::uint16_t>(number(offset, 2)); }
  std::uint32_t u32(std::uint64_t offset) const { return static_cast<std::uint32_t>(number(offset, 4)); }
  std::uint64_t u64(std::uint64_t offset) const { return number(offset, 8); }
  std::string_view text(std::uint64_t offset, std::uint64_t count) const {
    return has(offset, count) ? as_text(bytes_.subspan(offset, count)) : std::string_view();
  }
  Reader part(std::uint64_t offset, std::uint64_t count) const {
    return Reader(has(offset, count) ? bytes_.subspan(offset, count) : Bytes());
  }
  std::uint64_t size() const { return bytes_.size(); }

 private:
  Bytes bytes_;
};

// Where the end-of-table record is: the last one whose comment ends with the file; else the last one at all, since
// some files got bytes appended.
std::optional<std::uint64_t> find_end(Bytes archive) {
  if (archive.size() < zip::kEndSize) return std::nullopt;
  const Reader reader(archive);
  const std::uint64_t last = archive.size() - zip::kEndSize;
  const std::uint64_t first = last > 0xFFFF ? last - 0xFFFF : 0;
  std::optional<std::uint64_t> any;
  for (std::uint64_t at = last + 1; at-- > first;) {
    if (archive[at] != 'P' || reader.u32(at) != zip::kEnd) continue;
    const std::uint64_t end = at + zip::kEndSize + reader.u16(at + 20);
    if (end == archive.size()) return at;
    if (end < archive.size() && !any) any = at;
  }
  return any;
}

struct Table {
  std::uint64_t start = 0, size = 0, count = 0;
  std::uint64_t prefix = 0;     // bytes before the zip proper, which its offsets do not count
  bool count_is_exact = false;  // it has a zip64 record
  bool ends_file = false;       // nothing behind its comment
  std::string_view comment;
};

Result<Table> find_table(std::string_view name, Bytes archive) {
  const auto end = find_end(archive);
  if (!end)
    return fail(std::string(name), "is not a complete zip: its table of contents is missing",
                "fetch or build it again");
  const Reader reader(archive);
  Table table{
      .start = reader.u32(*end + 16), .size = reader.u32(*end + 12), .count = reader.u16(*end + 10), .comment = {}};
  std::uint64_t table_end = *end;
  const bool several_disks =
      reader.u16(*end + 4) != reader.u16(*end + 6) || reader.u16(*end + 8) != reader.u16(*end + 10);

  const bool wants64 = table.start == 0xFFFFFFFF || table.size == 0xFFFFFFFF || table.count == 0xFFFF;
  if (wants64 && *end >= zip::kEnd64LocatorSize && reader.u32(*end - zip::kEnd64LocatorSize) == zip::kEnd64Locator) {
    // The locator's offset does not count a prefix; the record ends where the locator starts.
    std::uint64_t at = reader.u64(*end - zip::kEnd64LocatorSize + 8);
    const std::uint64_t behind = *end - zip::kEnd64LocatorSize;
    if (reader.u32(at) != zip::kEnd64 && behind >= zip::kEnd64Size) at = behind - zip::kEnd64Size;
    if (reader.u32(at) != zip::kEnd64 || at >= behind)
      return fail(std::string(name), "is a damaged zip: its zip64 record is missing", "fetch or build it again");
    table = {.start = reader.u64(at + 48), .size = reader.u64(at + 40), .count = reader.u64(at + 32), .comment = {}};
    table.count_is_exact = true;
    table_end = at;
  }
  if (several_disks) return fail(std::string(name), "is one part of a zip in several parts", "join the parts first");
  if (table.size > table_end || table.start > table_end - table.size)
    return fail(std::string(name), "is a damaged zip: its table of contents is cut off", "fetch or build it again");
  table.comment = reader.text(*end + zip::kEndSize, reader.u16(*end + 20));
  table.ends_file = *end + zip::kEndSize + table.comment.size() == archive.size();
  table.prefix = table_end - table.size - table.start;
  table.start = table_end - table.size;
  return table;
}

std::int64_t unix_time(std::uint16_t dos_date, std::uint16_t dos_time) {
  using namespace std::chrono;
  const year_month_day date{year(1980 + (dos_date >> 9)), month(dos_date >> 5 & 15u), day(dos_date & 31u)};
  const sys_days days = date.ok() ? sys_days(date) : sys_days(year(1980) / 1 / 1);
  return duration_cast<seconds>(days.time_since_epoch()).count() + (dos_time >> 11) * 3600 + (dos_time >> 5 & 63) * 60 +
         (dos_time & 31) * 2;
}

// The fields of an entry that its extra field replaces: sizes and offset (zip64), date (0x5455).
void apply_extra(const Reader& extra, ZipMember& member, std::uint64_t& offset) {
  for (std::uint64_t at = 0; extra.has(at, 4);) {
    const std::uint16_t id = extra.u16(at), size = extra.u16(at + 2);
    const Reader field = extra.part(at + 4, size);
    at += 4 + size;
    if (id == zip::kExtraZip64) {
      std::uint64_t next = 0;
      for (std::uint64_t* const value : {&member.size, &member.packed_size, &offset})
        if (*value == 0xFFFFFFFF && field.has(next, 8)) {
          *value = field.u64(next);
          next += 8;
        }
    } else if (id == zip::kExtraTime && field.has(0, 5) && (field.number(0, 1) & 1) != 0) {
      member.mtime = static_cast<std::int32_t>(field.u32(1));
      member.mtime_is_local = false;
    }
  }
}

class DirectoryReader {
 public:
  DirectoryReader(std::string_view name, Bytes archive) : name_(name), reader_(archive) {}

  Result<ZipDirectory> read(const Table& table) {
    // The count may lie; the table's bytes are there, and an entry has at least 46 of them.
    directory_.members.reserve(std::min(table.count, table.size / zip::kCentralSize));
    const std::uint64_t end = table.start + table.size;
    std::uint64_t at = table.start;
    while (at < end) {
      if (end - at < zip::kCentralSize || reader_.u32(at) != zip::kCentral) return damaged("its table of contents");
      LP_TRY(at, add_member(at, end, table));
    }
    // Writers without zip64 count modulo 65536.
    const std::uint64_t found = directory_.members.size();
    if (found != table.count && (table.count_is_exact || (found & 0xFFFF) != table.count))
      return damaged(fmt::format("its table of contents: {} members instead of {}", found, table.count));
    LP_CHECK(check_overlap());
    directory_.comment = table.comment;
    directory_.is_plain = table.ends_file && !table.count_is_exact && !has_zip64_ && has_no_gap(table.start);
    return std::move(directory_);
  }

 private:
  struct Extent {
    std::uint64_t start = 0, end = 0;
    std::size_t member = 0;
    bool sizes_behind = false;
  };

  // Offset of the next entry.
  Result<std::uint64_t> add_member(std::uint64_t at, std::uint64_t end, const Table& table) {
    const std::uint64_t name_size = reader_.u16(at + 28), extra_size = reader_.u16(at + 30);
    const std::uint64_t next = at + zip::kCentralSize + name_size + extra_size + reader_.u16(at + 32);
    if (next > end) return damaged("its table of contents");
    ZipMember member;
    member.name = reader_.text(at + zip::kCentralSize, name_size);
    member.method = reader_.u16(at + 10);
    member.crc = reader_.u32(at + 16);
    member.packed_size = reader_.u32(at + 20);
    member.size = reader_.u32(at + 24);
    member.mtime = unix_time(reader_.u16(at + 14), reader_.u16(at + 12));
    member.record_offset = at;
    member.record_size = next - at;
    const std::uint16_t flags = reader_.u16(at + 8);
    member.utf8 = (flags & zip::kFlagUtf8) != 0;
    const std::uint32_t attributes = reader_.u32(at + 38);
    const unsigned made_on = reader_.u16(at + 4) >> 8;
    if (made_on == zip::kUnix || made_on == zip::kMac) member.unix_mode = attributes >> 16;
    member.dos_folder = (attributes & 0x10) != 0;
    std::uint64_t offset = reader_.u32(at + 42);
    has_zip64_ = has_zip64_ || member.size == 0xFFFFFFFF || member.packed_size == 0xFFFFFFFF || offset == 0xFFFFFFFF;
    apply_extra(reader_.part(at + zip::kCentralSize + name_size, extra_size), member, offset);

    if ((flags & (zip::kFlagEncrypted | zip::kFlagStrong | zip::kFlagMasked)) != 0 || member.method == 99)
      return fail(member_name(name_, member.name), "is encrypted", "make the archive again without a password");
    LP_CHECK(find_data(member, offset, (flags & zip::kFlagSizesBehind) != 0, table));
    directory_.members.push_back(member);
    return next;
  }

  Result<void> find_data(ZipMember& member, std::uint64_t offset, bool sizes_behind, const Table& table) {
    const std::string subject = member_name(name_, member.name);
    if (offset > table.start || table.start - offset < table.prefix) return cut_off(subject);
    const std::uint64_t header = offset + table.prefix;
    if (!reader_.has(header, zip::kLocalSize) || reader_.u32(header) != zip::kLocal) return cut_off(subject);
    const std::uint64_t name_size = reader_.u16(header + 26);
    if (reader_.text(header + zip::kLocalSize, name_size) != member.name)
      return fail(subject, "has another name in its own header than in the table of contents",
                  "make the archive again");
    member.header_offset = header;
    member.data_offset = header + zip::kLocalSize + name_size + reader_.u16(header + 28);
    if (member.data_offset > table.start || member.packed_size > table.start - member.data_offset)
      return cut_off(subject);
    extents_.push_back({header, member.data_offset + member.packed_size, directory_.members.size(), sizes_behind});
    return {};
  }

  // Members that share bytes: how a zip of 42 KB becomes 5 GB (D. Fifield, "A better zip bomb", 2019).
  Result<void> check_overlap() {
    std::ranges::sort(extents_, {}, &Extent::start);
    for (std::size_t i = 1; i < extents_.size(); ++i)
      if (extents_[i].start < extents_[i - 1].end)
        return fail(member_name(name_, directory_.members[extents_[i].member].name),
                    "shares bytes with another member, as zip bombs do", "make the archive again");
    return {};
  }

  // Whether the members, in the order of their places, reach from the first byte to the table. A script before them is
  // found neither by `prefix` nor by their offsets when those count it (`zip -A`). `extents_` is sorted.
  bool has_no_gap(std::uint64_t table_start) const {
    std::uint64_t end = 0;
    for (const Extent& extent : extents_) {
      if (extent.start != end) return false;
      end = extent.end + (extent.sizes_behind ? descriptor_size(extent) : 0);
    }
    return end == table_start;
  }

  // 0 when what follows is no data descriptor of that member.
  std::uint64_t descriptor_size(const Extent& extent) const {
    const ZipMember& member = directory_.members[extent.member];
    const auto tells = [&](std::uint64_t at) {
      return reader_.has(at, 12) && reader_.u32(at) == member.crc && reader_.u32(at + 4) == member.packed_size &&
             reader_.u32(at + 8) == member.size;
    };
    if (reader_.u32(extent.end) == zip::kDescriptor && tells(extent.end + 4)) return 16;
    return tells(extent.end) ? 12 : 0;
  }

  static std::unexpected<Error> cut_off(const std::string& subject) {
    return fail(subject, "is cut off: the zip is damaged", "fetch or build it again");
  }
  std::unexpected<Error> damaged(const std::string& what) const {
    return fail(std::string(name_), "is a damaged zip: " + what, "fetch or build it again");
  }

  std::string_view name_;
  Reader reader_;
  ZipDirectory directory_;
  std::vector<Extent> extents_;
  bool has_zip64_ = false;
};

}  // namespace

bool has_zip_end(Bytes archive) {
  return find_end(archive).has_value();
}

Result<ZipDirectory> read_zip_directory(std::string_view name, Bytes archive) {
  LP_TRY(const Table table, find_table(name, archive));
  return DirectoryReader(name, archive).read(table);
}

}  // namespace lambdapack
