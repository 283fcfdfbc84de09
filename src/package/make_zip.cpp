// A package's zip as pieces in memory: files are compressed in parallel, the pieces are put together in the order of
// paths.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/parallel.h"
#include "package/collect_files.h"
#include "package/deflate.h"
#include "package/layers.h"
#include "package/write_package.h"
#include "package/zip_entry.h"
#include "package/zip_format.h"

namespace lambdapack {
namespace {

// An entry with its bytes: `head` is the local header, with the data behind it when they are packed.
struct Packed {
  ZipEntry entry;
  Content head;
  Content stored;  // data that deflate does not make smaller: the file's own bytes, without a copy
};

Result<Packed> pack_file(const Package& package, const PackageFile& file, Level level) {
  Packed packed;
  packed.entry = describe_entry(file);
  if (packed.entry.name.size() > 0xFFFF)
    return fail(member_name(package.source, file.path), "has a name of more than 65,535 bytes, which no zip can hold",
                "give it a shorter one");
  const Content content = file.kind == FileKind::symlink ? Content::from_text(file.link_target) : file.content;
  std::optional<std::vector<std::uint8_t>> data;
  if (file.kind != FileKind::directory) {
    LP_TRY(const Bytes bytes, content.read());
    packed.entry.size = bytes.size();
    packed.entry.crc = crc32(bytes);
    // Links stay readable in the zip itself; they are too short to gain.
    if (file.kind == FileKind::regular) data = deflate(bytes, level);
  }
  packed.entry.method = data ? zip::kDeflated : zip::kStored;
  packed.entry.packed_size = data ? data->size() : packed.entry.size;
  std::vector<std::uint8_t> head = local_header(packed.entry);
  if (data)
    head.insert(head.end(), data->begin(), data->end());
  else if (file.kind != FileKind::directory)
    packed.stored = content;
  packed.head = Content::from_bytes(std::move(head));
  return packed;
}

// The largest files first: one that is begun last would keep a single thread busy at the end.
std::vector<std::size_t> largest_first(const Package& package) {
  std::vector<std::size_t> order(package.files.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(~package.files[i].size(), i); });
  return order;
}

}  // namespace

std::uint32_t output_mode(const PackageFile& file) {
  if (file.kind == FileKind::symlink) return 0777;
  if (file.kind == FileKind::directory || (file.mode & 0111) != 0 || file.path == "bootstrap") return 0755;
  return is_extension(file.path, true) ? 0755 : 0644;
}

Result<ZipImage> make_zip(const Package& package, const WriteOptions& options) {
  const std::vector<std::size_t> order = largest_first(package);
  std::uint64_t total = 0;
  for (const PackageFile& file : package.files) total += file.size();
  const Level level = level_for(options.level, total);
  std::vector<std::optional<Result<Packed>>> packed(order.size());
  parallel_for(order.size(), options.threads,
               [&](std::size_t i) { packed[order[i]] = pack_file(package, package.files[order[i]], level); });

  ZipImage image;
  std::vector<ZipEntry> entries;
  entries.reserve(packed.size());
  image.written.files.reserve(packed.size());
  std::uint64_t offset = 0;
  for (std::size_t i = 0; i < packed.size(); ++i) {
    LP_TRY(Packed file, *std::move(packed[i]));
    file.entry.offset = offset;
    offset += file.head.size() + file.stored.size();
    image.written.files.push_back({package.files[i].path, file.entry.size, file.entry.packed_size});
    entries.push_back(std::move(file.entry));
    image.pieces.push_back(std::move(file.head));
    if (file.stored.size() > 0) image.pieces.push_back(std::move(file.stored));
  }
  image.pieces.push_back(Content::from_bytes(central_directory(entries, offset)));

  Sha256Stream hash;
  for (const Content& piece : image.pieces) {
    LP_TRY(const Bytes bytes, piece.read());
    hash.add(bytes);
    image.written.zip_bytes += bytes.size();
  }
  image.written.sha256 = hash.finish();
  return image;
}

}  // namespace lambdapack
