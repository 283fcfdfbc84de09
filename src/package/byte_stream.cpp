// Decompression by libarchive's filters, without any of its formats ("raw"); see byte_stream.h.
#include "package/byte_stream.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstring>

namespace lambdapack {
namespace {

class PlainStream : public ByteStream {
 public:
  explicit PlainStream(Bytes bytes) : bytes_(bytes) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    const std::size_t count = std::min(into.size(), bytes_.size());
    std::copy_n(bytes_.begin(), count, into.begin());
    bytes_ = bytes_.subspan(count);
    return count;
  }

 private:
  Bytes bytes_;
};

struct FreeArchive {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using Archive = std::unique_ptr<archive, FreeArchive>;

std::unexpected<Error> damaged(const std::string& name, archive* handle) {
  const char* const why = archive_error_string(handle);
  return fail(name, std::string("cannot be decompressed: ") + (why != nullptr ? why : "damaged"),
              "fetch or build it again");
}

class DecompressedStream : public ByteStream {
 public:
  DecompressedStream(std::string name, Archive handle) : name_(std::move(name)), handle_(std::move(handle)) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    std::size_t done = 0;
    while (done < into.size()) {
      const la_ssize_t got = archive_read_data(handle_.get(), into.data() + done, into.size() - done);
      if (got < 0) return damaged(name_, handle_.get());
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

 private:
  std::string name_;
  Archive handle_;
};

}  // namespace

std::unique_ptr<ByteStream> plain_stream(Bytes bytes) {
  return std::make_unique<PlainStream>(bytes);
}

Result<std::unique_ptr<ByteStream>> decompressed_stream(const std::string& name, Bytes bytes) {
  Archive handle(archive_read_new());
  if (!handle) return fail(name, "cannot be decompressed: no memory");
  archive_read_support_filter_gzip(handle.get());
  archive_read_support_filter_bzip2(handle.get());
  archive_read_support_filter_xz(handle.get());
  archive_read_support_filter_zstd(handle.get());
  archive_read_support_format_raw(handle.get());
  archive_read_support_format_empty(handle.get());
  if (archive_read_open_memory(handle.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
    return damaged(name, handle.get());
  archive_entry* entry = nullptr;
  const int status = archive_read_next_header(handle.get(), &entry);
  if (status == ARCHIVE_EOF) return plain_stream({});
  if (status != ARCHIVE_OK) return damaged(name, handle.get());
  return std::make_unique<DecompressedStream>(name, std::move(handle));
}

}  // namespace lambdapack
