// What a path on the command line is, told by its content and never by its name; then the reader for it.
#include "package/read_package.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/units.h"
#include "package/collect_files.h"
#include "package/read_folder.h"
#include "package/read_tar.h"
#include "package/read_zip.h"
#include "package/zip_directory.h"

namespace lambdapack {
namespace {

constexpr std::string_view kElfMagic =
    "\x7f"
    "ELF";

std::string file_name(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path.substr(path.rfind('/') + 1));
}

// Whether this ELF file is a program: by its header alone, since the ELF stages come later. A PIE is a shared object to
// the format; what tells it from a library is its name, and that it has an entry.
bool is_program(std::string_view name, Bytes bytes) {
  if (bytes.size() < 32) return false;
  const bool little = bytes[5] == 1;
  const unsigned type = little ? bytes[16] | bytes[17] << 8 : bytes[17] | bytes[16] << 8;
  constexpr unsigned executable = 2, shared = 3;
  if (type == executable) return true;
  if (type != shared || name.find(".so") != std::string_view::npos || name.ends_with(".node")) return false;
  const std::size_t entry_size = bytes[4] == 1 ? 4 : 8;
  for (const std::uint8_t byte : bytes.subspan(24, entry_size))
    if (byte != 0) return true;
  return false;
}

// path: what the user gave, which may be a link: a library is looked for by that name.
Result<Package> read_elf_file(const std::string& path, Content content, std::uint32_t mode, std::int64_t mtime,
                              const ReadOptions& options) {
  LP_TRY(const auto head, content.head(64));
  FileCollector collector(path, options);
  LP_CHECK(collector.count(content.size()));
  const bool program = is_program(file_name(path), head);
  collector.add(PackageFile{.path = program ? "bootstrap" : file_name(path),
                            .mode = program ? mode | 0755 : mode,
                            .mtime = mtime,
                            .link_target = {},
                            .content = content});
  LP_TRY(Package package, std::move(collector).finish(InputKind::elf));
  package.source_bytes = content.size();
  return package;
}

Result<Content> read_standard_input(std::uint64_t limit) {
  std::vector<std::uint8_t> bytes;
  std::size_t used = 0;
  while (true) {
    if (used == bytes.size()) bytes.resize(std::max<std::size_t>(1 << 16, used * 2));
    const ssize_t got = ::read(0, bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("standard input", "cannot be read: " + std::generic_category().message(errno));
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used > limit)
      return fail("standard input", fmt::format("has more than {} bytes", format_count(limit)),
                  "raise --max-unpacked if that is right");
  }
  bytes.resize(used);
  if (bytes.empty()) return fail("standard input", "is empty", "pipe a zip or tar into lambdapack");
  return Content::from_bytes(std::move(bytes));
}

Result<Package> read_file(const std::string& path, std::string real_path, const struct stat& status,
                          const ReadOptions& options) {
  const Content content = Content::from_file(std::move(real_path), static_cast<std::uint64_t>(status.st_size));
  LP_TRY(const auto head, content.head(kElfMagic.size()));
  if (as_text(head) == kElfMagic) return read_elf_file(path, content, status.st_mode & 07777, status.st_mtime, options);
  return read_archive(path, content, options);
}

}  // namespace

Result<Package> read_archive(const std::string& name, Content archive, const ReadOptions& options) {
  LP_TRY(const Bytes bytes, archive.read());
  FileCollector collector(name, options);
  const bool zip_magic = as_text(bytes).starts_with("PK\x03\x04") || as_text(bytes).starts_with("PK\x05\x06");
  const bool tar = !zip_magic && (has_tar_header(bytes) || has_compressed_magic(bytes));
  if (!zip_magic && !tar && !has_zip_end(bytes))
    return fail(printable(name), "is neither a folder nor a zip, tar or ELF file", "pass one of these");
  LP_TRY(Package package, tar ? read_tar(bytes, std::move(collector)) : read_zip(bytes, options, std::move(collector)));
  package.source_bytes = bytes.size();
  return package;
}

Result<Package> read_package(const std::string& path, const ReadOptions& options) {
  if (path == "-") {
    LP_TRY(const Content content, read_standard_input(options.max_unpacked));
    LP_TRY(const auto head, content.head(64));
    if (!as_text(head).starts_with(kElfMagic)) return read_archive(path, content, options);
    if (!is_program("bootstrap", head))
      return fail("standard input", "is an ELF file that is no program", "pass it as a file");
    return read_elf_file(path, content, 0755, 0, options);
  }
  // stat and open would both wait for the writer of a FIFO or read a device: only the type is looked at.
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    return fail(printable(path),
                errno == ENOENT ? "does not exist" : "cannot be read: " + std::generic_category().message(errno),
                "pass a folder, a zip, a tar or an ELF file");
  if (S_ISREG(status.st_mode)) {
    // Contents are opened without following links, so that a file cannot be swapped for one; the user's own link is
    // meant.
    struct stat link{};
    if (::lstat(path.c_str(), &link) != 0 || !S_ISLNK(link.st_mode)) return read_file(path, path, status, options);
    char* const real = ::realpath(path.c_str(), nullptr);
    if (real == nullptr) return fail(printable(path), "cannot be read: " + std::generic_category().message(errno));
    const std::string real_path = real;
    ::free(real);
    return read_file(path, real_path, status, options);
  }
  if (!S_ISDIR(status.st_mode))
    return fail(printable(path), "is a FIFO, socket or device",
                "pass a folder or file, or - for an archive on standard input");
  FileCollector collector(path, options);
  LP_CHECK(read_folder(path, options, collector));
  return std::move(collector).finish(InputKind::folder);
}

}  // namespace lambdapack
