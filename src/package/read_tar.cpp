// Walks a tar from header to header. Memory follows the bytes that really come, never the size that a header declares,
// and every byte counts against a limit.
#include "package/read_tar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "package/byte_stream.h"
#include "package/tar_header.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kMaxMeta = 1 << 20;         // bytes of one long name or pax record: names have at most 4096
constexpr std::uint64_t kMaxMetaTotal = 256 << 20;  // of all of them
constexpr std::uint64_t kMaxPadding = 16 << 20;     // behind the end mark; tar pads to 10 KiB, tapes to more
constexpr std::size_t kChunk = 1 << 20;

using Block = std::array<std::uint8_t, kTarBlock>;

class TarReader {
 public:
  TarReader(ByteStream& stream, FileCollector& collector) : stream_(stream), collector_(collector) {}

  Result<void> read() {
    for (bool first = true;; first = false) {
      Block block;
      LP_TRY(const std::size_t got, stream_.read(block));
      if (first && !has_tar_header(Bytes(block).first(got)))
        return fail(printable(collector_.source()), "is compressed but holds no tar",
                    "pass a folder, a zip, a tar or an ELF file");
      if (got < block.size()) return truncated();
      if (std::ranges::all_of(block, [](std::uint8_t byte) { return byte == 0; })) return drain();
      auto header = parse_tar_header(block);
      if (!header)
        return fail(printable(collector_.source()), "is a damaged tar: a header's checksum is wrong",
                    "fetch or build it again");
      LP_CHECK(add(*std::move(header)));
    }
  }

 private:
  Result<void> add(TarHeader header) {
    switch (header.type) {
      case 'L': return take_meta(header.size, [&](std::string text) { return set_name(next_.path, std::move(text)); });
      case 'K': return take_meta(header.size, [&](std::string text) { return set_name(next_.link, std::move(text)); });
      case 'x':
      case 'X': return take_meta(header.size, [&](std::string text) { return take_pax(text); });
      case 'g':
        return take_meta(header.size, [](const std::string&) { return true; });  // comments, as git archive writes
      default: break;
    }
    const PaxValues values = std::exchange(next_, {});
    if (values.path) header.name = *values.path;
    if (values.link) header.link = *values.link;
    if (values.size) header.size = *values.size;
    if (values.mtime) header.mtime = *values.mtime;
    if (header.type == 'V') return {};  // the label of a volume
    return add_member(header, values.sparse);
  }

  Result<void> add_member(const TarHeader& header, bool sparse) {
    const std::string subject = member_name(collector_.source(), header.name);
    LP_TRY(std::string path, member_path(collector_.source(), header.name));
    PackageFile file;
    file.path = std::move(path);
    file.mode = header.mode;
    file.mtime = header.mtime;
    switch (header.type) {
      case '\0':
      case '0':
      case '7':
        if (sparse) return refuse_sparse(subject);
        // Before there was a type for folders they were files whose name ends in "/".
        if (header.name.ends_with('/') && header.size == 0) return add_folder(std::move(file));
        return add_file(subject, std::move(file), header.size);
      case '1': return add_hard_link(subject, std::move(file), header);
      case '2':
        if (header.link.empty()) return fail(subject, "is a link without a target", "make the archive again");
        file.kind = FileKind::symlink;
        file.mode = 0777;
        file.link_target = header.link;
        LP_CHECK(collector_.count(0));
        return keep(subject, std::move(file));
      case '5': return add_folder(std::move(file));
      case 'D': LP_CHECK(skip(header.size)); return add_folder(std::move(file));
      case 'S': return refuse_sparse(subject);
      case '3':
      case '4':
      case '6':
        return fail(subject, "is a device or FIFO, which a package cannot hold", "make the archive again without it");
      default:
        return fail(subject,
                    fmt::format("has type \"{}\", which lambdapack does not know", printable({&header.type, 1})),
                    "make the archive again with tar --format=pax");
    }
  }

  Result<void> add_folder(PackageFile file) {
    LP_CHECK(collector_.count(0));
    file.kind = FileKind::directory;
    if (!file.path.empty()) collector_.add(std::move(file));  // "./" is the package itself
    return {};
  }

  Result<void> add_file(const std::string& subject, PackageFile file, std::uint64_t size) {
    if (!collector_.wants(file.path)) {
      LP_CHECK(skip(size));
      return keep(subject, std::move(file));
    }
    LP_CHECK(collector_.count(size));
    LP_TRY(std::vector<std::uint8_t> bytes, take(size));
    LP_CHECK(skip_padding(size));
    file.content = Content::from_bytes(std::move(bytes));
    contents_[file.path] = file.content;
    return keep(subject, std::move(file));
  }

