// Binds the symbols of every object in every load; see bindings.h.
//
// A load's scope is its objects in the order of the search. An object's answers depend on little of that: on the order
// of those objects that define a name it looks for, and on who bears the names of the libraries that its versions
// name. So they are computed once per such order, which a library below a hundred extension modules mostly has one of.
// C++ has many: each module has templates that the library looks for, too. Of those orders only the symbols are looked
// up again that an object defines that one order has and the other has not.
#include "links/bindings.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/parallel.h"
#include "links/bind_scope.h"
#include "links/file_view.h"
#include "links/follow_loads.h"

namespace lambdapack {
namespace {

// Symbols bound in one run. A real package of 300 ELF files takes some 200,000.
constexpr std::uint64_t kMostLookups = 8'000'000;
constexpr std::size_t kMostOrders = 256;       // of one object
constexpr std::uint32_t kShared = 0xfffffffe;  // no object: the key is not that of an order

class Resolver {
 public:
  explicit Resolver(const BindingInput& input)
      : input_(input), loads_(follow_loads(input)), complete_(loads_.complete) {}

  Result<void> run() {
    LP_TRY(std::vector<SymbolTable> tables, read_tables());
    index_.emplace(std::move(tables));
    results_.resize(loads_.objects.size());
    candidates_.resize(loads_.objects.size());
    definers_.resize(loads_.objects.size());
    for (const BindScope& scope : loads_.scopes) bind_all(scope);
    return {};
  }

  Bindings collect() const;
  std::vector<TracedBinding> trace() const;
  void release() const {
    for (const Mapped& object : loads_.objects) object.content.release();
  }

 private:
  // Of one object in one order.
  struct Answers {
    std::vector<BindAnswer> all;                                // parallel to the object's uses; empty with a base
    const Answers* base = nullptr;                              // has all; those of another order
    std::vector<std::pair<std::uint32_t, BindAnswer>> changed;  // of use, ascending: what is not as in the base

    const BindAnswer& operator[](std::size_t use) const {
      if (base == nullptr) return all[use];
      const auto found = std::ranges::lower_bound(changed, use, {}, &std::pair<std::uint32_t, BindAnswer>::first);
      return found != changed.end() && found->first == use ? found->second : base->all[use];
    }
  };
  using Key = std::vector<std::uint32_t>;  // what answers depend on: an order, kNone, and the rest
  // Who defines what an object looks up: the other object, and the use.
  using Definers = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

  Result<std::vector<SymbolTable>> read_tables();
  void bind_all(const BindScope& scope);
  const Answers* bind(std::uint32_t object, const ObjectScope& view);
  ObjectScope view_of(std::uint32_t object, const BindScope& scope);
  const std::vector<bool>& candidates(std::uint32_t object);
  const Definers& definers(std::uint32_t object);
  bool as_in(const Key& from, const ObjectScope& view, const Key& key, std::vector<std::uint32_t>& others) const;
  std::optional<Answers> as_elsewhere(std::uint32_t object, const ObjectScope& view, const Key& key,
                                      const ScopeSearch& search);
  void share_unique(const BindScope& scope, std::vector<std::pair<std::uint32_t, const Answers*>>& bound);
  class Collector;

