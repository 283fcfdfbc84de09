// Local headers and table entries are copied, and only the fields that tell of method, sizes and place are written
// anew; see rewrite_jar.h.
#include "package/rewrite_jar.h"

#include <algorithm>
#include <cstring>

#include "package/zip_format.h"
#include "package/zip_member.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kMax32 = 0xFFFFFFFF;

using Buffer = std::vector<std::uint8_t>;

void put(Buffer& out, std::size_t at, std::uint64_t value, unsigned count) {
  for (unsigned i = 0; i < count; ++i) out[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

void append(Buffer& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::uint16_t flags_at(Bytes archive, std::uint64_t at) {
  return static_cast<std::uint16_t>((archive[at] | archive[at + 1] << 8) & ~zip::kFlagSizesBehind);
}

struct Sizes {
  std::uint16_t method = 0;
  std::uint64_t packed = 0;
};

// The header of a member at its new place, then its bytes.
Result<Sizes> append_member(const std::string& name, Bytes archive, const ZipMember& member, bool store, Buffer& out) {
  const std::size_t start = out.size();
  append(out, archive.subspan(member.header_offset, member.data_offset - member.header_offset));
  Sizes sizes{member.method, member.packed_size};
  if (store && member.method != zip::kStored) {
    LP_TRY(const Buffer bytes, unpack_member(name + "!/" + std::string(member.name), archive, member));
    sizes = {zip::kStored, bytes.size()};
    append(out, bytes);
  } else {
    append(out, archive.subspan(member.data_offset, member.packed_size));
  }
  put(out, start + 6, flags_at(archive, member.header_offset + 6), 2);
  put(out, start + 8, sizes.method, 2);
  put(out, start + 14, member.crc, 4);
  put(out, start + 18, sizes.packed, 4);
  put(out, start + 22, member.size, 4);
  return sizes;
}

void append_record(Bytes archive, const ZipMember& member, const Sizes& sizes, std::uint64_t place, Buffer& table) {
  const std::size_t start = table.size();
  append(table, archive.subspan(member.record_offset, member.record_size));
  put(table, start + 8, flags_at(archive, member.record_offset + 8), 2);
  put(table, start + 10, sizes.method, 2);
  put(table, start + 20, sizes.packed, 4);
  put(table, start + 42, place, 4);
}

void append_end(std::uint64_t count, std::uint64_t size, std::uint64_t offset, std::string_view comment, Buffer& out) {
  const std::size_t start = out.size();
  out.resize(start + zip::kEndSize);
  put(out, start, zip::kEnd, 4);
  put(out, start + 8, count, 2);
  put(out, start + 10, count, 2);
  put(out, start + 12, size, 4);
  put(out, start + 16, offset, 4);
  put(out, start + 20, comment.size(), 2);
  out.insert(out.end(), comment.begin(), comment.end());
}

bool is_left_out(const std::vector<std::string>& left_out, std::string_view member) {
  return std::ranges::binary_search(left_out, member, {}, [](std::string_view name) { return name; });
}

}  // namespace

Result<Buffer> rewrite_jar(const std::string& name, Bytes archive, const JarChange& change) {
  LP_TRY(const ZipDirectory directory, read_zip_directory(name, archive));
  if (!directory.is_plain) return fail(name, "has bytes that belong to no member, or a zip64 record");
  Buffer out, table;
  std::uint64_t count = 0;
  for (const ZipMember& member : directory.members) {
    if (is_left_out(change.left_out, member.name)) continue;
    const std::uint64_t place = out.size();
    LP_TRY(const Sizes sizes, append_member(name, archive, member, change.store, out));
    append_record(archive, member, sizes, place, table);
    if (out.size() + table.size() >= kMax32) return fail(name, "would have 4 GiB or more");
    ++count;
  }
  const std::uint64_t offset = out.size();
  append(out, table);
  append_end(count, table.size(), offset, directory.comment, out);
  return out;
}

Result<bool> is_rewritten_jar(const std::string& name, Bytes before, Bytes after,
                              const std::vector<std::string>& left_out) {
  LP_TRY(const ZipDirectory old_directory, read_zip_directory(name, before));
  LP_TRY(const ZipDirectory new_directory, read_zip_directory(name, after));
  auto now = new_directory.members.begin();
  for (const ZipMember& was : old_directory.members) {
    if (is_left_out(left_out, was.name)) continue;
    if (now == new_directory.members.end()) return false;
    if (now->name != was.name || now->size != was.size || now->crc != was.crc || now->mtime != was.mtime ||
        now->unix_mode != was.unix_mode || now->utf8 != was.utf8 || now->dos_folder != was.dos_folder)
      return false;
    LP_TRY(const Buffer old_bytes, unpack_member(name, before, was));
    LP_TRY(const Buffer new_bytes, unpack_member(name, after, *now));
    if (old_bytes != new_bytes) return false;
    ++now;
  }
  return now == new_directory.members.end() && new_directory.comment == old_directory.comment;
}

}  // namespace lambdapack
