// Which symbols and versions does the file ask for, and which names does it offer to plugin loaders?
//
// Nothing in an ELF file says how many dynamic symbols there are. DT_HASH does as a side effect; from DT_GNU_HASH it
// follows when anything is exported; else the section header or the distance to the string table must do. All counts
// are bounded by the bytes that exist, all walks by steps.
#include "elf/dynamic_symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/sort_unique.h"
#include "elf/elf_format.h"
#include "elf/read_dynamic.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kLongestSymbol = 1 << 16;  // the longest C++ names seen in the wild are about 20 KB
constexpr std::uint64_t kMostVersions = 1 << 15;   // versym entries have 15 bits
constexpr std::size_t kMostNodeApi = 512;          // Node-API has about 160 functions
constexpr std::size_t kMostEntryPoints = 16;       // JNI libraries export thousands; a few tell the same

// Old S/390 and Alpha 64-bit files have 8-byte words in DT_HASH, against the gABI (binutils:
// elf_backend_hash_entry_size).
bool has_wide_hash(const ElfLayout& layout) {
  return layout.reader.is64() && (layout.header.machine == 22 || layout.header.machine == 0x9026);
}

// The number of symbols by DT_GNU_HASH; nothing when no symbol is hashed.
std::optional<std::uint64_t> count_by_gnu_hash(const ElfReader& table) {
  const std::uint64_t buckets = table.u32(0), first_hashed = table.u32(4), bloom = table.u32(8);
  const std::uint64_t bucket_offset = 16 + bloom * table.word_size(), chain_offset = bucket_offset + 4 * buckets;
  if (chain_offset > table.size()) return std::nullopt;
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < buckets; ++i) last = std::max<std::uint64_t>(last, table.u32(bucket_offset + 4 * i));
  if (last < first_hashed || last == 0) return std::nullopt;
  // The chain of the highest bucket ends, with its lowest bit set, at the last symbol.
  for (std::uint64_t offset = chain_offset + 4 * (last - first_hashed); offset + 4 <= table.size(); offset += 4, ++last)
    if ((table.u32(offset) & 1) != 0) return last + 1;
  return std::nullopt;
}

std::uint64_t count_symbols(const ElfLayout& layout, const SymbolTables& tables, std::uint64_t room) {
  std::optional<std::uint64_t> count;
  if (tables.hash) {
    const ElfReader table = at_address(layout, *tables.hash);
    count = has_wide_hash(layout) ? table.u64(8) : table.u32(4);
  }
  if (!count && tables.gnu_hash) count = count_by_gnu_hash(at_address(layout, *tables.gnu_hash));
  if (count) return *count;
  for (const ElfSectionHeader& section : layout.sections)
    if (section.type == kShtDynsym && section.address == *tables.symtab)
      return section.size / (layout.reader.is64() ? 24 : 16);
  // Linkers put the string table right behind the symbols. Where a later tool moved it, the distance is no count.
  if (tables.strtab && *tables.strtab > *tables.symtab)
    return std::min(room, (*tables.strtab - *tables.symtab) / (layout.reader.is64() ? 24 : 16));
  return 0;
}

class SymbolVersions {
 public:
  SymbolVersions(const ElfLayout& layout, const SymbolTables& tables, ElfInfo& info)
      : layout_(layout), tables_(tables), info_(info) {
    if (tables.verneed) read_needs();
    if (tables.verdef) read_definitions();
    std::ranges::sort(info_.versions_needed);
    const auto repeated = std::ranges::unique(info_.versions_needed);
    info_.versions_needed.erase(repeated.begin(), repeated.end());
    std::ranges::sort(info_.versions_defined);
  }

  // The version of a versym entry that asks for another library's symbol; nullptr for local, base and own versions.
  const std::string* needed(std::uint16_t index) const {
    const auto found = needed_by_index_.find(index & ~kVersymHidden);
    return found == needed_by_index_.end() ? nullptr : &found->second;
  }

 private:
  void bad(std::string message, bool fatal = false) {
    add_problem(info_.problems, "elf-bad-versions", std::move(message), fatal);
  }

