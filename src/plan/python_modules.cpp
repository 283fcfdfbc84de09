// The search for reached modules; see python_modules.h.
//
// A name in a string constant counts in every way that it may be meant: dotted, relative to the package of who has it,
// as a file, as the beginning of one, and for a package that somebody else names everything in it. "agg" alone does not
// lead to matplotlib.backends.backend_agg: but there import_module is given a computed name, so all of it stays.
#include "plan/python_modules.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "base/find_strings.h"
#include "base/glob.h"
#include "languages/package_paths.h"
#include "languages/python_extension.h"

namespace lambdapack {
namespace {

constexpr std::size_t kLeastBeginning = 3;        // bytes of what may be the beginning of a name
constexpr std::size_t kMostBeginnings = 500;      // in one distribution; then all of it stays
constexpr std::size_t kShortest = 3;              // bytes of a name that can be looked for in texts
constexpr std::uint64_t kMostOwnData = 64 << 20;  // bytes of one data file of the function's own that is searched

struct Module {
  std::string name;  // "pkg.sub.mod"; of pkg/sub/__init__.py "pkg.sub"
  std::size_t distribution = 0;
  std::vector<std::size_t> files;  // mod.py, mod.cpython-311-x86_64-linux-gnu.so
  bool reached = false;

  std::string_view base() const { return std::string_view(name).substr(name.rfind('.') + 1); }
};

// "pkg.sub.mod" when the file is one that an import statement can load from below `root`.
std::string module_name(std::string_view path, std::string_view root) {
  if (!root.empty()) path.remove_prefix(std::min(root.size() + 1, path.size()));
  const std::string_view file = base_name(path);
  std::string name;
  if (path.ends_with(".py"))
    name = path.substr(0, path.size() - 3);
  else if (const auto extension = parse_python_extension(file))
    name = join_path(parent_folder(path), extension->module);
  if (name.empty() || name.contains('.') || name.contains('-') || path.contains("__pycache__")) return {};
  if (name.ends_with("/__init__")) name.resize(name.rfind('/'));
  std::ranges::replace(name, '/', '.');
  return name;
}

class ModuleSearch {
 public:
  ModuleSearch(const PythonCode& code, const PythonReachInput& asked, const PythonReach& reach)
      : code_(code),
        asked_(asked),
        evidence_(reach.evidence),
        package_(code.input.package),
        all_(code.input.languages.distributions),
        whole_(all_.size()),
        beginnings_(all_.size()),
        source_of_(package_.files.size()),
        module_of_(package_.files.size()) {
    for (const PythonFile& source : code.sources) source_of_[source.file] = &source;
    for (std::size_t d = 0; d < all_.size(); ++d)
      if (!evidence_[d].empty()) add_modules(d);
  }

  Result<std::vector<ProposedDrop>> run() {
    mark_roots();
    LP_CHECK(search_own_data());
    for (;;) {
      follow();
      LP_TRY(const bool more, search_unscanned());
      if (more || keep_unexplained()) continue;
      break;
    }
    std::vector<ProposedDrop> drops;
    for (const Module& module : modules_)
      for (const std::size_t file : module.files)
        if (!module.reached && !code_.idle[file])
          drops.push_back({file, "drop-unreached-module",
                           fmt::format("nothing that is kept imports or names {}", module.name), Confidence::possible});
    std::ranges::sort(drops, {}, &ProposedDrop::file);
    return drops;
  }

 private:
  std::optional<std::size_t> owner(std::size_t file) const { return code_.input.languages.distribution_of[file]; }

  void add_modules(std::size_t d) {
    if (is_layer_file(all_[d].info)) return;
    for (const std::size_t file : all_[d].files) {
      const PackageFile& entry = package_.files[file];
      if (entry.kind != FileKind::regular || owner(file) != d) continue;
      const std::string name = module_name(entry.path, all_[d].folder);
      if (name.empty()) continue;
      const auto [known, fresh] = by_place_.try_emplace({d, name}, modules_.size());
      if (fresh) {
        modules_.push_back({.name = name, .distribution = d, .files = {}});
        by_name_[name].push_back(known->second);
        sorted_.emplace(name, known->second);
        by_base_[std::string(modules_.back().base())].push_back(known->second);
        of_[d].push_back(known->second);
      }
      modules_[known->second].files.push_back(file);
      module_of_[file] = known->second;
    }
  }

