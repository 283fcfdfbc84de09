// Magic numbers, with the look-alikes kept apart.
#include "elf/file_type.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "elf/read_elf.h"

namespace lambdapack {

namespace {

std::uint32_t big_endian_32(Bytes head, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = offset; i < offset + 4; ++i) value = value << 8 | head[i];
  return value;
}

// ar(5) is also the format of Debian packages, whose first member is "debian-binary". A static archive starts with its
// symbol table ("/", "/SYM64/", BSD's "__.SYMDEF"), its long names ("//", "#1/"), an object file, or nothing at all.
bool is_static_archive(std::string_view head) {
  if (head.starts_with("!<thin>\n")) return true;
  if (!head.starts_with("!<arch>\n")) return false;
  const std::string_view name = head.substr(8, 16);
  return name.empty() || name.starts_with("/") || name.starts_with("#1/") || name.starts_with("__.SYMDEF") ||
         name.find(".o") != std::string_view::npos;
}

bool is_mach_o(Bytes head) {
  if (head.size() < 8) return false;
  switch (big_endian_32(head, 0)) {
    case 0xfeedface:
    case 0xfeedfacf:
    case 0xcefaedfe:
    case 0xcffaedfe:
    case 0xcafebabf: return true;
    // A universal binary; Java class files start with the same bytes, then minor and major version. Major is 45 or
    // more, and no universal binary has that many architectures (file(1) draws the line in the same place).
    case 0xcafebabe: return big_endian_32(head, 4) < 45 && big_endian_32(head, 4) > 0;
    default: return false;
  }
}

}  // namespace

FileType file_type(Bytes head) {
  const std::string_view text = as_text(head);
  if (has_elf_magic(head)) return FileType::elf;
  if (text.starts_with("#!")) return FileType::script;
  if (text.starts_with("PK\3\4") || text.starts_with("PK\5\6")) return FileType::archive;
  if (is_static_archive(text)) return FileType::static_archive;
  if (is_mach_o(head)) return FileType::mach_o;
  if (text.starts_with("MZ") && head.size() >= 64) return FileType::pe;
  return FileType::other;
}

std::uint64_t pe_header_offset(Bytes head) {
  std::uint64_t offset = 0;
  for (int i = 3; i >= 0; --i) offset = offset << 8 | head[0x3c + i];
  return offset;
}

std::string shebang(Bytes head) {
  const std::string_view text = as_text(head);
  return std::string(text.substr(2, std::min(text.find('\n'), text.size()) - 2));
}

bool has_library_name(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.ends_with(".node")) return true;
  const std::size_t mark = name.rfind(".so");
  if (mark == std::string_view::npos || mark == 0) return false;
  return std::ranges::all_of(name.substr(mark + 3), [](unsigned char c) { return c == '.' || std::isdigit(c) != 0; });
}

std::string_view link_text(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  const bool one_name = std::ranges::none_of(text, [](unsigned char c) { return c <= ' ' || c == 0x7f; });
  return one_name && has_library_name(text) ? text : std::string_view();
}

bool is_linker_script(std::string_view head) {
  if (head.find("GNU ld script") != std::string_view::npos) return true;
  const std::size_t start = head.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return false;
  const std::string_view first = head.substr(start);
  return std::ranges::any_of(std::to_array<std::string_view>({"INPUT", "GROUP", "OUTPUT_FORMAT"}),
                             [&](std::string_view word) {
                               if (!first.starts_with(word)) return false;
                               const std::size_t next = first.find_first_not_of(" \t", word.size());
                               return next != std::string_view::npos && first[next] == '(';
                             });
}

}  // namespace lambdapack
