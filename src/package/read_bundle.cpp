#include "package/read_bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

namespace lambdapack {
namespace {

constexpr std::uint64_t kMostBytes = 4ULL << 30;  // of what is wanted
constexpr std::size_t kChunk = 1 << 20;

struct FreeReader {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using Reader = std::unique_ptr<archive, FreeReader>;

constexpr const char* kHint = "give --debug the folder or the *.tar.zst that pack --debug-out wrote";

std::unexpected<Error> damaged(const std::string& path, archive* handle) {
  const char* const why = archive_error_string(handle);
  return fail(printable(path), fmt::format("cannot be read: {}", why != nullptr ? why : "damaged"), kHint);
}

// Memory follows the bytes that really come, not the size that a header declares.
Result<std::vector<std::uint8_t>> read_member(const std::string& path, archive* handle, std::uint64_t room) {
  std::vector<std::uint8_t> bytes;
  for (;;) {
    const std::size_t done = bytes.size();
    bytes.resize(done + kChunk);
    const la_ssize_t got = archive_read_data(handle, bytes.data() + done, kChunk);
    if (got < 0) return damaged(path, handle);
    bytes.resize(done + static_cast<std::size_t>(got));
    if (got == 0) return bytes;
    if (bytes.size() > room)
      return fail(printable(path), "holds more than 4 GiB of what is asked for", "ask for fewer files at once");
  }
}

Result<std::map<std::string, Content>> read_archive_members(const std::string& path,
                                                            const std::function<bool(const std::string&)>& wanted) {
  const Reader handle(archive_read_new());
  if (!handle) return fail(printable(path), "cannot be read: no memory");
  archive_read_support_filter_all(handle.get());
  archive_read_support_format_tar(handle.get());
  if (archive_read_open_filename(handle.get(), path.c_str(), 1 << 16) != ARCHIVE_OK) return damaged(path, handle.get());
  std::map<std::string, Content> members;
  std::uint64_t room = kMostBytes;
  for (;;) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(handle.get(), &entry);
    if (status == ARCHIVE_EOF) return members;
    if (status < ARCHIVE_WARN) return damaged(path, handle.get());
    const char* const name = archive_entry_pathname(entry);
    if (name == nullptr || archive_entry_filetype(entry) != AE_IFREG) continue;
    std::string member = name;
    if (member.starts_with("./")) member.erase(0, 2);
    if (!wanted(member) || members.contains(member)) continue;
    LP_TRY(std::vector<std::uint8_t> bytes, read_member(path, handle.get(), room));
    room -= bytes.size();
    members.emplace(std::move(member), Content::from_bytes(std::move(bytes)));
  }
}

Result<std::map<std::string, Content>> read_folder_members(const std::string& path,
                                                           const std::function<bool(const std::string&)>& wanted) {
  namespace fs = std::filesystem;
  std::map<std::string, Content> members;
  std::error_code error;
  fs::recursive_directory_iterator place(path, error);
  while (!error && place != fs::recursive_directory_iterator()) {
    struct stat status{};
    if (::lstat(place->path().c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      std::string member = place->path().lexically_relative(path).string();
      if (wanted(member))
        members.emplace(std::move(member),
                        Content::from_file(place->path(), static_cast<std::uint64_t>(status.st_size)));
    }
    place.increment(error);
  }
  if (error) return fail(printable(path), "cannot be read: " + error.message(), kHint);
  return members;
}

}  // namespace

Result<std::map<std::string, Content>> read_bundle(const std::string& path,
                                                   const std::function<bool(const std::string&)>& wanted) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    return fail(printable(path), "cannot be read: " + std::generic_category().message(errno), kHint);
  if (S_ISDIR(status.st_mode)) return read_folder_members(path, wanted);
  if (!S_ISREG(status.st_mode)) return fail(printable(path), "is neither a folder nor a file", kHint);
  return read_archive_members(path, wanted);
}

}  // namespace lambdapack
