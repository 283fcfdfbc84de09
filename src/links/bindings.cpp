// Binds the symbols of every object in every load; see bindings.h.
//
// A load's scope is its objects in the order of the search. An object's answers depend on little of that: on the order
// of those objects that define a name it looks for, and on who bears the names of the libraries that its versions
// name. So they are computed once per such order, which a library below a hundred extension modules mostly has one of.
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
constexpr std::size_t kMostOrders = 256;  // of one object

class Resolver {
 public:
  explicit Resolver(const BindingInput& input)
      : input_(input), loads_(follow_loads(input)), complete_(loads_.complete) {}

  Result<void> run() {
    LP_TRY(std::vector<SymbolTable> tables, read_tables());
    index_.emplace(std::move(tables));
    results_.resize(loads_.objects.size());
    candidates_.resize(loads_.objects.size());
    for (const BindScope& scope : loads_.scopes) bind_all(scope);
    return {};
  }

  Bindings collect() const;
  std::vector<TracedBinding> trace() const;
  void release() const {
    for (const Mapped& object : loads_.objects) object.content.release();
  }

 private:
  using Answers = std::vector<BindAnswer>;  // parallel to the object's uses

  Result<std::vector<SymbolTable>> read_tables();
  void bind_all(const BindScope& scope);
  const Answers* bind(std::uint32_t object, const ObjectScope& view);
  ObjectScope view_of(std::uint32_t object, const BindScope& scope);
  const std::vector<bool>& candidates(std::uint32_t object);
  void share_unique(const BindScope& scope, std::vector<std::pair<std::uint32_t, const Answers*>>& bound);
  class Collector;

  const BindingInput& input_;
  const FollowedLoads loads_;
  std::optional<SymbolIndex> index_;
  std::vector<std::vector<bool>> candidates_;  // by object: who defines a name that it looks up
  std::vector<std::map<std::vector<std::uint32_t>, Answers>> results_;  // by object and by what its answers depend on
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

const Resolver::Answers* Resolver::bind(std::uint32_t object, const ObjectScope& view) {
  std::vector<std::uint32_t> key = view.order;
  key.push_back(kNone);
  key.insert(key.end(), view.bearers.begin(), view.bearers.end());
  key.push_back(view.is_program ? object : view.program);
  key.push_back((view.other_unknown ? 1U : 0U) | (view.in_runtime_process ? 2U : 0U) |
                (view.unversioned_unknown ? 4U : 0U));
  auto& known = results_[object];
  if (const auto found = known.find(key); found != known.end()) return &found->second;
  const IndexedObject& uses = index_->object(object);
  lookups_ += uses.uses.size() + 1;
  if (known.size() >= kMostOrders || lookups_ > kMostLookups) {
    complete_ = false;
    return nullptr;
  }
  Answers answers;
  answers.reserve(uses.uses.size());
  const ScopeSearch search(*index_, view, [&](std::uint32_t other) { return loads_.objects[other].elf != nullptr; });
  for (const SymbolUse& use : uses.uses) answers.push_back(search.bind(use));
  return &known.emplace(std::move(key), std::move(answers)).first->second;
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
  std::vector<std::uint32_t> key{kNone, kNone};
  key.insert(key.end(), scope.objects.begin(), scope.objects.end());
  for (auto at = bound.rbegin(); at != bound.rend(); ++at) {
    const std::vector<SymbolUse>& uses = index_->object(at->first).uses;
    std::optional<Answers> changed;
    for (std::size_t i = 0; i < uses.size(); ++i) {
      const BindAnswer& answer = (*at->second)[i];
      if (!answer.unique) continue;
      const std::uint32_t first = shared.try_emplace(uses[i].name, answer.object).first->second;
      if (first == answer.object || (uses[i].classes & kClassCopy) != 0) continue;
      if (!changed) changed = *at->second;
      (*changed)[i].object = first;
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

  // All answers of one object, each once. symbols: nullptr for a library outside.
  void add(std::uint32_t object, std::vector<BoundSymbol>* symbols) {
    const std::vector<SymbolUse>& uses = resolver_.index_->object(object).uses;
    for (std::size_t i = 0; i < uses.size(); ++i) {
      const std::size_t first = symbols == nullptr ? 0 : symbols->size();
      for (const auto& [key, answers] : resolver_.results_[object]) {
        const BindAnswer& answer = answers[i];
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
