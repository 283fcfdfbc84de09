// Begins with all libraries that are only needed and takes out whatever somebody uses, until what is left is used by
// nobody but itself; then takes out what cannot be proven. A library that leaves takes along those that it uses. The
// loads are followed once more without the entries, so that what the loader would do is its answer and not ours.
#include "plan/needed_entries.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>

#include <fmt/format.h>

#include "base/bytes.h"
#include "elf/drop_needed_entries.h"
#include "elf/load_effects.h"
#include "elf/start_code.h"
#include "elf/symbol_table.h"
#include "languages/package_paths.h"
#include "plan/base_symbols.h"
#include "plan/compare_loads.h"
#include "plan/evidence.h"
#include "plan/loads_may_change.h"

namespace lambdapack {
namespace {

class Finder {
 public:
  explicit Finder(const NeededEntryInput& input)
      : input_(input),
        package_(input.loads.package),
        inventory_(input.loads.inventory),
        member_(package_.files.size()),
        uses_(package_.files.size()) {}

  Result<NeededEntries> run() {
    NeededEntries entries;
    if (!input_.bindings.complete || !input_.links.complete) return entries;
    begin();
    take_out_used();
    if (count() == 0) return entries;
    recording_ = true;
    for (std::size_t i = 0; i < member_.size(); ++i)
      if (member_[i] != 0) idle_.push_back(i);
    take_out_for_package();
    LP_CHECK(take_out_active());
    before_ = follow_loads(input_.loads);
    LP_CHECK(take_out_what_unknown_may_use());
    while (count() > 0) {
      const std::size_t now = count();
      take_out_named_elsewhere();
      LP_CHECK(take_out_undroppable());
      if (count() == now) LP_CHECK(compare_loads());
      if (count() == now) break;
    }
    if (count() > 0) {
      LP_TRY(const std::string reason,
             why_loads_may_change(input_.loads, input_.bindings, input_.target, reached_files()));
      if (!reason.empty()) all_leave(reason);
    }
    if (count() > 0) {
      entries.drops = drops_;
      if (input_.wants_unused) {
        LP_TRY(entries.unused, unnamed());
      }
    }
    for (const std::size_t library : idle_)
      if (member_[library] != 0)
        entries.unloaded.push_back(library);
      else
        entries.kept.push_back({library, reasons_[library]});
    return entries;
  }

 private:
  std::size_t count() const { return static_cast<std::size_t>(std::ranges::count(member_, 1)); }
  std::string path_of(std::size_t file) const { return printable(package_.files[file].path); }

  void leave(std::size_t library, const std::string& reason) {
    std::vector<std::pair<std::size_t, std::string>> leaving{{library, reason}};
    while (!leaving.empty()) {
      const auto [next, why] = std::move(leaving.back());
      leaving.pop_back();
      if (member_[next] == 0) continue;
      member_[next] = 0;
      if (recording_) reasons_[next] = why;
      for (const std::size_t used : uses_[next])
        leaving.emplace_back(used, fmt::format("{} uses it, and stays", path_of(next)));
    }
  }
  void all_leave(const std::string& reason) {
    for (std::size_t i = 0; i < member_.size(); ++i) leave(i, reason);
  }

  void begin() {
    std::vector<char> met(member_.size());
    for (const FileBindings& file : input_.bindings.files) {
      const std::size_t i = file.file;
      member_[i] = input_.reach.steps[i].kind == ReachKind::needed && input_.bindings.binds_for_outside[i] == 0 &&
                   package_.files[i].kind == FileKind::regular && !is_layer_file(package_.files[i].path) &&
                   inventory_.files[i].elf->entry_points.empty();
      for (const BoundSymbol& symbol : file.symbols) {
        if (symbol.to != BoundTo::file || symbol.target == i || met[symbol.target] != 0) continue;
        met[symbol.target] = 1;
        uses_[i].push_back(symbol.target);
      }
      for (const std::size_t used : uses_[i]) met[used] = 0;
    }
    for (const Edge& edge : input_.links.preloads)
      if (edge.target) member_[*edge.target] = 0;
  }

  void take_out_used() {
    for (const FileBindings& file : input_.bindings.files)
      if (member_[file.file] == 0)
        for (const std::size_t used : uses_[file.file]) leave(used, {});
  }