  const BindingInput& input_;
  const FollowedLoads loads_;
  std::optional<SymbolIndex> index_;
  std::vector<std::vector<bool>> candidates_;    // by object: who defines a name that it looks up
  std::vector<Definers> definers_;               // by object, sorted; empty until a second order is met
  std::vector<std::map<Key, Answers>> results_;  // by object
  std::uint64_t lookups_ = 0;
  bool complete_ = true;
};

Result<std::vector<SymbolTable>> Resolver::read_tables() {
  std::vector<SymbolTable> tables(loads_.objects.size());
  std::vector<std::optional<Error>> errors(loads_.objects.size());
  parallel_for(loads_.objects.size(), input_.threads, [&](std::size_t i) {
    if (loads_.objects[i].elf == nullptr) return;
    const auto bytes = loads_.objects[i].content.read();
    if (!bytes)
      errors[i] = bytes.error();
    else
      tables[i] = SymbolTable(*bytes, *loads_.objects[i].elf);
  });
  for (std::optional<Error>& error : errors)
    if (error) return std::unexpected(*std::move(error));
  return tables;
}

const std::vector<bool>& Resolver::candidates(std::uint32_t object) {
  std::vector<bool>& candidates = candidates_[object];
  if (!candidates.empty()) return candidates;
  candidates.resize(loads_.objects.size());
  for (const SymbolUse& use : index_->object(object).uses)
    for (const SymbolDefinition& definition : index_->definitions(use.name)) candidates[definition.object] = true;
  return candidates;
}

// What of the scope decides the object's answers.
ObjectScope Resolver::view_of(std::uint32_t object, const BindScope& scope) {
  ObjectScope view;
  view.object = object;
  view.is_program = scope.has_program && scope.objects.front() == object;
  view.program = scope.has_program ? scope.objects.front() : kNone;
  view.in_runtime_process = scope.in_runtime_process;
  for (const std::string_view library : index_->object(object).libraries) {
    const auto number = loads_.library_ids.find(library);
    const bool known = number != loads_.library_ids.end() && number->second < scope.bearers.size();
    view.bearers.push_back(known ? scope.bearers[number->second] : kNone);
    view.in_process.push_back(scope.in_runtime_process && input_.profile.loaded.contains(std::string(library)));
  }
  const std::vector<bool>& wanted = candidates(object);
  const auto place = std::ranges::find(scope.objects, object) - scope.objects.begin();
  const bool bound_before = std::cmp_less(place, scope.opened_from);
  for (const std::uint32_t other :
       std::span(scope.objects).first(bound_before ? scope.opened_from : scope.objects.size())) {
    const bool bears = std::ranges::find(view.bearers, other) != view.bearers.end();
    if (wanted[other] || bears) view.order.push_back(other);
    const bool unknown = loads_.objects[other].elf == nullptr;
    const bool only_versions = is_base_library(loads_.objects[other].outside);
    view.other_unknown |= unknown && !(bears && only_versions);
    view.unversioned_unknown |= unknown && !only_versions;
  }
  view.other_unknown |= scope.lacks_libraries;
  view.unversioned_unknown |= scope.lacks_libraries;
  view.named_library_ends_search = input_.profile.named_library_ends_search;
  return view;
}

const Resolver::Definers& Resolver::definers(std::uint32_t object) {
  Definers& definers = definers_[object];
  if (!definers.empty()) return definers;
  const std::vector<SymbolUse>& uses = index_->object(object).uses;
  for (std::uint32_t use = 0; use < uses.size(); ++use)
    for (const SymbolDefinition& definition : index_->definitions(uses[use].name))
      definers.emplace_back(definition.object, use);
  std::ranges::sort(definers);
  return definers;
}

// Whether answers in the view are those of `from` but for what the `others` define: objects that only one of the two
// orders has. All else must be the same in both.
bool Resolver::as_in(const Key& from, const ObjectScope& view, const Key& key,
                     std::vector<std::uint32_t>& others) const {
  const auto end = std::ranges::find(from, kNone);
  if (!std::ranges::equal(std::ranges::subrange(end, from.end()), std::span(key).subspan(view.order.size())))
    return false;
  std::vector<std::uint32_t> place(loads_.objects.size());  // in `from`, from 1; 0: not there
  for (auto at = from.begin(); at != end; ++at) place[*at] = static_cast<std::uint32_t>(at - from.begin()) + 1;
  std::uint32_t last = 0;
  for (const std::uint32_t object : view.order) {
    if (place[object] == 0) {
      others.push_back(object);
      continue;
    }
    if (place[object] < last) return false;
    last = std::exchange(place[object], 0);
  }
  for (auto at = from.begin(); at != end; ++at)
    if (place[*at] != 0) others.push_back(*at);
  return std::ranges::none_of(view.bearers,
                              [&](std::uint32_t bearer) { return std::ranges::find(others, bearer) != others.end(); });
}

// From the answers of another order.
std::optional<Resolver::Answers> Resolver::as_elsewhere(std::uint32_t object, const ObjectScope& view, const Key& key,
                                                        const ScopeSearch& search) {
  for (const auto& [from, answers] : results_[object]) {
    if (answers.base != nullptr) continue;
    std::vector<std::uint32_t> others;
    if (!as_in(from, view, key, others)) continue;
    std::vector<std::uint32_t> again;  // uses
    for (const std::uint32_t other : others)
      for (const auto& [definer, use] :
           std::ranges::equal_range(definers(object), other, {}, &Definers::value_type::first))
        again.push_back(use);
    std::ranges::sort(again);
    again.erase(std::ranges::unique(again).begin(), again.end());
    lookups_ += again.size() + 1;
    Answers changed{.all = {}, .base = &answers, .changed = {}};
    for (const std::uint32_t use : again)
      changed.changed.emplace_back(use, search.bind(index_->object(object).uses[use]));
    return changed;
  }
  return std::nullopt;
}

const Resolver::Answers* Resolver::bind(std::uint32_t object, const ObjectScope& view) {
  Key key = view.order;
  key.push_back(kNone);
  key.insert(key.end(), view.bearers.begin(), view.bearers.end());
  key.push_back(view.is_program ? object : view.program);
  key.push_back((view.other_unknown ? 1U : 0U) | (view.in_runtime_process ? 2U : 0U) |
                (view.unversioned_unknown ? 4U : 0U));
  auto& known = results_[object];
  if (const auto found = known.find(key); found != known.end()) return &found->second;
  if (known.size() >= kMostOrders || lookups_ > kMostLookups) {
    complete_ = false;
    return nullptr;
  }
  const ScopeSearch search(*index_, view, [&](std::uint32_t other) { return loads_.objects[other].elf != nullptr; });
  std::optional<Answers> answers = as_elsewhere(object, view, key, search);
  if (!answers) {
    answers.emplace();
    const std::vector<SymbolUse>& uses = index_->object(object).uses;
    lookups_ += uses.size() + 1;
    answers->all.reserve(uses.size());
    for (const SymbolUse& use : uses) answers->all.push_back(search.bind(use));
  }
  return &known.emplace(std::move(key), *std::move(answers)).first->second;
}

void Resolver::bind_all(const BindScope& scope) {
  std::vector<std::pair<std::uint32_t, const Answers*>> bound;
  bool symbolic = false;
  for (const std::uint32_t object : scope.objects) {
    if (loads_.objects[object].elf == nullptr) continue;
    if (const Answers* answers = bind(object, view_of(object, scope))) bound.emplace_back(object, answers);
    symbolic |= index_->object(object).table.symbolic;
  }
  // Without DT_SYMBOLIC everybody finds the same definition first, and sharing it changes nothing.
  if (symbolic) share_unique(scope, bound);
}

// STB_GNU_UNIQUE: the first definition that anybody found is everybody's. Objects are relocated last to first.
void Resolver::share_unique(const BindScope& scope, std::vector<std::pair<std::uint32_t, const Answers*>>& bound) {
  std::map<std::uint32_t, std::uint32_t> shared;  // name -> object
  Key key{kShared};
  key.insert(key.end(), scope.objects.begin(), scope.objects.end());
  for (auto at = bound.rbegin(); at != bound.rend(); ++at) {
    const std::vector<SymbolUse>& uses = index_->object(at->first).uses;
    std::optional<Answers> changed;
    for (std::size_t i = 0; i < uses.size(); ++i) {
      const BindAnswer& answer = (*at->second)[i];
      if (!answer.unique) continue;
      const std::uint32_t first = shared.try_emplace(uses[i].name, answer.object).first->second;
      if (first == answer.object || (uses[i].classes & kClassCopy) != 0) continue;
      if (!changed) {
        changed.emplace();
        for (std::size_t each = 0; each < uses.size(); ++each) changed->all.push_back((*at->second)[each]);
      }
      changed->all[i].object = first;
    }
    if (!changed) continue;
    // Of several loads, another may have the unshared answers.
    auto& results = results_[at->first];
    if (loads_.scopes.size() == 1)
      results.erase(std::ranges::find_if(results, [&](const auto& result) { return &result.second == at->second; }));
    results.emplace(key, *std::move(changed));
  }
}

// Answers as they are kept: names of texts instead of numbers of objects.
class Resolver::Collector {
 public:
  Collector(const Resolver& resolver, Bindings& bindings)
      : resolver_(resolver),
        bindings_(bindings),
        names_(resolver.index_->name_count(), kNone),
        versions_(resolver.index_->version_count(), kNone) {
    versions_[0] = 0;
  }

