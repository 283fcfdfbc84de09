// The dynamic symbols of one file as the loader sees them while it binds: what the file looks up, what it offers, and
// the version of each.
//
// Everything is found through PT_DYNAMIC and the hash tables, never through section headers: a symbol that is in no
// hash table is found by nobody, and an undefined symbol that no relocation names is never looked for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "elf/elf_info.h"

namespace lambdapack {

// st_info and st_other of the gABI, as far as binding asks for them.
inline constexpr std::uint8_t kBindingLocal = 0, kBindingGlobal = 1, kBindingWeak = 2, kBindingUnique = 10;
inline constexpr std::uint8_t kVisibilityInternal = 1, kVisibilityHidden = 2, kVisibilityProtected = 3;
inline constexpr std::uint8_t kTypeTls = 6, kTypeIfunc = 10;

struct DynamicSymbol {
  std::string_view name;  // into the file
  std::uint64_t value = 0;
  std::uint16_t section = 0;  // st_shndx; 0: undefined
  std::uint16_t versym = 0;   // index of its version, and kVersymHidden; 0 in a file without DT_VERSYM
  std::uint8_t binding = 0, type = 0, visibility = 0;

  bool undefined() const { return section == 0; }
  // Nobody outside the file finds it, and the file itself does not look it up.
  bool binds_locally() const {
    return binding == kBindingLocal || visibility == kVisibilityHidden || visibility == kVisibilityInternal;
  }
};

// What stands behind an index in DT_VERSYM.
struct SymbolVersion {
  std::string_view name;     // empty for local, global and the base version: those are no version to the loader
  std::string_view library;  // of a version that is needed: the file name in its Verneed record
  bool hidden = false;       // needed with bit 15 set: only an exact match will do
};

// How a symbol is looked up, by the kinds of relocation that name it (glibc: elf_machine_type_class).
inline constexpr std::uint8_t kClassPlain = 1, kClassPlt = 2, kClassCopy = 4;

struct SymbolReference {
  std::uint32_t symbol = 0;  // index in the symbol table
  std::uint8_t classes = 0;  // kClass…, one or more
  bool only_called = true;   // only jump slots name it: without BIND_NOW it is looked up at the first call
};

class SymbolTable {
 public:
  SymbolTable() = default;
  // info: what read_elf says of the same bytes, which must outlive the table. Files that are not 64-bit little-endian
  // x86-64 or AArch64, and those without dynamic symbols, give an empty table. Counts and offsets may lie: what lies
  // outside the file is left out.
  SymbolTable(Bytes bytes, const ElfInfo& info);

  std::uint32_t size() const { return count_; }     // symbols that fit into the file
  DynamicSymbol symbol(std::uint32_t index) const;  // index < size()
  // The same where its name is known to be that, at less cost; nothing when it has another.
  std::optional<DynamicSymbol> symbol(std::uint32_t index, std::string_view name) const;
  bool has_versions() const { return has_versym_; }  // DT_VERSYM
  const SymbolVersion& version(std::uint16_t versym) const;

  // What relocations name and other files may define, by symbol index.
  std::vector<SymbolReference> references() const;

  // Symbols that the loader can find, each with its GNU hash shifted right by one (the table lacks the lowest bit).
  struct Hashed {
    std::uint32_t symbol = 0, hash = 0;
  };
  // Calls visit(Hashed) for each symbol that is in the hash table that the loader uses, in its order.
  template <class Visit>
  void for_each_hashed(Visit&& visit) const {
    if (gnu_chain_.empty()) {
      for (std::uint32_t i = 1; i < sysv_count_; ++i) visit(Hashed{i, hash(symbol(i).name)});
      return;
    }
    const std::uint32_t in_chain = static_cast<std::uint32_t>(gnu_chain_.size() / 4);
    for (std::uint32_t i = 0; i < in_chain; ++i) visit(Hashed{first_hashed_ + i, load_hash(i)});
  }
  // The same hash, of a symbol that is in the GNU table without reading its name; nothing else has one for free.
  bool is_hashed(std::uint32_t symbol) const {
    return symbol >= first_hashed_ && symbol - first_hashed_ < gnu_chain_.size() / 4;
  }
  std::uint32_t stored_hash(std::uint32_t symbol) const { return load_hash(symbol - first_hashed_); }
  static std::uint32_t hash(std::string_view name);

  bool symbolic = false;  // DT_SYMBOLIC or DF_SYMBOLIC: its own definitions come first
  bool bind_now = false;
  std::uint64_t flags_1 = 0;  // DT_FLAGS_1

 private:
  struct Dynamic;
  Bytes at(std::uint64_t address) const;
  void read_hashes(const Dynamic& dynamic);
  void read_versions(const Dynamic& dynamic);
  void read_needed_versions(Bytes table, std::uint64_t count);
  void read_defined_versions(Bytes table, std::uint64_t count);
  void set_version(std::uint16_t index, const SymbolVersion& version);
  std::string_view text(std::uint64_t offset) const;
  bool has_text(std::uint64_t offset, std::string_view text) const;
  DynamicSymbol without_name(std::uint32_t index) const;
  std::uint32_t load_hash(std::uint32_t position) const;

  Bytes file_, symbols_, strings_, versym_, gnu_chain_;
  std::span<const ElfSegment> segments_;
  std::uint16_t machine_ = 0;
  std::uint32_t count_ = 0, first_hashed_ = 0, sysv_count_ = 0;
  bool has_versym_ = false;
  std::vector<SymbolVersion> versions_;
  struct Relocations {
    Bytes bytes;
    std::uint64_t address = 0;
  };
  Relocations relocations_, jump_slots_;
};

}  // namespace lambdapack
