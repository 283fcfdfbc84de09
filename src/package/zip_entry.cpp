// Writing a zip's headers (APPNOTE.TXT 6.3): as few bytes as the format allows, and none that depend on the day.
#include "package/zip_entry.h"

#include <sys/stat.h>

#include <algorithm>

#include "package/write_package.h"
#include "package/zip_format.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kMax32 = 0xFFFFFFFF;  // also the mark "look into the zip64 field"

class Writer {
 public:
  Writer& u16(std::uint64_t value) { return number(value, 2); }
  Writer& u32(std::uint64_t value) { return number(value, 4); }
  Writer& u64(std::uint64_t value) { return number(value, 8); }
  Writer& text(std::string_view text) {
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return *this;
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }
  std::size_t size() const { return bytes_.size(); }

 private:
  Writer& number(std::uint64_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return *this;
  }
  std::vector<std::uint8_t> bytes_;
};

bool has_large_size(const ZipEntry& entry) {
  return entry.size >= kMax32 || entry.packed_size >= kMax32;
}

void add_central_entry(Writer& out, const ZipEntry& entry) {
  const bool large = has_large_size(entry), far = entry.offset >= kMax32;
  const unsigned version = large || far ? zip::kVersion64 : zip::kVersion;
  out.u32(zip::kCentral).u16(zip::kUnix << 8 | version).u16(version).u16(entry.flags).u16(entry.method);
  out.u16(zip::kTime).u16(zip::kDate).u32(entry.crc);
  out.u32(large ? kMax32 : entry.packed_size).u32(large ? kMax32 : entry.size);
  out.u16(entry.name.size()).u16(large || far ? 4 + (large ? 16 : 0) + (far ? 8 : 0) : 0).u16(0);
  out.u16(0).u16(0).u32(entry.attributes).u32(far ? kMax32 : entry.offset).text(entry.name);
  if (large || far) out.u16(zip::kExtraZip64).u16((large ? 16 : 0) + (far ? 8 : 0));
  if (large) out.u64(entry.size).u64(entry.packed_size);
  if (far) out.u64(entry.offset);
}

}  // namespace

ZipEntry describe_entry(const PackageFile& file) {
  ZipEntry entry;
  entry.name = file.path;
  std::uint32_t type = S_IFREG;
  std::uint32_t dos_attributes = 0;
  if (file.kind == FileKind::symlink) type = S_IFLNK;
  if (file.kind == FileKind::directory) {
    type = S_IFDIR;
    dos_attributes = 0x10;
    entry.name += '/';
  }
  entry.attributes = (type | output_mode(file)) << 16 | dos_attributes;
  const bool ascii = std::ranges::all_of(entry.name, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  // The flag on a name that is not UTF-8 makes Python refuse the whole archive.
  if (!ascii && is_utf8(entry.name)) entry.flags = zip::kFlagUtf8;
  return entry;
}

std::vector<std::uint8_t> local_header(const ZipEntry& entry) {
  Writer out;
  const bool large = has_large_size(entry);
  out.u32(zip::kLocal).u16(large ? zip::kVersion64 : zip::kVersion).u16(entry.flags).u16(entry.method);
  out.u16(zip::kTime).u16(zip::kDate).u32(entry.crc);
  out.u32(large ? kMax32 : entry.packed_size).u32(large ? kMax32 : entry.size);
  out.u16(entry.name.size()).u16(large ? 20 : 0).text(entry.name);
  if (large) out.u16(zip::kExtraZip64).u16(16).u64(entry.size).u64(entry.packed_size);
  return out.take();
}

std::vector<std::uint8_t> central_directory(const std::vector<ZipEntry>& entries, std::uint64_t offset) {
  Writer out;
  for (const ZipEntry& entry : entries) add_central_entry(out, entry);
  const std::uint64_t size = out.size(), count = entries.size();
  if (count >= 0xFFFF || size >= kMax32 || offset >= kMax32) {
    out.u32(zip::kEnd64).u64(zip::kEnd64Size - 12).u16(zip::kUnix << 8 | zip::kVersion64).u16(zip::kVersion64);
    out.u32(0).u32(0).u64(count).u64(count).u64(size).u64(offset);
    out.u32(zip::kEnd64Locator).u32(0).u64(offset + size).u32(1);
  }
  const std::uint64_t count16 = std::min<std::uint64_t>(count, 0xFFFF);
  out.u32(zip::kEnd).u16(0).u16(0).u16(count16).u16(count16);
  out.u32(std::min(size, kMax32)).u32(std::min(offset, kMax32)).u16(0);
  return out.take();
}

}  // namespace lambdapack
