// Parsing tar headers: ustar, GNU and old ones (https://www.gnu.org/software/tar/manual/html_node/Standard.html).
//
// Parsed here and not by libarchive, which converts names to the locale and to one Unicode normal form: a package's
// names must stay the bytes they are.
#include "package/tar_header.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace lambdapack {
namespace {

// A text field ends at its first NUL or where it is full.
std::string_view text_field(Bytes block, std::size_t offset, std::size_t size) {
  const std::string_view field = as_text(block.subspan(offset, size));
  return field.substr(0, field.find('\0'));
}

// Octal digits, maybe with spaces around; or base 256 when the first bit is set (GNU, for sizes from 8 GiB on). An
// empty field is 0.
std::optional<std::uint64_t> number_field(Bytes block, std::size_t offset, std::size_t size) {
  const Bytes field = block.subspan(offset, size);
  if ((field[0] & 0x80) != 0) {
    std::uint64_t value = field[0] & 0x7Fu;
    for (const std::uint8_t byte : field.subspan(1)) {
      if (value >> 55 != 0) return std::nullopt;
      value = value << 8 | byte;
    }
    return value;
  }
  std::string_view text = text_field(block, offset, size);
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  std::uint64_t value = 0;
  if (text.empty()) return value;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <class Number>
std::optional<Number> decimal(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || text.empty() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool checksum_is_right(Bytes block) {
  const auto expected = number_field(block, 148, 8);
  if (!expected) return false;
  std::uint64_t sum = 8 * ' ';        // the checksum's own field counts as spaces
  std::int64_t signed_sum = 8 * ' ';  // as some old tars summed
  for (std::size_t i = 0; i < kTarBlock; ++i) {
    if (i >= 148 && i < 156) continue;
    sum += block[i];
    signed_sum += static_cast<std::int8_t>(block[i]);
  }
  return sum == *expected || (signed_sum >= 0 && static_cast<std::uint64_t>(signed_sum) == *expected);
}

}  // namespace

std::optional<TarHeader> parse_tar_header(Bytes block) {
  if (block.size() < kTarBlock || !checksum_is_right(block)) return std::nullopt;
  const auto mode = number_field(block, 100, 8), size = number_field(block, 124, 12),
             mtime = number_field(block, 136, 12);
  if (!mode || !size) return std::nullopt;
  TarHeader header;
  header.type = static_cast<char>(block[156]);
  header.mode = static_cast<std::uint32_t>(*mode & 07777);
  header.size = *size;
  // Dates before 1970 are negative in base 256; nothing here depends on them.
  header.mtime = mtime ? static_cast<std::int64_t>(std::min<std::uint64_t>(*mtime, 0x7FFFFFFFFFFF)) : 0;
  header.name = text_field(block, 0, 100);
  header.link = text_field(block, 157, 100);
  // "ustar\0" has a prefix of the name; GNU's "ustar  \0" has other things there.
  if (as_text(block.subspan(257, 6)) == std::string_view("ustar\0", 6))
    if (const std::string_view prefix = text_field(block, 345, 155); !prefix.empty())
      header.name = std::string(prefix) + '/' + header.name;
  return header;
}

std::optional<PaxValues> parse_pax(std::string_view records) {
  PaxValues values;
  while (!records.empty()) {
    const std::size_t space = records.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const auto length = decimal<std::size_t>(records.substr(0, space));
    if (!length || *length <= space + 1 || *length > records.size() || records[*length - 1] != '\n')
      return std::nullopt;
    const std::string_view record = records.substr(space + 1, *length - space - 2);
    records.remove_prefix(*length);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view key = record.substr(0, equals), value = record.substr(equals + 1);
    if (key == "path") values.path = std::string(value);
    if (key == "linkpath") values.link = std::string(value);
    if (key == "size") {
      values.size = decimal<std::uint64_t>(value);
      if (!values.size) return std::nullopt;
    }
    if (key == "mtime") values.mtime = decimal<std::int64_t>(value.substr(0, value.find('.')));
    if (key.starts_with("GNU.sparse.")) values.sparse = true;
  }
  return values;
}

}  // namespace lambdapack
