// Compares symbol by symbol; see verify_bindings.h. The names needed are compared elsewhere (verify_result.h): those
// are the same when a library of another build takes the place of one, and only its symbols tell.
#include "apply/verify_bindings.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <unordered_map>

namespace lambdapack {
namespace {

struct Target {
  BoundTo to = BoundTo::unknown;
  std::size_t file = 0;  // file: index in the old package
  std::string_view outside;
  bool operator==(const Target&) const = default;
};

class Comparison {
 public:
  Comparison(const Package& before, const Bindings& old_bindings, const Bindings& new_bindings, const Applied& applied)
      : before_(before), old_(old_bindings), new_(new_bindings), applied_(applied) {
    now_.resize(before.files.size());
    for (std::size_t i = 0; i < applied.old_index.size(); ++i)
      behind_.push_back(applied.old_index[resolve_path(applied.package, applied.package.files[i].path).value_or(i)]);
    for (std::size_t i = 0; i < applied.old_index.size(); ++i) now_[applied.old_index[i]] = i;
    for (const Decision& decision : applied.plan.decisions) has_stand_in_ = has_stand_in_ || decision.stand_in;
    for (const FileBindings& file : old_bindings.files) {
      const std::size_t real = behind_old(file.file);
      if (real != file.file) other_names_[real].push_back(&file);
      // What became a link starts no load of its own any more: the file that it leads to answers for it.
      a_file_went_ = a_file_went_ || !now_[file.file] || real != file.file;
    }
  }

  std::vector<ChangedSymbol> run() {
    for (const FileBindings& after : new_.files) {
      const std::size_t old_file = applied_.old_index[after.file];
      // A file that took over other names of itself answers for those too.
      std::vector<const FileBindings*> befores;
      if (const auto names = other_names_.find(old_file); names != other_names_.end()) befores = names->second;
      if (const FileBindings* before = old_.of(old_file)) befores.push_back(before);
      if (befores.empty()) continue;  // nothing that was followed before loaded it: nothing to compare with
      compare(after.file, befores, after);
    }
    std::ranges::sort(changed_, {},
                      [](const ChangedSymbol& c) { return std::tie(c.path, c.symbol, c.version, c.after); });
    return std::move(changed_);
  }

 private:
  using Key = std::pair<std::string_view, std::string_view>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string_view>()(key.first) * 31 + std::hash<std::string_view>()(key.second);
    }
  };

  // The old package's file behind one of the new package, or of the old one: links are what they lead to.
  std::size_t behind_new(std::size_t file) const { return behind_[file]; }
  std::size_t behind_old(std::size_t file) const { return now_[file] ? behind_new(*now_[file]) : file; }

  bool same_bytes(std::size_t a, std::size_t b) const {
    const auto &left = before_.files[a], &right = before_.files[b];
    if (left.kind != right.kind || left.size() != right.size()) return false;
    const auto left_bytes = left.content.read(), right_bytes = right.content.read();
    return left_bytes && right_bytes && std::ranges::equal(*left_bytes, *right_bytes);
  }

  bool same(const Target& a, const Target& b) const {
    if (a.to != b.to) return false;
    if (a.to == BoundTo::file) return a.file == b.file || same_bytes(a.file, b.file);
    return a.outside == b.outside;
  }

  // Whether the plan gave the place of the file that had the symbol to a library of the runtime. Of that one the
  // bindings know no symbols but those whose version names it: an unversioned one that the plan vouches for is then
  // unknown, or found further on with the remark that a library outside may come first. So may what nothing had before.
  bool stands_in(const Target& old, const BoundSymbol& now, const Key& key) const {
    const bool may_be_outside = now.doubt.libraries;
    if (old.to == BoundTo::weak || old.to == BoundTo::nothing)
      return has_stand_in_ && now.to == BoundTo::unknown && may_be_outside;
    if (old.to != BoundTo::file) return false;
    const auto& stand_in = applied_.plan.decisions[old.file].stand_in;
    if (!stand_in || !std::ranges::binary_search(stand_in->symbols, std::pair<std::string, std::string>(key)))
      return false;
    return now.to == BoundTo::outside ? new_.text(now.target) == stand_in->library : may_be_outside;
  }

  std::string name(const Target& target) const {
    if (target.to == BoundTo::file) return before_.files[target.file].path;
    if (target.to == BoundTo::outside) return std::string(target.outside);
    return std::string(to_string(target.to));
  }

  Target old_target(const BoundSymbol& symbol) const {
    if (symbol.to == BoundTo::file) return {symbol.to, behind_old(symbol.target), {}};
    return {symbol.to, 0, symbol.to == BoundTo::outside ? old_.text(symbol.target) : std::string_view()};
  }
  Target new_target(const BoundSymbol& symbol) const {
    if (symbol.to == BoundTo::file) return {symbol.to, behind_new(symbol.target), {}};
    return {symbol.to, 0, symbol.to == BoundTo::outside ? new_.text(symbol.target) : std::string_view()};
  }

  void compare(std::size_t file, const std::vector<const FileBindings*>& befores, const FileBindings& after) {
    std::unordered_map<Key, std::vector<Target>, KeyHash> known;
    for (const FileBindings* before : befores)
      for (const BoundSymbol& symbol : before->symbols)
        known[{old_.text(symbol.name), old_.text(symbol.version)}].push_back(old_target(symbol));
    std::unordered_map<Key, bool, KeyHash> met;
    const auto report = [&](const Key& key, std::string was, std::string is) {
      changed_.push_back({applied_.package.files[file].path, std::string(key.first), std::string(key.second),
                          std::move(was), std::move(is)});
    };
    for (const BoundSymbol& symbol : after.symbols) {
      const Key key{new_.text(symbol.name), new_.text(symbol.version)};
      met[key] = true;
      const Target target = new_target(symbol);
      const auto olds = known.find(key);
      if (olds == known.end())
        report(key, "its own definition", name(target));
      else if (std::ranges::none_of(
                   olds->second, [&](const Target& old) { return same(old, target) || stands_in(old, symbol, key); }))
        report(key, name(olds->second.front()), name(target));
    }
    // A symbol of the file's own that something else interposed, in a load that started at a file that went or became a
    // link.
    if (a_file_went_) return;
    for (const auto& [key, targets] : known)
      if (!met.contains(key)) report(key, name(targets.front()), "its own definition, or nothing asks any more");
  }

  const Package& before_;
  const Bindings &old_, &new_;
  const Applied& applied_;
  std::vector<std::optional<std::size_t>> now_;  // per old file: its index in the new package
  std::unordered_map<std::size_t, std::vector<const FileBindings*>>
      other_names_;                  // old files that became links, by target
  std::vector<std::size_t> behind_;  // per new file: the old file whose content it has, or is a link to
  bool a_file_went_ = false, has_stand_in_ = false;
  std::vector<ChangedSymbol> changed_;
};

}  // namespace

std::vector<ChangedSymbol> changed_symbols(const Package& before, const Bindings& before_bindings,
                                           const Bindings& after_bindings, const Applied& applied) {
  return Comparison(before, before_bindings, after_bindings, applied).run();
}

}  // namespace lambdapack