  std::string text(std::uint64_t offset, std::string_view what) {
    if (const auto found = tables_.strings.text(offset, 4096)) return std::string(*found);
    bad(fmt::format("has a {} at {}, outside its {} bytes of dynamic strings", what, offset, tables_.strings.size()),
        true);
    return {};
  }

  // Verneed: vn_version 2, vn_cnt 2, vn_file 4, vn_aux 4, vn_next 4. Vernaux: hash 4, flags 2, other 2, name 4, next 4.
  void read_needs() {
    const ElfReader table = at_address(layout_, *tables_.verneed);
    if (table.size() < 16) return bad("has its needed versions at an address that no PT_LOAD holds", true);
    std::uint64_t steps = 0;
    for (std::uint64_t offset = 0, i = 0; i < tables_.verneed_count; ++i) {
      if (offset + 16 > table.size()) return bad("has needed versions past the end of their segment");
      const std::string library = text(table.u32(offset + 4), "library of a version");
      std::uint64_t aux = offset + table.u32(offset + 8);
      for (std::uint32_t left = table.u16(offset + 2); left > 0; --left) {
        if (++steps > kMostVersions) return bad(fmt::format("needs more than {} symbol versions", kMostVersions));
        if (aux + 16 > table.size()) return bad("has needed versions past the end of their segment");
        std::string version = text(table.u32(aux + 8), "version name");
        needed_by_index_.emplace(table.u16(aux + 6) & ~kVersymHidden, version);
        info_.versions_needed.push_back({library, std::move(version), (table.u16(aux + 4) & kVerFlgWeak) != 0});
        const std::uint32_t next = table.u32(aux + 12);
        if (next == 0) break;
        aux += next;
      }
      const std::uint32_t next = table.u32(offset + 12);
      if (next == 0) return;
      offset += next;
    }
  }

  // Verdef: version 2, flags 2, index 2, cnt 2, hash 4, aux 4, next 4. The first Verdaux (name 4) has the name.
  void read_definitions() {
    const ElfReader table = at_address(layout_, *tables_.verdef);
    if (table.size() < 20) return bad("has its own versions at an address that no PT_LOAD holds", true);
    for (std::uint64_t offset = 0, i = 0; i < tables_.verdef_count; ++i) {
      if (i > kMostVersions) return bad(fmt::format("defines more than {} symbol versions", kMostVersions));
      if (offset + 20 > table.size()) return bad("has its own versions past the end of their segment");
      const std::uint64_t aux = offset + table.u32(offset + 12);
      if (aux + 4 > table.size()) return bad("has its own versions past the end of their segment");
      if ((table.u16(offset + 2) & kVerFlgBase) == 0)
        info_.versions_defined.push_back(text(table.u32(aux), "version name"));
      const std::uint32_t next = table.u32(offset + 16);
      if (next == 0) return;
      offset += next;
    }
  }

  const ElfLayout& layout_;
  const SymbolTables& tables_;
  ElfInfo& info_;
  std::map<std::uint16_t, std::string> needed_by_index_;
};

// What a program calls to learn what the processor can do, sorted. __getauxval is left out: libgcc's own arm64 atomics
// import it, and hardly anybody else does.
constexpr auto kProcessorQueries = std::to_array<std::string_view>({
    "_ZN3hwy16SupportedTargetsEv",   // Highway
    "__cpu_features2",               // libgcc, for __builtin_cpu_supports
    "__cpu_indicator_init",          // the same
    "__cpu_model",                   // the same
    "__get_cpu_features",            // glibc
    "__x86_get_cpuid_feature_leaf",  // glibc's sys/platform/x86.h
    "cpuinfo_initialize",            // github.com/pytorch/cpuinfo
    "elf_aux_info",                  // BSD, and libraries that stand in for it
    "getauxval",                     // AT_HWCAP
});

struct Symbol {
  std::uint32_t name = 0;
  std::uint16_t section = 0;  // 0: undefined
  std::uint8_t type = 0;      // STT_*
  bool exported = false, weak = false;
};

Symbol read_symbol(const ElfReader& table, std::uint64_t offset) {
  const std::uint64_t info = offset + (table.is64() ? 4 : 12);
  const std::uint8_t visibility = table.u8(info + 1) & 3;
  return {table.u32(offset), table.u16(info + 2), static_cast<std::uint8_t>(table.u8(info) & 15),
          (table.u8(info) >> 4) != kStbLocal && visibility != kStvHidden && visibility != kStvInternal,
          (table.u8(info) >> 4) == kStbWeak};
}

}  // namespace

