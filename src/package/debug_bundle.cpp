// Debug files of one package are often larger than the package, so they are streamed: tar by libarchive, zstd on the
// way, into a file that has no name yet.
#include "package/debug_bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <system_error>

#include "package/pending_file.h"
#include "package/pending_folder.h"

namespace lambdapack {
namespace {

constexpr std::int64_t kMtime = 315532800;  // 1980-01-01, as in zips
// zstd's own scale has 19 levels; from here on a little more costs much more time and memory.
constexpr const char* kLevel = "9";
constexpr std::string_view kArchiveSuffix = ".tar.zst";

struct WriteArchive {
  archive* handle = archive_write_new();
  WriteArchive() = default;
  ~WriteArchive() { archive_write_free(handle); }
  WriteArchive(const WriteArchive&) = delete;
  WriteArchive& operator=(const WriteArchive&) = delete;
};

struct Entry {
  archive_entry* handle = archive_entry_new();
  Entry() = default;
  ~Entry() { archive_entry_free(handle); }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
};

}  // namespace

struct DebugBundle::State {
  std::string path;  // as the user wrote it
  std::string target;
  bool exists = false;  // something was at target before
  std::string pending;  // a temporary name: of the new bundle, and once it is in place of the old one
  bool in_place = false, kept = false;
  std::uint64_t size = 0;
  std::optional<PendingFolder> folder;
  std::optional<PendingFile> file;
  std::optional<WriteArchive> writer;

  std::unexpected<Error> archive_error() const {
    const char* why = archive_error_string(writer->handle);
    return fail(printable(path), fmt::format("cannot be written: {}", why != nullptr ? why : "no reason given"));
  }
};

namespace {

la_ssize_t write_block(archive* handle, void* client, const void* data, std::size_t size) {
  auto& state = *static_cast<DebugBundle::State*>(client);
  if (!write_all(state.file->fd(), {static_cast<const std::uint8_t*>(data), size})) {
    archive_set_error(handle, errno, "%s", std::generic_category().message(errno).c_str());
    return -1;
  }
  state.size += size;
  return static_cast<la_ssize_t>(size);
}

Result<void> open_archive(DebugBundle::State& state) {
  LP_TRY(state.target, file_destination(state.path, "name a file that ends in .tar.zst, or a folder"));
  state.exists = ::access(state.target.c_str(), F_OK) == 0;
  LP_TRY(PendingFile file, PendingFile::create(state.target));
  state.file.emplace(std::move(file));
  archive* const handle = state.writer.emplace().handle;
  // "Restricted" writes pax headers only where ustar's fields do not do.
  if (handle == nullptr || archive_write_set_format_pax_restricted(handle) != ARCHIVE_OK ||
      archive_write_add_filter_zstd(handle) != ARCHIVE_OK ||
      archive_write_set_filter_option(handle, "zstd", "compression-level", kLevel) != ARCHIVE_OK ||
      archive_write_set_bytes_in_last_block(handle, 1) != ARCHIVE_OK ||
      archive_write_open(handle, &state, nullptr, write_block, nullptr) != ARCHIVE_OK)
    return state.archive_error();
  return {};
}

Result<void> open_folder(DebugBundle::State& state, bool replace) {
  LP_TRY(FolderPlace place, folder_place(state.path, replace, "name a folder, or a file that ends in .tar.zst"));
  state.target = std::move(place.target);
  state.exists = place.exists;
  LP_TRY(PendingFolder folder, PendingFolder::create(state.target));
  state.folder.emplace(std::move(folder));
  return {};
}

Result<void> add_member(DebugBundle::State& state, const std::string& path, Bytes bytes) {
  archive* const handle = state.writer->handle;
  const Entry entry;
  archive_entry_set_pathname(entry.handle, path.c_str());
  archive_entry_set_filetype(entry.handle, AE_IFREG);
  archive_entry_set_perm(entry.handle, 0644);
  archive_entry_set_mtime(entry.handle, kMtime, 0);
  archive_entry_set_size(entry.handle, static_cast<la_int64_t>(bytes.size()));
  if (archive_write_header(handle, entry.handle) != ARCHIVE_OK) return state.archive_error();
  while (!bytes.empty()) {
    const la_ssize_t written = archive_write_data(handle, bytes.data(), bytes.size());
    if (written <= 0) return state.archive_error();
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> move_into_place(const DebugBundle::State& state) {
  if (state.exists) return swap_in(state.pending, state.target);
  if (::rename(state.pending.c_str(), state.target.c_str()) != 0) return system_error(state.path, "cannot be created");
  return {};
}

}  // namespace

bool is_archive_name(std::string_view path) {
  return path.ends_with(kArchiveSuffix);
}

DebugBundle::DebugBundle(std::unique_ptr<State> state) : state_(std::move(state)) {}
DebugBundle::DebugBundle(DebugBundle&&) noexcept = default;

DebugBundle::~DebugBundle() {
  if (!state_) return;
  State& state = *state_;
  state.writer.reset();     // before the file that it writes to
  std::error_code ignored;  // nothing can be done, and nothing of the user's is touched
  if (state.in_place && !state.kept) {
    if (state.exists)
      (void)swap_in(state.pending, state.target);
    else
      std::filesystem::rename(state.target, state.pending, ignored);
  }
  if (!state.pending.empty()) std::filesystem::remove_all(state.pending, ignored);
}

Result<DebugBundle> DebugBundle::create(const std::string& path, bool replace) {
  DebugBundle bundle(std::make_unique<State>());
  bundle.state_->path = path;
  if (is_archive_name(path))
    LP_CHECK(open_archive(*bundle.state_));
  else
    LP_CHECK(open_folder(*bundle.state_, replace));
  return bundle;
}

Result<void> DebugBundle::add(const std::string& path, Bytes bytes) {
  if (state_->writer) return add_member(*state_, path, bytes);
  state_->size += bytes.size();
  return state_->folder->add_file(path, bytes, 0644);
}

Result<void> DebugBundle::finish() {
  State& state = *state_;
  if (state.writer) {
    if (archive_write_close(state.writer->handle) != ARCHIVE_OK) return state.archive_error();
    LP_TRY(state.pending, state.file->hand_over());
    return {};
  }
  LP_CHECK(state.folder->finish());
  state.pending = state.folder->hand_over();
  return {};
}

std::uint64_t DebugBundle::size() const {
  return state_->size;
}

Result<void> DebugBundle::put_into_place() {
  LP_CHECK(move_into_place(*state_));
  state_->in_place = true;
  return {};
}

void DebugBundle::keep() {
  state_->kept = true;
}

std::string archive_library_version() {
  const char* const zstd = archive_libzstd_version();
  return fmt::format("{} (zstd {})", archive_version_string(), zstd != nullptr ? zstd : "none");
}

}  // namespace lambdapack
