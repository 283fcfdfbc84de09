// The bytes of one file, as a cheap handle that can be copied.
//
// A file of a folder is opened and mapped when its bytes are first asked for, never before: analyze of a 200 MB folder
// touches headers and the text it scans. Members of archives and changed files own their bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace lambdapack {

class Content {
 public:
  Content();  // no bytes
  static Content from_bytes(std::vector<std::uint8_t> bytes);
  static Content from_text(std::string_view text);
  // A file on disk with the size that lstat gave. Nothing is opened yet.
  static Content from_file(std::string path, std::uint64_t size);

  std::uint64_t size() const;

  // All bytes; valid while this handle or a copy lives. Errors: the file cannot be opened, or is no longer as long as
  // it was. Thread-safe.
  Result<Bytes> read() const;

  // All bytes for one look, at less cost than read(): a small file that nobody has read before is read into `buffer`,
  // which only grows and may be used again for the next file. Valid until then, and while read()'s would be; followed
  // by release(). Errors: as read().
  Result<Bytes> read_once(std::vector<std::uint8_t>& buffer) const;

  // The first up to `count` bytes, without mapping the file: to look at the magic.
  Result<std::vector<std::uint8_t>> head(std::size_t count) const;

  // Bytes [offset, offset+count), cut at the end, without mapping the whole file.
  Result<std::vector<std::uint8_t>> slice(std::uint64_t offset, std::size_t count) const;

  // Says that nobody looks at the bytes for now, so that their memory may be given back; a no-op for owned bytes. Spans
  // from read() of *all* copies are dead afterwards: only the loop that made the mapping may call this.
  void release() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace lambdapack
