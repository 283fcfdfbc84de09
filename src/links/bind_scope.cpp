// The rules of do_lookup_x, check_match and _dl_lookup_symbol_x (glibc, elf/dl-lookup.c), one scope at a time.
//
// glibc goes through the scope object by object and asks each for the name. Here the definitions of the name are known,
// so each is asked for its place in the scope; the first that matches is the same one.
#include "links/bind_scope.h"

#include <algorithm>

namespace lambdapack {
namespace {

// The definition that one object answers with; nullptr when it has none that matches. group: the object's definitions
// of the name.
const SymbolDefinition* matching(std::span<const SymbolDefinition> group, const SymbolUse& use,
                                 std::uint8_t symbol_class) {
  const SymbolDefinition* only_version = nullptr;
  int versions = 0;
  for (const SymbolDefinition& definition : group) {
    if (symbol_class == kClassPlt && definition.undefined) continue;
    if (!definition.versioned_file) return &definition;
    if (use.version != 0) {
      // The very version; or one without a name (base, global), unless either side is hidden.
      if (definition.version == use.version) return &definition;
      if (!use.exact && definition.version == 0 && !definition.hidden) return &definition;
    } else {
      // Without a version: the base or the oldest one; another only when it is the object's only default.
      if (definition.index < 3) return &definition;
      if (!definition.hidden && versions++ == 0) only_version = &definition;
    }
  }
  return versions == 1 ? only_version : nullptr;
}

}  // namespace

ScopeSearch::ScopeSearch(const SymbolIndex& index, const ObjectScope& scope,
                         const std::function<bool(std::uint32_t)>& is_known)
    : index_(index), scope_(scope), position_(index.size(), kNone) {
  for (std::uint32_t i = 0; i < scope.order.size(); ++i) position_[scope.order[i]] = i + 1;
  // DT_SYMBOLIC puts the object before everything else; the main program is there already (_dl_map_object_from_fd).
  if (index.object(scope.object).table.symbolic && !scope.is_program) position_[scope.object] = 0;
  for (const std::uint32_t bearer : scope.bearers) known_bearer_.push_back(bearer != kNone && is_known(bearer));
}

ScopeSearch::Found ScopeSearch::look_up(const SymbolUse& use, std::uint8_t symbol_class) const {
  Found best;
  const std::span<const SymbolDefinition> all = index_.definitions(use.name);
  for (std::size_t from = 0, to = 0; from < all.size(); from = to) {
    const std::uint32_t object = all[from].object;
    for (to = from; to < all.size() && all[to].object == object; ++to) {
    }
    const std::uint32_t position = position_[object];
    if (position >= best.position) continue;
    if (symbol_class == kClassCopy && object == scope_.program) continue;
    const SymbolDefinition* definition = matching(all.subspan(from, to - from), use, symbol_class);
    if (definition != nullptr && !definition->local) best = {object, position, definition->unique};
  }
  return best;
}

// Who else, of whom nothing is known, may have it. A library all of whose symbols have a version cannot satisfy a
// reference without one, when the object was linked against it, nor one to a version of another library. zlib and
// others define versions and have symbols without.
Doubt ScopeSearch::doubt(const SymbolUse& use) const {
  return {scope_.in_runtime_process, use.version != 0 ? scope_.unversioned_unknown : scope_.other_unknown};
}

// Nothing known has it. stopped: the search ended before the end of the scope.
BindAnswer ScopeSearch::not_found(const SymbolUse& use, bool stopped) const {
  BindAnswer answer;
  answer.doubt = doubt(use);
  answer.stopped = stopped;
  if (stopped) answer.doubt.libraries = false;
  // What another file of the package defines may be in the process all the same: opened before with RTLD_GLOBAL.
  if (!stopped && scope_.in_runtime_process && !index_.definitions(use.name).empty()) answer.doubt.libraries = true;
  const bool sure = !answer.doubt.process && !answer.doubt.libraries;
  answer.to = use.weak && !stopped ? BoundTo::weak : sure ? BoundTo::nothing : BoundTo::unknown;
  return answer;
}

BindAnswer ScopeSearch::find(const SymbolUse& use, std::uint8_t symbol_class) const {
  const Found found = look_up(use, symbol_class);
  BindAnswer answer;
  if (use.library != kNoLibrary && use.version != 0) {
    const std::uint32_t bearer = scope_.bearers[use.library];
    // What the process had loaded when it opened this is in the global scope, before all else.
    if (bearer == kNone && scope_.in_process[use.library] != 0) {
      answer.to = BoundTo::outside;
      return answer;
    }
    if (bearer != kNone && position_[bearer] < found.position) {
      if (known_bearer_[use.library] == 0) {
        answer.to = BoundTo::outside;
        answer.object = bearer;
        return answer;
      }
      // "symbol …, version … not defined in file … with link time reference": weak references fail like others.
      if (scope_.named_library_ends_search) return not_found(use, true);
    }
  }
  if (found.object == kNone) return not_found(use, false);
  answer.to = BoundTo::file;
  answer.object = found.object;
  answer.unique = found.unique;
  answer.doubt = doubt(use);
  return answer;
}

BindAnswer ScopeSearch::bind(const SymbolUse& use) const {
  const BindAnswer answer = find(use, use.classes);
  if (!use.is_protected || answer.object == kNone || answer.object == scope_.object) return answer;
  // A protected symbol is the object's own, unless the address of a function is one that a program made up.
  if (use.classes != kClassPlt) {
    const Found code = look_up(use, kClassPlt);
    if (code.object == kNone || code.object == scope_.object) return answer;
  }
  BindAnswer own = answer;
  own.object = scope_.object;
  return own;
}

}  // namespace lambdapack