  void mark(std::size_t module) {
    if (std::exchange(modules_[module].reached, true)) return;
    queue_.push_back(module);
  }

  // The module, and the packages that it is in.
  void mark_name(std::string_view name) {
    for (std::size_t end = 0; end != std::string_view::npos && end < name.size();) {
      end = name.find('.', end + 1);
      const auto found = by_name_.find(std::string(name.substr(0, end)));
      if (found == by_name_.end()) continue;
      for (const std::size_t module : found->second) mark(module);
    }
  }

  // Packages are loaded with everything in them.
  void mark_with_packages(std::size_t module) {
    const std::string name = modules_[module].name;
    mark(module);
    if (const std::size_t dot = name.rfind('.'); dot != std::string::npos)
      mark_name(std::string_view(name).substr(0, dot));
  }

  void keep_whole(std::size_t d) {
    if (whole_[d]) return;
    whole_[d] = true;
    for (const std::size_t module : of_[d]) mark(module);
  }

  void mark_roots() {
    for (std::size_t i = 0; i < package_.files.size(); ++i) {
      const bool is_own = !owner(i), is_held = holds(i);
      if (module_of_[i] && is_held) mark_with_packages(*module_of_[i]);
      if (module_of_[i] || code_.idle[i] || (!is_own && evidence_[*owner(i)].empty())) continue;
      // Sources that are no modules: the function's own, programs, those in folders that no import leads to.
      if (source_of_[i] != nullptr) look_at(*source_of_[i]);
    }
    for (std::size_t d = 0; d < all_.size(); ++d) {
      if (evidence_[d].empty()) continue;
      for (const EntryPoint& point : all_[d].entry_points) mark_name(point.value.substr(0, point.value.find(':')));
    }
    for (const auto& [name, value] : asked_.env) note_setting(value);
    for (const std::string& handler : code_.input.target.handlers) note_setting(handler);
    for (const Edge& edge : code_.input.links.edges)
      if (edge.target && module_of_[*edge.target]) mark_with_packages(*module_of_[*edge.target]);
  }

  bool holds(std::size_t file) const {
    return std::ranges::any_of(asked_.keep,
                               [&](const std::string& glob) { return glob_match(glob, package_.files[file].path); });
  }

  void note_setting(std::string_view value) {
    std::vector<std::string_view> words;
    add_words(value, words);
    for (const std::string_view word : words) note_word(word, nullptr, true);
  }

  void follow() {
    while (!queue_.empty()) {
      const std::size_t module = queue_.front();
      queue_.pop_front();
      mark_with_packages(module);
      for (const std::size_t file : modules_[module].files)
        if (const PythonFile* const source = source_of_[file]; source != nullptr && !code_.idle[file]) look_at(*source);
    }
  }

  void look_at(const PythonFile& source) {
    const auto d = owner(source.file);
    if (d && !source.complete) keep_whole(*d);
    // six loads modules of the standard library, by names that it has.
    if (base_name(package_.files[source.file].path) != "six.py")
      for (const ComputedLoad& load : source.computed_loads) note_load(load, source);
    for (const PythonImport& import : source.imports) {
      for (const std::string& name : imported_modules(import, source.package)) {
        mark_name(name);
        // A folder that is put on the module path: "import helper" beside helper.py.
        if (import.level == 0 && !source.package.empty()) mark_name(source.package + "." + name);
      }
    }
    const bool runs = std::ranges::binary_search(source.words, "-m");
    for (const std::string& word : source.words) note_word(word, &source, runs);
    for (const std::string& word : source.commands) note_word(word, &source, true);
  }

  // What may be loaded by a name that is not known.
  void note_load(const ComputedLoad& load, const PythonFile& source) {
    const auto d = owner(source.file);
    if (!load.within.empty() && load.within != ".")
      mark_below(load.within.substr(0, load.within.size() - 1));
    else if (load.within == "." && !source.package.empty())
      mark_below(source.package);
    else if (d)
      keep_whole(*d);
  }

