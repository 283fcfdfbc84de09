// One symbol, one scope: which object's definition does the lookup end at?
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "links/bindings.h"
#include "links/library_search.h"
#include "links/symbol_index.h"

namespace lambdapack {

// The objects of one load in the order of the search, as numbers of a SymbolIndex.
struct BindScope {
  std::vector<std::uint32_t> objects;
  std::size_t opened_from = 0;         // those from here on were opened later: the ones before are bound without them
  std::vector<std::uint32_t> bearers;  // by number of a library's name: who bears it; kNone: nobody that is known
  bool has_program = false;            // the first object is the main program
  bool in_runtime_process = false;     // something unknown comes before all of them
  bool lacks_libraries = false;        // a needed library is missing
};

// What of a scope matters to one object.
struct ObjectScope {
  std::uint32_t object = 0;
  std::vector<std::uint32_t> order;    // objects that define what it looks up, or bear a library's name
  std::vector<std::uint32_t> bearers;  // by its IndexedObject::libraries
  std::vector<char> in_process;        // the same: the runtime's process had it loaded before
  std::uint32_t program = kNone;
  bool is_program = false;
  bool in_runtime_process = false;
  bool named_library_ends_search = false;  // LoaderProfile's
  // The scope has objects of which nothing is known: some that may satisfy a reference without a version; some whose
  // symbols may have no version.
  bool other_unknown = false, unversioned_unknown = false;
};

struct BindAnswer {
  BoundTo to = BoundTo::unknown;
  std::uint32_t object = kNone;  // that has the definition
  bool unique = false;           // it is STB_GNU_UNIQUE
  bool stopped = false;
  Doubt doubt;
};

class ScopeSearch {
 public:
  // is_known: whether an object's symbols are known.
  ScopeSearch(const SymbolIndex& index, const ObjectScope& scope, const std::function<bool(std::uint32_t)>& is_known);

  BindAnswer bind(const SymbolUse& use) const;

 private:
  struct Found {
    std::uint32_t object = kNone;
    std::uint32_t position = kNone;
    bool unique = false;
  };
  Found look_up(const SymbolUse& use, std::uint8_t symbol_class) const;
  BindAnswer find(const SymbolUse& use, std::uint8_t symbol_class) const;
  BindAnswer not_found(const SymbolUse& use, bool stopped) const;
  Doubt doubt(const SymbolUse& use) const;

  const SymbolIndex& index_;
  const ObjectScope& scope_;
  std::vector<std::uint32_t> position_;  // by object; kNone: not in this scope
  std::vector<char> known_bearer_;       // by library
};

}  // namespace lambdapack
