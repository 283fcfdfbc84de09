// Members become files: what kind each is, which mode it has, and its bytes, unpacked in parallel and checked against
// the declared size and checksum. All sizes are counted against the limits before the first byte is unpacked.
#include "package/read_zip.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <optional>

#include "base/parallel.h"
#include "package/write_package.h"
#include "package/zip_member.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kMaxLinkTarget = 4096;  // PATH_MAX: the kernel takes no longer ones

Result<FileKind> kind_of(const std::string& subject, const ZipMember& member) {
  const std::uint32_t type = member.unix_mode & S_IFMT;
  if (type != 0 && !S_ISREG(type) && !S_ISDIR(type) && !S_ISLNK(type))
    return fail(subject, "is a device, FIFO or socket, which a package cannot hold",
                "make the archive again without it");
  if (S_ISLNK(type)) return FileKind::symlink;
  const bool folder = member.name.ends_with('/') || S_ISDIR(type) || (member.dos_folder && member.size == 0);
  if (folder && member.size != 0) return fail(subject, "is a folder that has bytes", "make the archive again");
  return folder ? FileKind::directory : FileKind::regular;
}

// Everything about a member but its bytes; nothing for the root folder itself.
Result<std::optional<PackageFile>> describe(const ZipMember& member, FileCollector& collector) {
  const std::string subject = member_name(collector.source(), member.name);
  LP_TRY(std::string path, member_path(collector.source(), member.name));
  PackageFile file;
  LP_TRY(file.kind, kind_of(subject, member));
  if (path.empty()) {
    if (file.kind == FileKind::directory) return std::optional<PackageFile>();
    return fail(subject, "has no name", "make the archive again");
  }
  LP_CHECK(collector.count(file.kind == FileKind::regular ? member.size : 0));
  if (file.kind == FileKind::symlink && (member.size == 0 || member.size > kMaxLinkTarget))
    return fail(subject, fmt::format("is a link whose target has {} bytes", member.size), "make the archive again");
  file.path = std::move(path);
  file.mtime = member.mtime;
  file.mtime_is_local = member.mtime_is_local;
  file.packed_size = member.packed_size;
  file.mode = member.unix_mode & 07777;
  if (member.unix_mode == 0) file.mode = file.kind == FileKind::directory ? 0755 : 0644;
  return std::optional(std::move(file));
}

// Whether somebody starts this file, as far as can be told: then a lost execute bit matters.
bool looks_executable(const PackageFile& file) {
  if (file.kind != FileKind::regular) return false;
  if (output_mode(file) == 0755) return true;
  const auto head = file.content.head(4);
  if (!head) return false;
  const std::string_view magic = as_text(*head);
  if (magic.starts_with("#!")) return true;
  return magic ==
             "\x7f"
             "ELF" &&
         file.path.find(".so") == std::string::npos && !file.path.ends_with(".node");
}

void note_oddities(const ZipMember& member, const PackageFile& file, FileCollector& collector) {
  if (member.unix_mode == 0 && looks_executable(file))
    collector.add(Finding{.code = "no-unix-modes",
                          .severity = Severity::info,
                          .path = file.path,
                          .detail = {},
                          .message = fmt::format("the zip was made without Unix modes, so nothing says whether this is "
                                                 "executable; it is packed with {:04o}",
                                                 output_mode(file)),
                          .help = "make the zip on Linux or macOS, or pass the folder to lambdapack"});
  if (file.path.find('\\') != std::string::npos)
    collector.add(Finding{.code = "name-with-backslash",
                          .severity = Severity::warning,
                          .path = file.path,
                          .detail = {},
                          .message =
                              "has a backslash in its name: a zip separates folders with \"/\", so on Lambda this "
                              "may be one file with that name",
                          .help = "make the zip with a tool that writes \"/\""});
}

}  // namespace

Result<Package> read_zip(Bytes archive, const ReadOptions& options, FileCollector collector) {
  LP_TRY(const ZipDirectory directory, read_zip_directory(collector.source(), archive));
  std::vector<PackageFile> files;
  std::vector<const ZipMember*> members;  // parallel to files
  for (const ZipMember& member : directory.members) {
    LP_TRY(auto file, describe(member, collector));
    if (!file) continue;
    files.push_back(*std::move(file));
    members.push_back(&member);
  }

  std::vector<std::optional<Error>> errors(files.size());
  parallel_for(files.size(), options.threads, [&](std::size_t i) {
    if (files[i].kind == FileKind::directory) return;
    auto bytes = unpack_member(member_name(collector.source(), files[i].path), archive, *members[i]);
    if (!bytes) {
      errors[i] = std::move(bytes).error();
    } else if (files[i].kind == FileKind::symlink) {
      files[i].link_target = as_text(*bytes);
    } else {
      files[i].content = Content::from_bytes(*std::move(bytes));
    }
  });
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (errors[i]) return std::unexpected(*std::move(errors[i]));
    if (files[i].link_target.find('\0') != std::string::npos)
      return fail(member_name(collector.source(), files[i].path), "is a link whose target has a NUL byte",
                  "make the archive again");
    note_oddities(*members[i], files[i], collector);
    collector.add(std::move(files[i]));
  }
  return std::move(collector).finish(InputKind::zip);
}

}  // namespace lambdapack