  // The package and everything in it.
  void mark_below(const std::string& package) {
    if (!below_.insert(package).second) return;
    mark_name(package);
    const std::string prefix = package + ".";
    for (auto at = sorted_.lower_bound(prefix); at != sorted_.end() && at->first.starts_with(prefix); ++at)
      mark(at->second);
  }

  // source: who says it; null: the configuration. runs: python -m may be meant.
  void note_word(std::string_view word, const PythonFile* source, bool runs) {
    const auto d = source == nullptr ? std::nullopt : owner(source->file);
    mark_name(word);
    if (const auto found = by_name_.find(std::string(word) + ".__main__"); runs && found != by_name_.end())
      for (const std::size_t module : found->second) mark(module);
    if (source != nullptr && word.starts_with('.')) {
      const std::size_t level = std::min(word.find_first_not_of('.'), word.size());
      PythonImport import{std::string(word.substr(level)), {}, level, false};
      for (const std::string& name : imported_modules(import, source->package)) mark_name(name);
    } else if (source != nullptr && !source->package.empty()) {
      mark_name(source->package + "." + std::string(word));
    }
    // Frameworks load modules of a package that is named to them: "rest_framework" its models, urls and commands.
    if (const auto found = by_name_.find(std::string(word)); found != by_name_.end())
      for (const std::size_t module : found->second)
        if (!d || modules_[module].distribution != *d) mark_below(modules_[module].name);
    if (word.ends_with(".py")) mark_base(base_name(word.substr(0, word.size() - 3)), d);  // run, or read, as a file
    note_beginning(word, d);
  }

  // Modules whose last part is this; of the distribution that says it, or of any when the function's own code does.
  void mark_base(std::string_view base, std::optional<std::size_t> d) {
    const auto found = by_base_.find(std::string(base));
    if (found == by_base_.end()) return;
    for (const std::size_t module : found->second)
      if (!d || modules_[module].distribution == *d) mark_with_packages(module);
  }

  // "backend_": what may be the beginning of a name.
  void note_beginning(std::string_view word, std::optional<std::size_t> d) {
    if (!word.ends_with('_') && !word.ends_with('-')) return;
    const std::string_view begin = word.substr(word.find_last_of("./") + 1);
    if (begin.size() < kLeastBeginning || begin.starts_with("__")) return;
    for (std::size_t each = 0; each < all_.size(); ++each) {
      if ((d && each != *d) || whole_[each] || !beginnings_[each].emplace(begin).second) continue;
      if (beginnings_[each].size() > kMostBeginnings) keep_whole(each);
      for (const std::size_t module : of_[each])
        if (modules_[module].base().starts_with(begin)) mark_with_packages(module);
    }
  }

  bool is_kept(std::size_t file) const {
    if (code_.idle[file]) return false;
    if (module_of_[file]) return modules_[*module_of_[file]].reached;
    return !owner(file) || !evidence_[*owner(file)].empty();
  }

  // Names of modules that are not reached in texts that are kept, each searched once.
  Result<bool> search_unscanned() {
    std::vector<std::size_t> files;
    for (std::size_t i = 0; i < package_.files.size(); ++i)
      if (is_kept(i) && is_unscanned_text(package_, code_.input.inventory, code_.sources, i) &&
          searched_.insert(i).second)
        files.push_back(i);
    if (files.empty()) return false;
    for (const std::size_t file : files)
      if (const auto d = owner(file); d && code_.input.inventory.files[file].elf)
        for (const std::size_t module : of_[*d])
          if (modules_[module].base().size() < kShortest) mark_with_packages(module);
    // A name without its package is that of one beside the file.
    std::set<std::string> wanted, bases;
    std::vector<bool> open(all_.size());
    for (const Module& module : modules_) {
      if (module.reached) continue;
      wanted.insert(module.name);
      bases.emplace(module.base());
      open[module.distribution] = true;
    }
    const auto note = [&](const std::set<std::string>& set, const std::vector<std::size_t>& where) -> Result<void> {
      const std::vector<std::string> names(set.begin(), set.end());
      LP_TRY(const auto mentions, find_names(package_, code_.input.inventory, where, names, code_.threads));
      for (const Mention& mention : mentions) {
        mark_name(names[mention.needle]);
        if (const auto d = owner(mention.file)) mark_base(names[mention.needle], d);
      }
      return {};
    };
    LP_CHECK(note(wanted, files));
    std::erase_if(files, [&](std::size_t file) { return !owner(file) || !open[*owner(file)]; });
    LP_CHECK(note(bases, files));
    return !queue_.empty();
  }