  void take_out_for_package() {
    if (input_.target.is_layer)
      all_leave("a layer serves functions that are not here, and they may use it");
    else if (input_.unknown_search_path)
      all_leave("the function's configuration sets the search path to something that is not known");
    else if (!input_.target.search_path_doubt.empty())
      all_leave(input_.target.search_path_doubt);
  }

  Result<void> take_out_active() {
    for (std::size_t i = 0; i < member_.size(); ++i) {
      if (member_[i] == 0) continue;
      LP_TRY(const Bytes bytes, package_.files[i].content.read());
      const std::string effect = effect_of_loading(bytes, *inventory_.files[i].elf);
      package_.files[i].content.release();
      if (!effect.empty()) leave(i, "it " + effect);
    }
    return {};
  }

  // Names that something outside the set looks up and that nothing known answers: what is opened with RTLD_GLOBAL may
  // find them here.
  std::unordered_set<std::string_view> unanswered() const {
    std::unordered_set<std::string_view> names;
    for (const FileBindings& file : input_.bindings.files) {
      if (member_[file.file] != 0) continue;
      for (const BoundSymbol& symbol : file.symbols)
        if (symbol.to != BoundTo::file && symbol.to != BoundTo::outside)
          names.insert(input_.bindings.text(symbol.name));
    }
    return names;
  }

  // Of the libraries outside, those loaded with a member: the base libraries', by member; any other takes it out.
  std::map<std::size_t, std::string> base_libraries() {
    std::map<std::size_t, std::string> base;
    for (const BindScope& scope : before_.scopes) {
      std::vector<std::size_t> members;
      for (const std::uint32_t object : scope.objects)
        if (const auto file = before_.objects[object].file; file && member_[*file] != 0) members.push_back(*file);
      for (const std::size_t member : members) {
        if (scope.lacks_libraries) leave(member, "a library is missing where it is loaded");
        for (const std::uint32_t object : scope.objects) {
          const Mapped& mapped = before_.objects[object];
          if (mapped.elf != nullptr) continue;
          if (is_base_library(mapped.outside))
            base.try_emplace(member, mapped.outside);
          else
            leave(member, fmt::format("{} is loaded with it, and what that uses is not known", mapped.outside));
        }
      }
    }
    return base;
  }

  Result<void> take_out_what_unknown_may_use() {
    const auto base = base_libraries();
    const auto names = unanswered();
    const std::vector<std::string> theirs = c_library_names(input_.rules);
    for (std::size_t i = 0; i < member_.size(); ++i) {
      if (member_[i] == 0) continue;
      LP_TRY(const Bytes bytes, package_.files[i].content.read());
      const SymbolTable symbols(bytes, *inventory_.files[i].elf);
      const auto library = base.find(i);
      std::string reason;
      symbols.for_each_hashed([&](const SymbolTable::Hashed& hashed) {
        const DynamicSymbol symbol = symbols.symbol(hashed.symbol);
        if (!reason.empty() || symbol.undefined()) return;
        if (names.contains(symbol.name))
          reason = fmt::format("something may use its {}, of which it is not known where it comes from",
                               printable(symbol.name));
        else if (library != base.end() &&
                 base_libraries_may_use(symbol.name, symbols.version(symbol.versym).name, theirs))
          reason = fmt::format("{} is loaded with it, and may use its {}", library->second, printable(symbol.name));
      });
      package_.files[i].content.release();
      if (!reason.empty()) leave(i, reason);
    }
    return {};
  }

  // Not there any more, or with --aggressive, when the entries go: dropped, or become a link to a file that is asked
  // itself. What waits for another option stays.
  bool goes(std::size_t file) const {
    const Decision& decision = input_.plan.decisions[file];
    return (decision.waiting && decision.waiting->option.empty()) || decision.action == Action::drop ||
           decision.action == Action::link;
  }

  std::string why_fixed(std::size_t file) const {
    const Decision& decision = input_.plan.decisions[file];
    if (is_layer_file(package_.files[file].path)) return "a layer's file stays as it is";
    if (!input_.reach.reached(file)) return "nothing reaches it, and it stays all the same";
    return decision.action == Action::keep && !decision.rule.empty() ? decision.reason : "";
  }

