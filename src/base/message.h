// Numbers and texts as bytes, between two processes of the same machine. Whoever reads checks: the writer may have gone
// wrong in any way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace lambdapack {

class MessageWriter {
 public:
  template <class Number>
  void number(Number value) {
    append(&value, sizeof value);
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    append(value.data(), value.size());
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  void append(const void* data, std::size_t size) {
    const std::size_t end = bytes_.size();
    bytes_.resize(end + size);
    if (size > 0) std::memcpy(bytes_.data() + end, data, size);
  }

  std::vector<std::uint8_t> bytes_;
};

// What is not there reads as 0 or "", and the message is not sound any more.
class MessageReader {
 public:
  explicit MessageReader(Bytes bytes) : bytes_(bytes) {}

  template <class Number>
  Number number() {
    Number value{};
    if (bytes_.size() < sizeof value) {
      sound_ = false;
      bytes_ = {};
      return value;
    }
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_ = bytes_.subspan(sizeof value);
    return value;
  }
  std::string text() {
    const auto size = number<std::uint32_t>();
    if (size > bytes_.size()) {
      sound_ = false;
      bytes_ = {};
      return {};
    }
    std::string value(as_text(bytes_.first(size)));
    bytes_ = bytes_.subspan(size);
    return value;
  }

  bool sound() const { return sound_; }
  bool sound_end() const { return sound_ && bytes_.empty(); }  // all of it was read, and all was there

 private:
  Bytes bytes_;
  bool sound_ = true;
};

}  // namespace lambdapack
