// The symbols of all objects of a package in one index: who looks for a name, and who defines it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "elf/symbol_table.h"

namespace lambdapack {

inline constexpr std::uint32_t kNoLibrary = 0xffffffff;

// One symbol that an object looks up.
struct SymbolUse {
  std::uint32_t name = 0;              // of SymbolIndex::name
  std::uint32_t version = 0;           // of SymbolIndex::version_name; 0: none
  std::uint32_t library = kNoLibrary;  // index into IndexedObject::libraries, of the one that its version names
  std::uint8_t classes = 0;            // kClass…
  bool only_called = false;
  bool weak = false;
  bool exact = false;    // only the very version will do (vna_other's hidden bit)
  bool defined = false;  // the object defines it too
  bool is_protected = false;
};

struct IndexedObject {
  SymbolTable table;
  std::vector<SymbolUse> uses;
  std::vector<std::string_view> libraries;  // named by the versions that it needs
};

struct SymbolDefinition {
  std::uint32_t object = 0;
  std::uint32_t version = 0;    // of SymbolIndex::version_name; 0: base or none
  std::uint16_t index = 0;      // versym without the hidden bit
  bool versioned_file = false;  // the object has DT_VERSYM
  bool hidden = false;          // versym's hidden bit: not the default version
  bool undefined = false;       // a function's address in a program: st_value of an undefined symbol
  bool local = false;           // hidden visibility or local binding: found, and passed over
  bool unique = false;          // STB_GNU_UNIQUE
};

// Views into the objects' files, which must outlive the index.
class SymbolIndex {
 public:
  explicit SymbolIndex(std::vector<SymbolTable> tables);

  std::size_t size() const { return objects_.size(); }
  const IndexedObject& object(std::uint32_t id) const { return objects_[id]; }
  std::string_view name(std::uint32_t id) const { return names_[id].text; }
  std::string_view version_name(std::uint32_t id) const { return version_names_[id]; }

  // Those that a lookup of the name meets, grouped by object, in the order of the objects' hash tables.
  std::span<const SymbolDefinition> definitions(std::uint32_t name) const {
    return std::span(definitions_).subspan(first_[name], first_[name + 1] - first_[name]);
  }
  std::size_t name_count() const { return names_.size(); }
  std::size_t version_count() const { return version_names_.size(); }

 private:
  struct Name {
    std::string_view text;
    std::uint32_t hash = 0;
  };
  std::uint32_t intern(std::string_view text, std::uint32_t hash);
  void grow();
  std::uint32_t version_id(std::string_view name);
  void add_uses(IndexedObject& object);
  void collect_definitions();

  std::vector<IndexedObject> objects_;
  std::vector<Name> names_;
  std::vector<std::uint32_t> slots_;  // id + 1 of a name; 0: free
  std::vector<std::string_view> version_names_{std::string_view()};
  std::unordered_map<std::string_view, std::uint32_t> version_ids_;
  std::vector<SymbolDefinition> definitions_;
  std::vector<std::uint32_t> first_;
};

}  // namespace lambdapack
