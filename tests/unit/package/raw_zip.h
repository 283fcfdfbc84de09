// Zips made by hand, with every field open to lies: what readers must refuse no zip program would write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "package/content.h"
#include "package/deflate.h"

namespace lambdapack::test {

struct RawMember {
  std::string name;
  std::string data;          // as it stands in the zip
  std::uint16_t method = 0;  // 0 stored
  std::uint32_t crc = 0;     // of the unpacked bytes
  std::uint64_t size = 0;    // declared
  std::uint32_t mode = 0;    // with type; 0: the zip is made on DOS
  std::uint16_t flags = 0;
  std::string local_name = {};  // when it differs
  bool same_data_as_first = false;
  std::string hidden = {};  // bytes behind its data, which no header counts
};

inline RawMember stored(std::string name, std::string text, std::uint32_t mode = 0100644) {
  const std::uint32_t crc = crc32(as_bytes(text));
  const std::uint64_t size = text.size();
  return {.name = std::move(name), .data = std::move(text), .crc = crc, .size = size, .mode = mode};
}

inline RawMember deflated(std::string name, const std::string& text) {
  const auto packed = deflate(as_bytes(text), Level::normal).value();
  RawMember member = stored(std::move(name), text);
  member.data = as_text(packed);
  member.method = 8;
  return member;
}

inline std::string number(std::uint64_t value, unsigned count) {
  std::string text;
  for (unsigned i = 0; i < count; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

inline std::string data_descriptor(const RawMember& member, bool with_signature) {
  return (with_signature ? number(0x08074b50, 4) : std::string()) + number(member.crc, 4) +
         number(member.data.size(), 4) + number(member.size, 4);
}

class RawZip {
 public:
  RawZip& add(const RawMember& member) {
    members_.push_back(member);
    return *this;
  }
  RawZip& behind(std::string prefix) {
    prefix_ = std::move(prefix);
    return *this;
  }
  // Offsets that count the prefix, as `zip -A` writes them.
  RawZip& adjusted() {
    base_ = prefix_.size();
    return *this;
  }
  // Bytes between the last member and the table, or behind the end record.
  RawZip& before_table(std::string text) {
    before_table_ = std::move(text);
    return *this;
  }
  RawZip& behind_end(std::string text) {
    behind_end_ = std::move(text);
    return *this;
  }
  RawZip& count(std::uint16_t count) {
    count_ = count;
    return *this;
  }

  std::string bytes() const {
    std::string out = prefix_, table;
    for (const RawMember& member : members_) {
      const std::uint64_t offset = member.same_data_as_first ? 0 : out.size() - prefix_.size() + base_;
      if (!member.same_data_as_first) {
        const std::string& name = member.local_name.empty() ? member.name : member.local_name;
        out += number(0x04034b50, 4) + number(20, 2) + common(member) + number(name.size(), 2) + number(0, 2) + name;
        out += member.data + member.hidden;
      }
      table += number(0x02014b50, 4) + number(member.mode == 0 ? 20 : 3 << 8 | 20, 2) + number(20, 2) + common(member);
      // Extra field, comment, disk, internal attributes: none.
      table += number(member.name.size(), 2) + number(0, 8) + number(static_cast<std::uint64_t>(member.mode) << 16, 4);
      table += number(offset, 4) + member.name;
    }
    const std::uint64_t count = count_ != 0 ? count_ : members_.size();
    out += before_table_;
    const std::uint64_t offset = out.size() - prefix_.size() + base_;
    return out + table + number(0x06054b50, 4) + number(0, 4) + number(count, 2) + number(count, 2) +
           number(table.size(), 4) + number(offset, 4) + number(0, 2) + behind_end_;
  }

 private:
  // flags, method, time, date, crc, sizes: the same in both headers.
  static std::string common(const RawMember& member) {
    return number(member.flags, 2) + number(member.method, 2) + number(0, 2) + number(0x21, 2) + number(member.crc, 4) +
           number(member.data.size(), 4) + number(member.size, 4);
  }
  std::vector<RawMember> members_;
  std::string prefix_, before_table_, behind_end_;
  std::uint64_t base_ = 0;
  std::uint16_t count_ = 0;
};

}  // namespace lambdapack::test