  // The answers of one order, from the first use to the last.
  class Cursor {
   public:
    explicit Cursor(const Answers& answers) : answers_(answers) {}

    const std::vector<BindAnswer>& base() const { return answers_.base == nullptr ? answers_.all : answers_.base->all; }
    // nullptr: as in the base.
    const BindAnswer* changed_at(std::uint32_t use) {
      while (at_ < answers_.changed.size() && answers_.changed[at_].first < use) ++at_;
      const bool is_there = at_ < answers_.changed.size() && answers_.changed[at_].first == use;
      return is_there ? &answers_.changed[at_].second : nullptr;
    }

   private:
    const Answers& answers_;
    std::size_t at_ = 0;
  };

  // All answers of one object, each once. symbols: nullptr for a library outside.
  void add(std::uint32_t object, std::vector<BoundSymbol>* symbols) {
    const std::vector<SymbolUse>& uses = resolver_.index_->object(object).uses;
    std::vector<Cursor> cursors;
    for (const auto& [key, answers] : resolver_.results_[object]) cursors.emplace_back(answers);
    for (std::uint32_t i = 0; i < uses.size(); ++i) {
      const std::size_t first = symbols == nullptr ? 0 : symbols->size();
      const std::vector<BindAnswer>* seen = nullptr;
      for (Cursor& cursor : cursors) {
        const BindAnswer* const changed = cursor.changed_at(i);
        if (changed == nullptr && std::exchange(seen, &cursor.base()) == &cursor.base()) continue;
        const BindAnswer& answer = changed != nullptr ? *changed : cursor.base()[i];
        if (answer.object == object) continue;
        if (answer.object != kNone && resolver_.loads_.objects[answer.object].file) {
          bindings_.binds_for_others[*resolver_.loads_.objects[answer.object].file] = 1;
          if (symbols == nullptr) bindings_.binds_for_outside[*resolver_.loads_.objects[answer.object].file] = 1;
        }
        if (symbols == nullptr) continue;
        const BoundSymbol symbol = bound(object, uses[i], answer);
        if (std::find(symbols->begin() + static_cast<std::ptrdiff_t>(first), symbols->end(), symbol) == symbols->end())
          symbols->push_back(symbol);
      }
    }
  }

