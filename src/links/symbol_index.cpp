// Who looks for a name, and who defines it?
//
// Only names that somebody looks up matter, so those are numbered first. Then each object's hash table is run through
// once: it holds the hash of every symbol that can be found, and a bit per hash that is looked for says which of them
// deserve a look at the name. That costs a few nanoseconds per symbol, and no object is ever searched for a name.
#include "links/symbol_index.h"

#include <algorithm>
#include <bit>

#include "elf/elf_format.h"

namespace lambdapack {

using namespace elf_format;

namespace {

constexpr std::uint32_t kSpread = 0x9e3779b1;  // 2^32 / golden ratio: spreads hashes over the slots
constexpr std::uint32_t kUnset = 0xffffffff;
constexpr std::uint16_t kAbsolute = 0xfff1;  // SHN_ABS
// STT_NOTYPE, OBJECT, FUNC, COMMON, TLS, GNU_IFUNC: what do_lookup_x's ALLOWED_STT lets through.
constexpr std::uint32_t kFoundTypes = 1U << 0 | 1U << 1 | 1U << 2 | 1U << 5 | 1U << 6 | 1U << 10;

// check_match of elf/dl-lookup.c, as far as it does not depend on who asks.
bool can_be_found(const DynamicSymbol& symbol) {
  const bool has_value = symbol.value != 0 || symbol.section == kAbsolute || symbol.type == kTypeTls;
  return has_value && (kFoundTypes >> symbol.type & 1) != 0;
}

}  // namespace

SymbolIndex::SymbolIndex(std::vector<SymbolTable> tables) {
  slots_.resize(1 << 12);
  objects_.reserve(tables.size());
  for (SymbolTable& table : tables) {
    objects_.push_back({std::move(table), {}, {}});
    add_uses(objects_.back());
  }
  collect_definitions();
}

void SymbolIndex::grow() {
  slots_.assign(2 * slots_.size(), 0);
  const auto shift = static_cast<unsigned>(32 - std::countr_zero(slots_.size()));
  for (std::uint32_t id = 0; id < names_.size(); ++id) {
    std::size_t slot = names_[id].hash * kSpread >> shift;
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = id + 1;
  }
}

std::uint32_t SymbolIndex::intern(std::string_view text, std::uint32_t hash) {
  if (2 * names_.size() >= slots_.size()) grow();
  const auto shift = static_cast<unsigned>(32 - std::countr_zero(slots_.size()));
  std::size_t slot = hash * kSpread >> shift;
  for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    const Name& known = names_[slots_[slot] - 1];
    if (known.hash == hash && known.text == text) return slots_[slot] - 1;
  }
  names_.push_back({text, hash});
  slots_[slot] = static_cast<std::uint32_t>(names_.size());
  return slots_[slot] - 1;
}

std::uint32_t SymbolIndex::version_id(std::string_view name) {
  if (name.empty()) return 0;
  const auto [known, added] = version_ids_.emplace(name, static_cast<std::uint32_t>(version_names_.size()));
  if (added) version_names_.push_back(name);
  return known->second;
}

void SymbolIndex::add_uses(IndexedObject& object) {
  const SymbolTable& table = object.table;
  const std::vector<SymbolReference> references = table.references();
  object.uses.reserve(references.size());
  struct Known {
    std::uint32_t version = kUnset, library = kNoLibrary;
  };
  std::vector<Known> known_versions;
  const auto known_version = [&](std::uint16_t versym) -> const Known& {
    const std::size_t index = versym & ~kVersymHidden;
    if (known_versions.size() <= index) known_versions.resize(index + 1);
    Known& known = known_versions[index];
    if (known.version != kUnset) return known;
    const SymbolVersion& version = table.version(versym);
    known.version = version_id(version.name);
    if (version.library.empty()) return known;
    const auto library = std::ranges::find(object.libraries, version.library);
    known.library = static_cast<std::uint32_t>(library - object.libraries.begin());
    if (library == object.libraries.end()) object.libraries.push_back(version.library);
    return known;
  };
  for (const SymbolReference& reference : references) {
    const DynamicSymbol symbol = table.symbol(reference.symbol);
    if (symbol.name.empty()) continue;
    const Known& version = known_version(symbol.versym);
    SymbolUse use;
    use.name = intern(symbol.name, table.is_hashed(reference.symbol) ? table.stored_hash(reference.symbol)
                                                                     : SymbolTable::hash(symbol.name));
    use.version = version.version;
    use.library = version.library;
    use.only_called = reference.only_called;
    use.weak = symbol.binding == kBindingWeak;
    use.exact = table.version(symbol.versym).hidden;
    use.defined = !symbol.undefined();
    use.is_protected = symbol.visibility == kVisibilityProtected;
    // A function that is called and whose address is taken is looked up twice, by different rules.
    for (const std::uint8_t symbol_class : {kClassPlain, kClassPlt, kClassCopy}) {
      if ((reference.classes & symbol_class) == 0) continue;
      use.classes = symbol_class;
      object.uses.push_back(use);
    }
  }
}

void SymbolIndex::collect_definitions() {
  const std::size_t bits = std::bit_ceil(std::max<std::size_t>(16 * names_.size(), 64));
  std::vector<std::uint64_t> wanted(bits / 64);
  for (const Name& name : names_) wanted[(name.hash & (bits - 1)) / 64] |= std::uint64_t{1} << (name.hash & 63);

  const auto shift = static_cast<unsigned>(32 - std::countr_zero(slots_.size()));
  std::vector<std::pair<std::uint32_t, SymbolDefinition>> found;
  for (std::uint32_t id = 0; id < objects_.size(); ++id) {
    const SymbolTable& table = objects_[id].table;
    table.for_each_hashed([&](const SymbolTable::Hashed& hashed) {
      if ((wanted[(hashed.hash & (bits - 1)) / 64] >> (hashed.hash & 63) & 1) == 0) return;
      for (std::size_t slot = hashed.hash * kSpread >> shift; slots_[slot] != 0;
           slot = (slot + 1) & (slots_.size() - 1)) {
        const Name& name = names_[slots_[slot] - 1];
        if (name.hash != hashed.hash) continue;
        const std::optional<DynamicSymbol> symbol = table.symbol(hashed.symbol, name.text);
        if (!symbol) continue;
        if (!can_be_found(*symbol)) return;
        SymbolDefinition definition;
        definition.object = id;
        definition.versioned_file = table.has_versions();
        definition.version = definition.versioned_file ? version_id(table.version(symbol->versym).name) : 0;
        definition.index = symbol->versym & ~kVersymHidden;
        definition.hidden = (symbol->versym & kVersymHidden) != 0;
        definition.undefined = symbol->undefined();
        definition.local =
            symbol->binds_locally() ||
            (symbol->binding != kBindingGlobal && symbol->binding != kBindingWeak && symbol->binding != kBindingUnique);
        definition.unique = symbol->binding == kBindingUnique;
        found.emplace_back(slots_[slot] - 1, definition);
        return;
      }
    });
  }
  first_.assign(names_.size() + 1, 0);
  for (const auto& [name, definition] : found) ++first_[name + 1];
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  definitions_.resize(found.size());
  std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
  for (const auto& [name, definition] : found) definitions_[next[name]++] = definition;
}

}  // namespace lambdapack
