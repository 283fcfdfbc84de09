// Which symbols of this file does the loader look up, and which can it find here?
//
// Read straight from the mapped file, without copying a name: a package has a hundred thousand symbols, and binding
// looks closely at few of them. The GNU hash table holds the hash of every symbol that can be found, so a name is only
// read when its hash is asked for. Numbers are loaded as little-endian: the two machines that Lambda has are.
#include "elf/symbol_table.h"

#include <algorithm>
#include <cstring>

#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint64_t kSymbolSize = 24, kRelocationSize = 24;
constexpr std::uint64_t kLongestSymbol = 1 << 16;
constexpr std::uint64_t kMostVersions = 1 << 15;
constexpr std::uint64_t kDtSymbolic = 16, kDtRelacount = 0x6ffffff9, kDfSymbolic = 2;

template <class T>
T load(Bytes bytes, std::uint64_t offset) {
  T value = 0;
  if (offset <= bytes.size() && bytes.size() - offset >= sizeof(T))
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

Bytes part(Bytes bytes, std::uint64_t offset, std::uint64_t size) {
  if (offset >= bytes.size()) return {};
  return bytes.subspan(offset, std::min<std::uint64_t>(size, bytes.size() - offset));
}

// elf_machine_type_class of glibc's sysdeps/{x86_64,aarch64}/dl-machine.h; 0: the relocation looks nothing up.
std::uint8_t reference_class(std::uint16_t machine, std::uint32_t type) {
  if (machine == kMachineX86_64) {
    switch (type) {
      case 0:
      case 8:
      case 37:
      case 38: return 0;          // NONE, RELATIVE, IRELATIVE, RELATIVE64
      case 5: return kClassCopy;  // COPY
      case 7:
      case 16:
      case 17:
      case 18:
      case 36: return kClassPlt;  // JUMP_SLOT, DTPMOD64, DTPOFF64, TPOFF64, TLSDESC
      default: return kClassPlain;
    }
  }
  switch (type) {
    case 0:
    case 256:
    case 1027:
    case 1032: return 0;           // NONE, NONE, RELATIVE, IRELATIVE
    case 1024: return kClassCopy;  // COPY
    case 1026:
    case 1028:
    case 1029:
    case 1030:
    case 1031: return kClassPlt;  // JUMP_SLOT, TLS_DTPMOD … TLSDESC
    default: return kClassPlain;
  }
}

bool is_jump_slot(std::uint16_t machine, std::uint32_t type) {
  return type == (machine == kMachineX86_64 ? 7U : 1026U);
}

}  // namespace

struct SymbolTable::Dynamic {
  std::uint64_t symtab = 0, strtab = 0, strsz = 0, gnu_hash = 0, hash = 0, versym = 0, verneed = 0, verneed_count = 0,
                verdef = 0, verdef_count = 0, rela = 0, rela_size = 0, rela_count = 0, jmprel = 0, jmprel_size = 0,
                flags = 0;
  bool symbolic = false, bind_now = false;

  void add(std::uint64_t tag, std::uint64_t value, std::uint64_t& df_1) {
    switch (tag) {
      case kDtSymtab: symtab = value; break;
      case kDtStrtab: strtab = value; break;
      case kDtStrsz: strsz = value; break;
      case kDtGnuHash: gnu_hash = value; break;
      case kDtHash: hash = value; break;
      case kDtVersym: versym = value; break;
      case kDtVerneed: verneed = value; break;
      case kDtVerneednum: verneed_count = value; break;
      case kDtVerdef: verdef = value; break;
      case kDtVerdefnum: verdef_count = value; break;
      case kDtRela: rela = value; break;
      case kDtRelasz: rela_size = value; break;
      case kDtRelacount: rela_count = value; break;
      case kDtJmprel: jmprel = value; break;
      case kDtPltrelsz: jmprel_size = value; break;
      case kDtFlags: flags = value; break;
      case kDtFlags1: df_1 = value; break;
      case kDtSymbolic: symbolic = true; break;
      case kDtBindNow: bind_now = true; break;
      default: break;
    }
  }
};

std::uint32_t SymbolTable::hash(std::string_view name) {
  std::uint32_t value = 5381;
  for (const char c : name) value = value * 33 + static_cast<unsigned char>(c);
  return value >> 1;
}

std::uint32_t SymbolTable::load_hash(std::uint32_t position) const {
  return load<std::uint32_t>(gnu_chain_, 4 * std::uint64_t{position}) >> 1;
}

Bytes SymbolTable::at(std::uint64_t address) const {
  for (const ElfSegment& segment : segments_) {
    if (segment.type != kPtLoad || address < segment.address || address - segment.address >= segment.file_size)
      continue;
    return part(part(file_, segment.offset, segment.file_size), address - segment.address, file_.size());
  }
  return {};
}