 private:
  BoundSymbol bound(std::uint32_t object, const SymbolUse& use, const BindAnswer& answer) {
    BoundSymbol symbol;
    symbol.to = answer.to;
    if (answer.object != kNone) {
      const Mapped& target = resolver_.loads_.objects[answer.object];
      symbol.to = target.file ? BoundTo::file : BoundTo::outside;
      symbol.target = target.file ? static_cast<std::uint32_t>(*target.file) : text_of(target.outside);
    } else if (answer.to == BoundTo::outside) {
      symbol.target = text_of(resolver_.index_->object(object).libraries[use.library]);
    }
    if (names_[use.name] == kNone) names_[use.name] = bindings_.add_text(resolver_.index_->name(use.name));
    if (versions_[use.version] == kNone)
      versions_[use.version] = bindings_.add_text(resolver_.index_->version_name(use.version));
    symbol.name = names_[use.name];
    symbol.version = versions_[use.version];
    symbol.weak = use.weak;
    symbol.only_called = use.only_called;
    symbol.own = use.defined;
    symbol.stopped = answer.stopped;
    symbol.doubt = answer.doubt;
    return symbol;
  }

  std::uint32_t text_of(std::string_view outside) {
    const auto [known, added] = outside_.try_emplace(outside, 0);
    if (added) known->second = bindings_.add_text(outside);
    return known->second;
  }