  // Pickles name the modules of what is in them.
  Result<void> search_own_data() {
    std::vector<std::string> names;
    for (const Module& module : modules_) names.push_back(module.name);
    const StringSet set(names);
    for (std::size_t i = 0; i < package_.files.size(); ++i) {
      const PackageFile& file = package_.files[i];
      if (owner(i) || code_.input.languages.owned(i) || file.kind != FileKind::regular || file.size() > kMostOwnData)
        continue;
      if (code_.input.inventory.files[i].elf || source_of_[i] != nullptr) continue;
      thread_local std::vector<std::uint8_t> buffer;
      LP_TRY(const Bytes bytes, file.content.read_once(buffer));
      for (const std::size_t name : set.find_in(bytes)) mark_name(names[name]);
      file.content.release();
    }
    return {};
  }

  // What is required by its name alone, in a way that shows no module: all of it may be meant.
  bool keep_unexplained() {
    for (std::size_t d = 0; d < all_.size(); ++d)
      if (!whole_[d] && !of_[d].empty() &&
          std::ranges::none_of(of_[d], [&](std::size_t module) { return modules_[module].reached; }))
        keep_whole(d);
    return !queue_.empty();
  }

  const PythonCode& code_;
  const PythonReachInput& asked_;
  const std::vector<std::string>& evidence_;
  const Package& package_;
  const std::vector<Distribution>& all_;
  std::vector<Module> modules_;
  std::map<std::pair<std::size_t, std::string>, std::size_t> by_place_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_name_, by_base_;
  std::map<std::size_t, std::vector<std::size_t>> of_;  // by distribution
  std::multimap<std::string, std::size_t> sorted_;      // by name
  std::set<std::string> below_;                         // packages of which everything is reached
  std::vector<bool> whole_;                             // by distribution: all modules are reached
  std::vector<std::set<std::string, std::less<>>> beginnings_;
  std::vector<const PythonFile*> source_of_;           // by package file
  std::vector<std::optional<std::size_t>> module_of_;  // by package file
  std::deque<std::size_t> queue_;                      // reached, not yet looked at
  std::set<std::size_t> searched_;
};

// Whether own code is there and says all that it imports.
bool is_own_code_known(const PythonCode& code) {
  bool any = !code.input.target.handlers.empty();
  for (const PythonFile& source : code.sources) {
    if (code.input.languages.distribution_of[source.file]) continue;
    any = any || !is_layer_file(code.input.package.files[source.file].path);
    const bool computes = std::ranges::any_of(source.computed_loads, [](const ComputedLoad& load) {
      return load.within.empty() && (load.way.contains("computed") || load.way.contains("without a call"));
    });
    if (computes || !source.complete) return false;
  }
  return any;
}

}  // namespace

void add_module_words(const Package& package, const LanguageView& languages, WordSet& words) {
  for (const Distribution& distribution : languages.distributions)
    for (const std::size_t file : distribution.files) {
      const std::string name = module_name(package.files[file].path, distribution.folder);
      if (!name.empty()) words.add(name.substr(name.rfind('.') + 1));
    }
}

Result<std::vector<ProposedDrop>> drop_unreached_modules(const PythonCode& code, const PythonReachInput& asked,
                                                         const PythonReach& reach) {
  if (code.unknown_layers || !is_own_code_known(code)) return std::vector<ProposedDrop>();
  return ModuleSearch(code, asked, reach).run();
}

}  // namespace lambdapack
