// The last look at a zip before it counts as written; see verify_zip.h.
#include "package/verify_zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "package/collect_files.h"
#include "package/zip_directory.h"
#include "package/zip_entry.h"

namespace lambdapack {
namespace {

struct FreeArchive {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using Archive = std::unique_ptr<archive, FreeArchive>;

std::unexpected<Error> differs(const std::string& name, std::string_view path, std::string_view what) {
  return fail(member_name(name, path), fmt::format("is not as it should be after writing ({})", what),
              "check the disk; if it is sound this is a bug in lambdapack, please report it");
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Raw names, kinds, modes and link targets, which libarchive would show converted.
Result<void> verify_table(const std::string& name, Bytes zip, const Package& package) {
  LP_TRY(const ZipDirectory directory, read_zip_directory(name, zip));
  if (directory.members.size() != package.files.size()) return differs(name, "", "another number of files");
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const PackageFile& file = package.files[i];
    const ZipMember& member = directory.members[i];
    const ZipEntry expected = describe_entry(file);
    if (member.name != expected.name) return differs(name, file.path, "name");
    if (member.unix_mode != expected.attributes >> 16) return differs(name, file.path, "mode");
    if (member.utf8 != (expected.flags != 0)) return differs(name, file.path, "flags");
    if (file.kind != FileKind::symlink) continue;
    if (as_text(zip.subspan(member.data_offset, member.packed_size)) != file.link_target)
      return differs(name, file.path, "link target");
  }
  return {};
}

Result<void> verify_bytes(const std::string& name, archive* handle, const PackageFile& file) {
  LP_TRY(const Bytes expected, file.content.read());
  std::uint64_t position = 0;
  while (true) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(handle, &block, &size, &offset);
    if (status == ARCHIVE_EOF) break;
    if (status < ARCHIVE_WARN) return differs(name, file.path, "it does not unpack");
    if (size == 0) continue;
    if (static_cast<std::uint64_t>(offset) != position || size > expected.size() - position ||
        std::memcmp(block, expected.data() + position, size) != 0)
      return differs(name, file.path, "bytes");
    position += size;
  }
  return position == expected.size() ? Result<void>() : differs(name, file.path, "size");
}

Result<void> verify_entry(const std::string& name, archive* handle, archive_entry* entry, const PackageFile& file) {
  const ZipEntry expected = describe_entry(file);
  // Other names depend on the locale: verify_table has compared them.
  const char* const path = archive_entry_pathname(entry);
  if (is_ascii(expected.name) && (path == nullptr || expected.name != path)) return differs(name, file.path, "name");
  if (archive_entry_mode(entry) != expected.attributes >> 16) return differs(name, file.path, "mode");
  if (file.kind == FileKind::regular) return verify_bytes(name, handle, file);
  const char* const target = archive_entry_symlink(entry);
  if (file.kind == FileKind::symlink && is_ascii(file.link_target) && is_ascii(expected.name) &&
      (target == nullptr || file.link_target != target))
    return differs(name, file.path, "link target");
  return {};
}

}  // namespace

Result<void> verify_zip(const std::string& name, Bytes zip, const Package& package) {
  LP_CHECK(verify_table(name, zip, package));
  const Archive handle(archive_read_new());
  if (!handle) return fail(name, "cannot be read back: no memory");
  archive_read_support_format_zip_seekable(handle.get());
  if (archive_read_open_memory(handle.get(), zip.data(), zip.size()) != ARCHIVE_OK)
    return differs(name, "", "libarchive does not open it");
  for (const PackageFile& file : package.files) {
    archive_entry* entry = nullptr;
    if (archive_read_next_header(handle.get(), &entry) < ARCHIVE_WARN)
      return differs(name, file.path, "libarchive does not find it");
    LP_CHECK(verify_entry(name, handle.get(), entry, file));
  }
  archive_entry* entry = nullptr;
  if (archive_read_next_header(handle.get(), &entry) != ARCHIVE_EOF)
    return differs(name, "", "more files than it should hold");
  return {};
}

}  // namespace lambdapack