  // By every name that anybody may ask for one of them; and which entries go.
  void take_out_named_elsewhere() {
    std::multimap<std::string, std::size_t, std::less<>> names;
    const auto add_name = [&](std::string_view name, std::size_t library) { names.emplace(base_name(name), library); };
    for (std::size_t i = 0; i < member_.size(); ++i) {
      if (member_[i] == 0) continue;
      add_name(package_.files[i].path, i);
      if (!inventory_.files[i].elf->soname.empty()) add_name(inventory_.files[i].elf->soname, i);
    }
    for (const Edge& edge : input_.links.edges)
      if (edge.target && member_[*edge.target] != 0) add_name(edge.needed, *edge.target);

    drops_.clear();
    for (std::size_t i = 0; i < member_.size(); ++i) {
      const auto& elf = inventory_.files[i].elf;
      if (!elf || member_[i] != 0 || goes(i) || elf->machine != input_.loads.profile.machine) continue;
      DroppedNeeds dropped{i, {}};
      for (const std::string& needed : elf->needed) {
        if (names.find(base_name(needed)) == names.end()) continue;
        if (!check_entry(i, needed, names)) continue;
        if (std::ranges::find(dropped.names, needed) == dropped.names.end()) dropped.names.push_back(needed);
      }
      const auto leave_named = [&](std::string_view name, std::string_view how) {
        if (std::ranges::find(dropped.names, name) != dropped.names.end()) return;
        const auto [first, last] = names.equal_range(base_name(name));
        for (auto at = first; at != last; ++at) leave(at->second, fmt::format("{} {} it", path_of(i), how));
      };
      for (const VersionNeed& need : elf->versions_needed) leave_named(need.library, "needs a version of");
      for (const std::string& filter : elf->filters) leave_named(filter, "is a filter for");
      for (const std::string& filter : elf->auxiliaries) leave_named(filter, "is a filter for");
      std::ranges::sort(dropped.names);
      if (!dropped.names.empty()) drops_.push_back(std::move(dropped));
    }
  }

  // Whether every answer to an entry is a member; else the members of that name leave.
  bool check_entry(std::size_t file, const std::string& needed,
                   const std::multimap<std::string, std::size_t, std::less<>>& names) {
    std::string reason = why_fixed(file);
    if (!reason.empty()) reason = fmt::format("{} needs it and must not change: {}", path_of(file), reason);
    bool answered = false;
    for (const Edge& edge : edges_of(input_.links, file)) {
      if (edge.needed != needed) continue;
      answered = true;
      if (edge.optional || edge.state != EdgeState::bundled || !edge.target || member_[*edge.target] == 0)
        reason = fmt::format("{} may get another library under the name {}", path_of(file), printable(needed));
    }
    if (!answered) reason = fmt::format("{} needs it, and is not loaded as far as is known", path_of(file));
    if (reason.empty()) return true;
    const auto [first, last] = names.equal_range(base_name(needed));
    for (auto at = first; at != last; ++at) leave(at->second, reason);
    return false;
  }

  void leave_behind(const DroppedNeeds& dropped, const std::string& reason) {
    for (const Edge& edge : edges_of(input_.links, dropped.file))
      if (edge.target && std::ranges::binary_search(dropped.names, edge.needed)) leave(*edge.target, reason);
  }

  Result<void> take_out_undroppable() {
    for (const DroppedNeeds& dropped : drops_) {
      const PackageFile& file = package_.files[dropped.file];
      LP_TRY(const Bytes bytes, file.content.read());
      const DroppedEntries outcome = drop_needed_entries(bytes, *inventory_.files[dropped.file].elf, dropped.names);
      file.content.release();
      if (!outcome.done())
        leave_behind(dropped,
                     fmt::format("{} needs it and must not change: it {}", path_of(dropped.file), outcome.reason));
    }
    return {};
  }

  Result<void> find_running_code() {
    if (!runs_code_.empty()) return {};
    runs_code_.resize(member_.size());
    for (const FileBindings& file : input_.bindings.files) {
      LP_TRY(const Bytes bytes, package_.files[file.file].content.read());
      runs_code_[file.file] = runs_code_when_loaded(bytes, *inventory_.files[file.file].elf) ? 1 : 0;
      package_.files[file.file].content.release();
    }
    return {};
  }