SymbolTable::SymbolTable(Bytes bytes, const ElfInfo& info)
    : file_(bytes), segments_(info.segments), machine_(info.machine) {
  if (!info.is64 || !info.little_endian || !info.has_dynamic) return;
  if (machine_ != kMachineX86_64 && machine_ != kMachineAArch64) return;
  Bytes entries;
  for (const ElfSegment& segment : segments_)
    if (segment.type == kPtDynamic) entries = part(at(segment.address), 0, segment.file_size);
  Dynamic dynamic;
  for (std::uint64_t offset = 0; offset + 16 <= entries.size(); offset += 16) {
    const auto tag = load<std::uint64_t>(entries, offset);
    if (tag == kDtNull) break;
    dynamic.add(tag, load<std::uint64_t>(entries, offset + 8), flags_1);
  }
  symbolic = dynamic.symbolic || (dynamic.flags & kDfSymbolic) != 0;
  bind_now = dynamic.bind_now || (dynamic.flags & kDfBindNow) != 0 || (flags_1 & kDf1Now) != 0;
  strings_ = part(at(dynamic.strtab), 0, dynamic.strsz);
  symbols_ = at(dynamic.symtab);
  if (strings_.empty() || symbols_.empty()) return;
  count_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(symbols_.size() / kSymbolSize, 0xffffffff));
  read_hashes(dynamic);
  read_versions(dynamic);
  if (dynamic.rela != 0) {
    // The loader takes the first DT_RELACOUNT entries for relative ones without a look.
    const std::uint64_t skip = std::min(dynamic.rela_count, dynamic.rela_size / kRelocationSize) * kRelocationSize;
    relocations_ = {part(part(at(dynamic.rela), 0, dynamic.rela_size), skip, dynamic.rela_size), dynamic.rela + skip};
  }
  if (dynamic.jmprel != 0) jump_slots_ = {part(at(dynamic.jmprel), 0, dynamic.jmprel_size), dynamic.jmprel};
}

// The GNU table wins where there are both. Its chain ends with the chain of the highest bucket.
void SymbolTable::read_hashes(const Dynamic& dynamic) {
  if (dynamic.gnu_hash != 0) {
    const Bytes table = at(dynamic.gnu_hash);
    const std::uint64_t buckets = load<std::uint32_t>(table, 0), bloom = load<std::uint32_t>(table, 8);
    first_hashed_ = load<std::uint32_t>(table, 4);
    const Bytes bucket_bytes = part(table, 16 + 8 * bloom, 4 * buckets),
                chain = part(table, 16 + 8 * bloom + 4 * buckets, table.size());
    std::uint32_t last = 0;
    for (std::uint64_t offset = 0; offset + 4 <= bucket_bytes.size(); offset += 4)
      last = std::max(last, load<std::uint32_t>(bucket_bytes, offset));
    if (last == 0 || last < first_hashed_ || last >= count_) return;
    std::uint64_t end = 4 * std::uint64_t{last - first_hashed_};
    while (end + 4 <= chain.size() && (load<std::uint32_t>(chain, end) & 1) == 0) end += 4;
    gnu_chain_ = part(chain, 0, std::min<std::uint64_t>(end + 4, 4 * std::uint64_t{count_ - first_hashed_}));
    return;
  }
  if (dynamic.hash != 0) sysv_count_ = std::min(load<std::uint32_t>(at(dynamic.hash), 4), count_);
}

void SymbolTable::read_versions(const Dynamic& dynamic) {
  if (dynamic.versym == 0) return;
  versym_ = at(dynamic.versym);
  has_versym_ = true;
  if (dynamic.verneed != 0) read_needed_versions(at(dynamic.verneed), dynamic.verneed_count);
  if (dynamic.verdef != 0) read_defined_versions(at(dynamic.verdef), dynamic.verdef_count);
}

void SymbolTable::set_version(std::uint16_t index, const SymbolVersion& version) {
  const std::size_t position = index & ~kVersymHidden;
  if (versions_.size() <= position) versions_.resize(position + 1);
  versions_[position] = version;
}

// Verneed: version 2, count 2, file 4, aux 4, next 4. Vernaux: hash 4, flags 2, other 2, name 4, next 4.
void SymbolTable::read_needed_versions(Bytes table, std::uint64_t count) {
  std::uint64_t steps = 0;
  for (std::uint64_t offset = 0, i = 0; i < count && offset + 16 <= table.size(); ++i) {
    const std::string_view library = text(load<std::uint32_t>(table, offset + 4));
    std::uint64_t aux = offset + load<std::uint32_t>(table, offset + 8);
    for (std::uint32_t left = load<std::uint16_t>(table, offset + 2); left > 0 && aux + 16 <= table.size(); --left) {
      if (++steps > kMostVersions) return;
      const auto other = load<std::uint16_t>(table, aux + 6);
      set_version(other, {text(load<std::uint32_t>(table, aux + 8)), library, (other & kVersymHidden) != 0});
      const auto next = load<std::uint32_t>(table, aux + 12);
      if (next == 0) break;
      aux += next;
    }
    const auto next = load<std::uint32_t>(table, offset + 12);
    if (next == 0 || ++steps > kMostVersions) return;
    offset += next;
  }
}