  // Becomes a copy: a zip has no hard links.
  Result<void> add_hard_link(const std::string& subject, PackageFile file, const TarHeader& header) {
    if (header.size != 0) return fail(subject, "is a hard link with bytes of its own", "make the archive again");
    LP_TRY(const std::string target, member_path(collector_.source(), header.link));
    const auto found = contents_.find(target);
    if (found == contents_.end())
      return fail(subject, fmt::format("is a hard link to {}, which is no file before it", printable(header.link)),
                  "make the archive again with --hard-dereference");
    LP_CHECK(collector_.count(found->second.size()));
    file.content = found->second;
    contents_[file.path] = file.content;
    return keep(subject, std::move(file));
  }

  Result<void> keep(const std::string& subject, PackageFile file) {
    if (file.path.empty()) return fail(subject, "has no name", "make the archive again");
    collector_.add(std::move(file));
    return {};
  }

  template <class Use>
  Result<void> take_meta(std::uint64_t size, Use use) {
    meta_bytes_ += kTarBlock + size;
    if (size > kMaxMeta || meta_bytes_ > kMaxMetaTotal)
      return fail(printable(collector_.source()), fmt::format("has a name or pax record of {} bytes", size),
                  "make the archive again");
    LP_TRY(const std::vector<std::uint8_t> bytes, take(size));
    LP_CHECK(skip_padding(size));
    if (!use(std::string(as_text(bytes))))
      return fail(printable(collector_.source()), "is a damaged tar: a pax record is malformed",
                  "fetch or build it again");
    return {};
  }

  static bool set_name(std::optional<std::string>& name, std::string text) {
    name = text.substr(0, text.find('\0'));
    return true;
  }

  bool take_pax(const std::string& text) {
    const auto values = parse_pax(text);
    if (!values) return false;
    if (values->path) next_.path = values->path;
    if (values->link) next_.link = values->link;
    if (values->size) next_.size = values->size;
    if (values->mtime) next_.mtime = values->mtime;
    next_.sparse = next_.sparse || values->sparse;
    return true;
  }

  Result<std::vector<std::uint8_t>> take(std::uint64_t size) {
    std::vector<std::uint8_t> bytes;
    while (bytes.size() < size) {
      const std::size_t start = bytes.size();
      bytes.resize(start + static_cast<std::size_t>(std::min<std::uint64_t>(size - start, std::max(kChunk, start))));
      LP_TRY(const std::size_t got, stream_.read(std::span(bytes).subspan(start)));
      if (start + got < bytes.size()) return truncated();
    }
    return bytes;
  }

  Result<void> skip(std::uint64_t size) {
    LP_CHECK(collector_.count(size));  // bytes that are unpacked, though not kept
    for (std::uint64_t left = size; left > 0;) {
      const std::uint64_t chunk = std::min<std::uint64_t>(left, kChunk);
      LP_CHECK(take(chunk));
      left -= chunk;
    }
    return skip_padding(size);
  }

  Result<void> skip_padding(std::uint64_t size) {
    Block padding;
    const std::size_t count = static_cast<std::size_t>((kTarBlock - size % kTarBlock) % kTarBlock);
    LP_TRY(const std::size_t got, stream_.read(std::span(padding).first(count)));
    if (got < count) return truncated();
    return {};
  }

  // To the end of the stream: only there the compressor's checksum is compared.
  Result<void> drain() {
    std::vector<std::uint8_t> rest(kChunk);
    for (std::uint64_t total = 0;;) {
      LP_TRY(const std::size_t got, stream_.read(rest));
      if (got == 0) return {};
      total += got;
      if (total > kMaxPadding)
        return fail(printable(collector_.source()), "goes on for more than 16 MB behind the end of the tar",
                    "make the archive again");
    }
  }

  static std::unexpected<Error> refuse_sparse(const std::string& subject) {
    return fail(subject, "is a sparse file", "make the archive again without --sparse");
  }
  std::unexpected<Error> truncated() const {
    return fail(printable(collector_.source()), "is cut off: the tar has no end mark", "fetch or build it again");
  }

  ByteStream& stream_;
  FileCollector& collector_;
  PaxValues next_;                                     // for the header that comes next
  std::unordered_map<std::string, Content> contents_;  // by path, for hard links
  std::uint64_t meta_bytes_ = 0;
};

}  // namespace

bool has_tar_header(Bytes bytes) {
  return bytes.size() >= kTarBlock && bytes[0] != 0 && parse_tar_header(bytes.first(kTarBlock)).has_value();
}

bool has_compressed_magic(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  return text.starts_with("\x1f\x8b") || text.starts_with("BZh") ||
         text.starts_with(std::string_view("\xfd"
                                           "7zXZ\0",
                                           6)) ||
         text.starts_with("\x28\xb5\x2f\xfd");
}

Result<Package> read_tar(Bytes archive, FileCollector collector) {
  std::unique_ptr<ByteStream> stream = plain_stream(archive);
  if (has_compressed_magic(archive)) {
    LP_TRY(stream, decompressed_stream(printable(collector.source()), archive));
  }
  LP_CHECK(TarReader(*stream, collector).read());
  return std::move(collector).finish(InputKind::tar);
}

}  // namespace lambdapack