void read_dynamic_symbols(const ElfLayout& layout, const SymbolTables& tables, ElfInfo& info) {
  const SymbolVersions versions(layout, tables, info);
  if (!tables.symtab) return;
  const auto bad = [&](std::string message) {
    add_problem(info.problems, "elf-bad-symbols", std::move(message), false);
  };
  const std::uint64_t entry_size = layout.reader.is64() ? 24 : 16;
  if (tables.symbol_size && *tables.symbol_size != entry_size)
    return bad(fmt::format("has dynamic symbols of {} bytes, not {}", *tables.symbol_size, entry_size));
  const ElfReader table = at_address(layout, *tables.symtab);
  const std::uint64_t room = table.size() / entry_size;
  std::uint64_t count = count_symbols(layout, tables, room);
  if (count > room) {
    bad(fmt::format("has {} dynamic symbols where {} fit", count, room));
    count = room;
  }
  const ElfReader versym = tables.versym ? at_address(layout, *tables.versym) : table.part(0, 0);

  // Names may overlap in a hostile file, so that few bytes spell gigabytes.
  std::uint64_t budget = 4 * info.file_size + (1 << 20);
  for (std::uint64_t i = 1; i < count; ++i) {
    const Symbol symbol = read_symbol(table, i * entry_size);
    const bool defined = symbol.section != 0;
    if (symbol.name == 0 || (defined && !symbol.exported)) continue;
    const auto name = tables.strings.text(symbol.name, kLongestSymbol);
    if (!name) {
      bad(fmt::format("has a symbol name at {}, outside its {} bytes of dynamic strings", symbol.name,
                      tables.strings.size()));
      continue;
    }
    if (is_entry_point(*name, defined)) {
      info.entry_points.emplace_back(*name);
      if (info.entry_points.size() >= 4096) {
        sort_unique(info.entry_points);
        info.entry_points.resize(std::min(info.entry_points.size(), kMostEntryPoints));
      }
    }
    if (symbol.type == kSttGnuIfunc) info.asks_processor = true;
    if (defined) continue;
    if (!symbol.weak && (name->starts_with("napi_") || name->starts_with("node_api_")) &&
        info.node_api.size() < kMostNodeApi)
      info.node_api.emplace_back(*name);
    if (std::ranges::binary_search(kProcessorQueries, *name)) info.asks_processor = true;
    if (opens_libraries(*name)) info.calls_dlopen = true;
    const std::string* version = versions.needed(versym.u16(2 * i));
    if (version == nullptr) continue;
    const std::uint64_t length = name->size() + 1 + version->size();
    if (length > budget) return bad("has symbol names that overlap");
    budget -= length;
    info.undefined_symbols.push_back(fmt::format("{}@{}", *name, *version));
  }
  sort_unique(info.undefined_symbols);
  sort_unique(info.node_api);
  sort_unique(info.entry_points);
  if (info.entry_points.size() > kMostEntryPoints) info.entry_points.resize(kMostEntryPoints);
}

std::vector<ExportedFunction> exported_functions(const ElfLayout& layout, const SymbolTables& tables) {
  std::vector<ExportedFunction> functions;
  if (!tables.symtab) return functions;
  const ElfReader table = at_address(layout, *tables.symtab);
  const std::uint64_t entry_size = layout.reader.is64() ? 24 : 16, room = table.size() / entry_size;
  const std::uint64_t count = std::min(count_symbols(layout, tables, room), room);
  for (std::uint64_t i = 1; i < count; ++i) {
    const Symbol symbol = read_symbol(table, i * entry_size);
    if (symbol.section == 0 || !symbol.exported || symbol.type != kSttFunc) continue;
    const auto name = tables.strings.text(symbol.name, kLongestSymbol);
    if (!name) continue;
    functions.push_back({table.word(i * entry_size + (layout.reader.is64() ? 8 : 4)),
                         table.word(i * entry_size + (layout.reader.is64() ? 16 : 8)), *name});
  }
  return functions;
}

}  // namespace lambdapack