  const Resolver& resolver_;
  Bindings& bindings_;
  std::vector<std::uint32_t> names_, versions_;  // numbers of texts by the index's; kNone: not there yet
  std::unordered_map<std::string_view, std::uint32_t> outside_;
};

Bindings Resolver::collect() const {
  Bindings bindings;
  bindings.complete = complete_;
  bindings.binds_for_others.resize(input_.package.files.size());
  bindings.binds_for_outside.resize(input_.package.files.size());
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < loads_.objects.size(); ++i)
    if (loads_.objects[i].elf != nullptr) order.push_back(i);
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return loads_.objects[i].file.value_or(0); });
  Collector collector(*this, bindings);
  for (const std::uint32_t object : order) {
    if (!loads_.objects[object]
             .file) {  // a library outside: what it binds to counts, the rest is not the package's affair
      collector.add(object, nullptr);
      continue;
    }
    FileBindings file{*loads_.objects[object].file, index_->object(object).table.bind_now, {}};
    collector.add(object, &file.symbols);
    bindings.files.push_back(std::move(file));
  }
  return bindings;
}

std::vector<TracedBinding> Resolver::trace() const {
  std::vector<TracedBinding> traced;
  for (std::uint32_t object = 0; object < loads_.objects.size(); ++object) {
    const std::vector<SymbolUse>& uses = index_->object(object).uses;
    for (const auto& [key, answers] : results_[object])
      for (std::size_t i = 0; i < uses.size(); ++i)
        traced.push_back({loads_.paths[object], std::string(index_->name(uses[i].name)),
                          std::string(index_->version_name(uses[i].version)),
                          answers[i].object == kNone ? std::string() : loads_.paths[answers[i].object], answers[i].to});
  }
  return traced;
}

}  // namespace

bool is_base_library(std::string_view path) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libresolv.so.2",
       "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libgcc_s.so.1", "libstdc++.so.6"});
  return std::ranges::find(kNames, file_name_of(path)) != kNames.end();
}

const FileBindings* Bindings::of(std::size_t file) const {
  const auto found = std::ranges::lower_bound(files, file, {}, &FileBindings::file);
  return found != files.end() && found->file == file ? &*found : nullptr;
}

std::uint32_t Bindings::add_text(std::string_view text) {
  spans_.emplace_back(static_cast<std::uint32_t>(texts_.size()), static_cast<std::uint32_t>(text.size()));
  texts_ += text;
  return static_cast<std::uint32_t>(spans_.size() - 1);
}

std::string_view to_string(BoundTo to) {
  switch (to) {
    case BoundTo::file: return "file";
    case BoundTo::outside: return "outside";
    case BoundTo::unknown: return "unknown";
    case BoundTo::weak: return "weak";
    case BoundTo::nothing: return "nothing";
  }
  return "nothing";
}

Result<Bindings> resolve_bindings(const BindingInput& input) {
  Resolver resolver(input);
  LP_CHECK(resolver.run());
  Bindings bindings = resolver.collect();
  resolver.release();
  return bindings;
}

Result<std::vector<TracedBinding>> trace_bindings(const BindingInput& input) {
  Resolver resolver(input);
  LP_CHECK(resolver.run());
  return resolver.trace();
}

}  // namespace lambdapack
