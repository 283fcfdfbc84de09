// The skeleton of an ELF file: header, program headers, section headers, and the ways to get at the bytes behind them.
//
// Everything else in this folder reads through it, so the bounds are checked in one place. A number read outside the
// file is 0, a range that is not wholly inside is cut, a table longer than the file ends where the file ends.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "elf/elf_info.h"

namespace lambdapack {

// Numbers out of bytes in the file's own byte order and word size.
class ElfReader {
 public:
  ElfReader() = default;
  ElfReader(Bytes bytes, bool is64, bool little_endian) : bytes_(bytes), is64_(is64), little_(little_endian) {}

  Bytes bytes() const { return bytes_; }
  std::uint64_t size() const { return bytes_.size(); }
  bool is64() const { return is64_; }
  std::uint64_t word_size() const { return is64_ ? 8 : 4; }

  std::uint8_t u8(std::uint64_t offset) const { return static_cast<std::uint8_t>(number<1>(offset)); }
  std::uint16_t u16(std::uint64_t offset) const { return static_cast<std::uint16_t>(number<2>(offset)); }
  std::uint32_t u32(std::uint64_t offset) const { return static_cast<std::uint32_t>(number<4>(offset)); }
  std::uint64_t u64(std::uint64_t offset) const { return number<8>(offset); }
  std::uint64_t word(std::uint64_t offset) const { return is64_ ? u64(offset) : u32(offset); }

  // The part of [offset, offset+count) that exists, with the same byte order.
  ElfReader part(std::uint64_t offset, std::uint64_t count) const;

  // The text at offset up to its NUL; nothing when there is no NUL before the end or within `longest` bytes.
  std::optional<std::string_view> text(std::uint64_t offset, std::uint64_t longest) const;

  // Stores number as `count` bytes at offset of `bytes`, which must have them, in this reader's byte order.
  void write(std::span<std::uint8_t> bytes, std::uint64_t offset, std::uint64_t number, unsigned count) const {
    for (unsigned i = 0; i < count; ++i)
      bytes[offset + i] = static_cast<std::uint8_t>(number >> (little_ ? 8 * i : 8 * (count - 1 - i)));
  }

 private:
  template <unsigned count>
  std::uint64_t number(std::uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < count) return 0;
    std::uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i) {
      const unsigned shift = little_ ? 8 * i : 8 * (count - 1 - i);
      value |= std::uint64_t{bytes_[offset + i]} << shift;
    }
    return value;
  }

  Bytes bytes_;
  bool is64_ = true, little_ = true;
};

struct ElfHeader {
  std::uint8_t file_class = 0, byte_order = 0, ident_version = 0, os_abi = 0;
  std::uint16_t type = 0, machine = 0;
  std::uint32_t version = 0;
  std::uint64_t program_headers = 0, section_headers = 0;  // e_phoff, e_shoff
  std::uint16_t header_size = 0, program_header_size = 0, program_header_count = 0;
  std::uint16_t section_header_size = 0, section_header_count = 0, section_name_index = 0;
};

struct ElfSectionHeader {
  std::uint32_t name = 0, type = 0;
  std::uint64_t flags = 0, address = 0, offset = 0, size = 0;
  std::uint32_t link = 0, info = 0;
  std::uint64_t alignment = 0, entry_size = 0;
  std::string_view name_text;  // into the file
};

struct ElfLayout {
  ElfReader reader;  // the whole file
  ElfHeader header;
  std::vector<ElfSegment> segments;        // as many as fit into the file
  std::vector<ElfSectionHeader> sections;  // the same; the null section is number 0
  std::uint64_t declared_sections = 0;     // what the header says, which may be more
  std::vector<ElfProblem> problems;        // of the header and of the two tables
};

// bytes must start with the ELF magic. Class and byte order that no specification knows are read as 64-bit
// little-endian.
ElfLayout read_layout(Bytes bytes);

// The bytes the loader would find at a virtual address: from there to the end of the file part of its PT_LOAD. Empty
// when no PT_LOAD has the address in its file part.
ElfReader at_address(const ElfLayout& layout, std::uint64_t address);

// One entry of a section header table, which must be whole, without its name's text.
ElfSectionHeader read_section_header(const ElfReader& entry);

// The section's bytes in the file; empty for SHT_NOBITS, cut at the end of the file.
ElfReader section_bytes(const ElfLayout& layout, const ElfSectionHeader& section);

// Whether [offset, offset+size) lies inside a file of file_size bytes, without overflow.
inline bool fits(std::uint64_t offset, std::uint64_t size, std::uint64_t file_size) {
  return offset <= file_size && size <= file_size - offset;
}

inline bool is_power_of_two(std::uint64_t number) {
  return number != 0 && (number & (number - 1)) == 0;
}

// The first byte after all that the headers describe: header, both tables, segments and sections, cut at the file's
// end.
std::uint64_t described_end(const ElfLayout& layout);

// .debug_info, .zdebug_line, .gdb_index, .stab and the like: what only debuggers and symbolizers read.
bool is_debug_section(std::string_view name);

// One problem per code is enough for a report: the first, or the first fatal one.
void add_problem(std::vector<ElfProblem>& problems, std::string code, std::string message, bool fatal);

}  // namespace lambdapack