// Verdef: version 2, flags 2, index 2, count 2, hash 4, aux 4, next 4. The first Verdaux (name 4) has the name.
void SymbolTable::read_defined_versions(Bytes table, std::uint64_t count) {
  for (std::uint64_t offset = 0, i = 0; i < std::min(count, kMostVersions) && offset + 20 <= table.size(); ++i) {
    const std::uint64_t aux = offset + load<std::uint32_t>(table, offset + 12);
    if ((load<std::uint16_t>(table, offset + 2) & kVerFlgBase) == 0)
      set_version(load<std::uint16_t>(table, offset + 4), {text(load<std::uint32_t>(table, aux)), {}, false});
    const auto next = load<std::uint32_t>(table, offset + 16);
    if (next == 0) return;
    offset += next;
  }
}

std::string_view SymbolTable::text(std::uint64_t offset) const {
  if (offset >= strings_.size()) return {};
  const auto* start = reinterpret_cast<const char*>(strings_.data()) + offset;
  const std::size_t room = std::min<std::uint64_t>(strings_.size() - offset, kLongestSymbol);
  const void* end = std::memchr(start, 0, room);
  return end == nullptr ? std::string_view() : std::string_view(start, static_cast<const char*>(end) - start);
}

// Never an empty one.
bool SymbolTable::has_text(std::uint64_t offset, std::string_view text) const {
  if (text.empty() || offset >= strings_.size() || strings_.size() - offset <= text.size()) return false;
  const std::uint8_t* const at = strings_.data() + offset;
  return at[text.size()] == 0 && std::memcmp(at, text.data(), text.size()) == 0;
}

DynamicSymbol SymbolTable::symbol(std::uint32_t index) const {
  DynamicSymbol symbol = without_name(index);
  symbol.name = text(load<std::uint32_t>(symbols_, kSymbolSize * std::uint64_t{index}));
  return symbol;
}

std::optional<DynamicSymbol> SymbolTable::symbol(std::uint32_t index, std::string_view name) const {
  if (!has_text(load<std::uint32_t>(symbols_, kSymbolSize * std::uint64_t{index}), name)) return std::nullopt;
  DynamicSymbol symbol = without_name(index);
  symbol.name = name;
  return symbol;
}

DynamicSymbol SymbolTable::without_name(std::uint32_t index) const {
  const std::uint64_t offset = kSymbolSize * std::uint64_t{index};
  const auto info = load<std::uint8_t>(symbols_, offset + 4);
  DynamicSymbol symbol;
  symbol.value = load<std::uint64_t>(symbols_, offset + 8);
  symbol.section = load<std::uint16_t>(symbols_, offset + 6);
  symbol.versym = has_versym_ ? load<std::uint16_t>(versym_, 2 * std::uint64_t{index}) : std::uint16_t{0};
  symbol.binding = info >> 4;
  symbol.type = info & 15;
  symbol.visibility = load<std::uint8_t>(symbols_, offset + 5) & 3;
  return symbol;
}

const SymbolVersion& SymbolTable::version(std::uint16_t versym) const {
  static const SymbolVersion none;
  const std::size_t index = versym & ~kVersymHidden;
  return index < versions_.size() ? versions_[index] : none;
}

std::vector<SymbolReference> SymbolTable::references() const {
  std::vector<SymbolReference> by_symbol;
  const auto add = [&](Bytes bytes, std::uint64_t address, bool is_plt) {
    for (std::uint64_t offset = 0; offset + kRelocationSize <= bytes.size(); offset += kRelocationSize) {
      const auto info = load<std::uint64_t>(bytes, offset + 8);
      const std::uint64_t symbol = info >> 32;
      if (symbol == 0 || symbol >= count_) continue;
      const auto type = static_cast<std::uint32_t>(info);
      const std::uint8_t classes = reference_class(machine_, type);
      if (classes == 0) continue;
      // Some linkers let DT_RELA span the jump slots too; the loader then takes those as jump slots only.
      if (!is_plt && address + offset - jump_slots_.address < jump_slots_.bytes.size()) continue;
      if (by_symbol.size() <= symbol) by_symbol.resize(symbol + 1);
      by_symbol[symbol].classes |= classes;
      if (!is_plt || !is_jump_slot(machine_, type)) by_symbol[symbol].only_called = false;
    }
  };
  add(relocations_.bytes, relocations_.address, false);
  add(jump_slots_.bytes, jump_slots_.address, true);
  std::vector<SymbolReference> references;
  for (std::uint32_t i = 1; i < by_symbol.size(); ++i) {
    if (by_symbol[i].classes == 0) continue;
    // st_info and st_other say enough here; the name is read by whoever wants it.
    const std::uint64_t offset = kSymbolSize * std::uint64_t{i};
    const std::uint8_t visibility = load<std::uint8_t>(symbols_, offset + 5) & 3;
    if (load<std::uint8_t>(symbols_, offset + 4) >> 4 == kBindingLocal || visibility == kVisibilityHidden ||
        visibility == kVisibilityInternal)
      continue;
    references.push_back(by_symbol[i]);
    references.back().symbol = i;
  }
  return references;
}

}  // namespace lambdapack