  Result<void> compare_loads() {
    LP_CHECK(find_running_code());
    const Inventory edited = without_entries(inventory_, drops_);
    const BindingInput without{package_,
                               edited,
                               input_.loads.profile,
                               input_.loads.mount,
                               input_.loads.starts,
                               input_.loads.outside,
                               input_.loads.threads};
    const FollowedLoads after = follow_loads(without);
    const LoadComparison comparison{input_.links, before_, after, member_, runs_code_, drops_};
    for (const std::size_t scope : different_loads(comparison)) {
      const BindScope& changed = before_.scopes[scope];
      for (const std::uint32_t object : changed.objects)
        if (const auto file = before_.objects[object].file)
          leave(*file, "without it, other libraries would not be loaded, or not in the same order");
    }
    if (count() == 0) return {};
    const LinkGraph links = resolve_links(package_, edited, input_.loads.profile, input_.loads.mount);
    if (!same_edges(comparison, links)) all_leave("without it, other libraries would be found elsewhere");
    return {};
  }

  std::vector<std::size_t> reached_files() const {
    std::vector<std::size_t> reached;
    for (std::size_t i = 0; i < member_.size(); ++i)
      if (input_.reach.reached(i) && !input_.reach.foreign[i] && !goes(i)) reached.push_back(i);
    return reached;
  }

  // Members that only they themselves and those files name that need them: the names stay in their string tables.
  Result<std::vector<std::size_t>> unnamed() const {
    std::vector<std::size_t> others;
    for (const std::size_t file : reached_files()) {
      const auto dropped = std::ranges::lower_bound(drops_, file, {}, &DroppedNeeds::file);
      if (member_[file] == 0 && (dropped == drops_.end() || dropped->file != file)) others.push_back(file);
    }
    std::vector<std::string> needles;
    std::vector<std::size_t> whose;
    for (std::size_t i = 0; i < member_.size(); ++i) {
      if (member_[i] == 0) continue;
      for (std::string& needle : library_needles(package_.files[i].path)) {
        needles.push_back(std::move(needle));
        whose.push_back(i);
      }
    }
    LP_TRY(const auto mentions, find_mentions(package_, inventory_, others, needles, input_.loads.threads));
    std::set<std::size_t> unnamed(whose.begin(), whose.end());
    std::vector<std::size_t> staying;
    for (const Mention& mention : mentions)
      if (unnamed.erase(whose[mention.needle]) != 0) staying.push_back(whose[mention.needle]);
    while (!staying.empty()) {  // with what they need
      const std::size_t next = staying.back();
      staying.pop_back();
      for (const Edge& edge : edges_of(input_.links, next))
        if (edge.target && unnamed.erase(*edge.target) != 0) staying.push_back(*edge.target);
    }
    return std::vector<std::size_t>(unnamed.begin(), unnamed.end());
  }

  const NeededEntryInput& input_;
  const Package& package_;
  const Inventory& inventory_;
  std::vector<char> member_;                    // by file
  std::vector<std::vector<std::size_t>> uses_;  // by file: whose definitions its symbols are bound to
  std::vector<std::size_t> idle_;               // what binds nothing
  bool recording_ = false;
  std::map<std::size_t, std::string> reasons_;
  FollowedLoads before_;
  std::vector<char> runs_code_;  // by file; empty until asked for
  std::vector<DroppedNeeds> drops_;
};

}  // namespace

Result<NeededEntries> find_needed_entries(const NeededEntryInput& input) {
  return Finder(input).run();
}

Inventory without_entries(const Inventory& inventory, const std::vector<DroppedNeeds>& drops) {
  Inventory edited = inventory;
  for (const DroppedNeeds& dropped : drops) {
    ElfInfo& elf = *edited.files[dropped.file].elf;
    const auto is_dropped = [&](const std::string& name) { return std::ranges::binary_search(dropped.names, name); };
    std::erase_if(elf.needed, is_dropped);
    std::erase_if(elf.versions_needed, [&](const VersionNeed& need) { return is_dropped(need.library); });
  }
  return edited;
}

}  // namespace lambdapack
