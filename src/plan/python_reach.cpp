// The search for reached distributions; see python_reach.h.
//
// Imports, requirements and strings of sources first, which usually reach everything. Only for what is left are other
// texts searched: configuration, ELF files, bytecode without source, archives.
#include "plan/python_reach.h"

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "base/glob.h"
#include "languages/package_paths.h"
#include "languages/python_metadata.h"
#include "plan/unscanned_code.h"

namespace lambdapack {
namespace {

// Groups that no code of the function asks for: installers make programs of them.
constexpr std::array kScriptGroups = {"console_scripts", "gui_scripts"};
constexpr std::size_t kShortest = 3;    // that StringSet finds
constexpr std::size_t kLeastBegin = 4;  // bytes of what may be the beginning of a name: "plugin_"

bool is_script_group(std::string_view group) {
  return std::ranges::find(kScriptGroups, group) != kScriptGroups.end();
}

bool is_word_byte(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

class DistributionSearch {
 public:
  DistributionSearch(const PythonReachInput& input, unsigned threads)
      : input_(input),
        package_(input.plan.package),
        languages_(input.plan.languages),
        all_(input.plan.languages.distributions),
        threads_(threads),
        sources_of_(all_.size()) {
    reach_.evidence.resize(all_.size());
    for (std::size_t d = 0; d < all_.size(); ++d) {
      for (const std::string& top : all_[d].top_level) tops_[top].push_back(d);
      named_[all_[d].name].push_back(d);
      for (const EntryPoint& point : all_[d].entry_points)
        if (!is_script_group(point.group)) groups_[point.group].push_back(d);
    }
    for (const PythonFile& source : input.sources)
      if (const auto owner = languages_.distribution_of[source.file]) sources_of_[*owner].push_back(&source);
    for (std::size_t i = 0; i < package_.files.size(); ++i)
      if (const auto from = input.plan.reach.steps[i].from) note_library(i, *from);
    for (const Edge& edge : input.plan.links.edges)
      if (edge.target) note_library(*edge.target, edge.from);
  }

  Result<PythonReach> run() {
    mark_roots();
    for (;;) {
      follow();
      LP_TRY(const bool more, search_other_texts());
      if (!more) return std::move(reach_);
    }
  }

 private:
  const std::string& path(std::size_t file) const { return package_.files[file].path; }

  void mark(std::size_t d, std::string evidence) {
    if (!reach_.evidence[d].empty()) return;
    reach_.evidence[d] = std::move(evidence);
    queue_.push_back(d);
  }

  bool reached(std::size_t d) const { return !reach_.evidence[d].empty(); }

  // Whether what the file says counts, at this point of the search.
  bool is_kept(std::size_t file) const {
    const auto owner = languages_.distribution_of[file];
    return !input_.idle[file] && (!owner || reached(*owner));
  }

  void note_library(std::size_t target, std::size_t from) {
    const auto owner = languages_.distribution_of[target];
    if (owner && languages_.distribution_of[from] != owner) libraries_.push_back({from, target, *owner});
  }

  void mark_roots() {
    bool own_code = false;
    for (std::size_t d = 0; d < all_.size(); ++d) mark_root(d);
    for (const PythonFile& source : input_.sources) {
      if (languages_.distribution_of[source.file]) continue;
      own_code = own_code || !is_layer_file(path(source.file));
      look_at(source);
      const bool computes = std::ranges::any_of(source.calls, [](const FileCall& call) {
        return call.name.empty() && (call.function == "import_module" || call.function == "__import__");
      });
      if (computes && reach_.computed.empty()) reach_.computed = path(source.file);
    }
    for (const auto& [name, value] : input_.env) note_setting(value, "--env " + name);
    for (const std::string& handler : input_.plan.target.handlers) {
      note_setting(handler, "the handler " + handler);
      own_code = true;
    }
    for (std::size_t i = 0; i < package_.files.size(); ++i) {
      if (path(i).ends_with(".pth")) mark_by_pth(i);
      if (package_.files[i].kind != FileKind::symlink || languages_.distribution_of[i]) continue;
      const auto real = resolve_path(package_, path(i));
      if (const auto owner = real ? languages_.distribution_of[*real] : std::nullopt)
        mark(*owner, fmt::format("{} is a link to a file of it", path(i)));
    }
    if (own_code) return;
    for (std::size_t d = 0; d < all_.size(); ++d)
      mark(d, "the package has no Python code of its own, so what it is for is not known");
  }

  void mark_root(std::size_t d) {
    const Distribution& one = all_[d];
    if (input_.plan.target.is_layer || is_layer_file(one.info)) mark(d, "in a layer everything is kept");
    const bool has_files = std::ranges::any_of(
        one.files, [&](std::size_t file) { return path(file) != one.info && !path(file).starts_with(one.info + "/"); });
    if (!has_files) mark(d, "which files are its own is not known");
    for (const std::string& glob : input_.keep)
      if (std::ranges::any_of(one.files, [&](std::size_t file) { return glob_match(glob, path(file)); }))
        mark(d, "--keep " + glob);
  }

  // Lambda runs every .pth file at the top of the module path's folders (site.addsitedir).
  void mark_by_pth(std::size_t file) {
    const auto owner = languages_.distribution_of[file];
    if (owner && parent_folder(path(file)) == all_[*owner].folder) {
      mark(*owner, fmt::format("{} of it runs at every start", path(file)));
      return;
    }
    const auto bytes = package_.files[file].content.read();
    if (owner || !bytes) return;
    for (const std::string_view line : non_empty_lines(as_text(*bytes))) {
      for (const PythonImport& import : scan_python(line).imports)
        mark_module(import.module, fmt::format("{} imports it", path(file)));
    }
  }

  // "app.main:handler", "/opt/x", "a,b": any name in it counts.
  void note_setting(std::string_view value, const std::string& where) {
    std::size_t at = 0;
    while (at < value.size()) {
      std::size_t end = at;
      while (end < value.size() && (is_word_byte(value[end]) || value[end] == '.' || value[end] == '-')) ++end;
      if (end > at) note_word(value.substr(at, end - at), fmt::format("{} names it", where));
      at = end + 1;
    }
  }

  void follow() {
    do {
      while (!queue_.empty()) {
        const std::size_t d = queue_.front();
        queue_.pop_front();
        for (const std::string& name : all_[d].requires_)
          for (const std::size_t required : with_name(name))
            mark(required, fmt::format("{} {} requires it", all_[d].name, all_[d].version));
        for (const PythonFile* source : sources_of_[d])
          if (!input_.idle[source->file]) look_at(*source);
      }
      // What is needed from elsewhere: a library of one wheel by another's.
      for (const auto& [from, target, owner] : libraries_)
        if (!reached(owner) && is_kept(from)) mark(owner, fmt::format("{} opens {} of it", path(from), path(target)));
    } while (!queue_.empty());
  }

  std::vector<std::size_t> with_name(const std::string& name) const {
    const auto found = named_.find(name);
    return found == named_.end() ? std::vector<std::size_t>() : found->second;
  }

  void look_at(const PythonFile& source) {
    for (const PythonImport& import : source.imports) note_import(import, source);
    for (const std::string& word : source.words) note_word(word, fmt::format("{} names {}", path(source.file), word));
  }

  // "from google.cloud import storage" is about google/cloud/storage and not about all that share google.cloud, unless
  // no such module is there.
  void note_import(const PythonImport& import, const PythonFile& source) {
    std::vector<std::string> modules = imported_modules(import, source.package);
    if (modules.empty()) return;
    const auto found = tops_.find(modules.front().substr(0, modules.front().find('.')));
    if (found == tops_.end()) return;
    const bool whole = modules.size() == 1 || std::ranges::find(import.names, "*") != import.names.end() ||
                       !std::ranges::all_of(modules.begin() + 1, modules.end(), [&](const std::string& module) {
                         return is_module_of_one(module, found->second);
                       });
    for (auto module = modules.begin() + (whole ? 0 : 1); module != modules.end(); ++module)
      mark_module(*module, fmt::format("{} imports {}", path(source.file), *module));
  }

  bool is_module_of_one(std::string module, const std::vector<std::size_t>& among) const {
    std::ranges::replace(module, '.', '/');
    return std::ranges::any_of(among, [&](std::size_t d) { return has_module(d, module); });
  }

  void note_word(std::string_view word, const std::string& why) {
    for (const std::size_t d : with_name(normalise_distribution_name(word))) mark(d, why);
    if (const auto group = groups_.find(std::string(word)); group != groups_.end())
      for (const std::size_t d : group->second) mark(d, why + ", entry points that it provides");
    if (word.ends_with('_') || word.ends_with('-') || word.ends_with('.')) mark_beginning(word, why);
    // A path may have the module anywhere, a dotted name only in front.
    std::string_view rest = word;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('/'), rest.size());
      mark_module(std::string(rest.substr(0, end)), why);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  void mark_beginning(std::string_view begin, const std::string& why) {
    if (begin.size() < kLeastBegin) return;
    for (const auto& [top, distributions] : tops_) {
      if (!top.starts_with(begin)) continue;
      for (const std::size_t d : distributions) mark(d, why + "…, which may be the beginning of its name");
    }
    for (const auto& [group, distributions] : groups_) {
      if (!group.starts_with(begin)) continue;
      for (const std::size_t d : distributions) mark(d, why + "…, entry points that it provides");
    }
  }

  // The distributions that have a module. A namespace such as "google" belongs to many: then those that have the
  // longest part of the dotted name.
  void mark_module(const std::string& module, const std::string& why) {
    const auto found = tops_.find(module.substr(0, module.find('.')));
    if (found == tops_.end()) return;
    if (found->second.size() == 1) {
      mark(found->second.front(), why);
      return;
    }
    if (!seen_.insert(module).second) return;
    for (const std::size_t d : owners(module, found->second)) mark(d, why);
  }

  std::vector<std::size_t> owners(std::string module, const std::vector<std::size_t>& among) const {
    std::vector<std::size_t> having;
    while (module.find('.') != std::string::npos) {
      std::string place = module;
      std::ranges::replace(place, '.', '/');
      for (const std::size_t d : among)
        if (has_module(d, place)) having.push_back(d);
      if (!having.empty()) break;
      module.resize(module.rfind('.'));
    }
    if (having.empty()) return among;
    // The packages on the way are loaded too.
    for (std::size_t dot = module.find('.'); dot != std::string::npos; dot = module.find('.', dot + 1)) {
      std::string place = module.substr(0, dot);
      std::ranges::replace(place, '.', '/');
      for (const std::size_t d : among)
        if (owns(d, join_path(all_[d].folder, place + "/__init__.py"))) having.push_back(d);
    }
    return having;
  }

  bool owns(std::size_t d, std::string_view file) const {
    const auto index = file_at(package_, file);
    return index && std::ranges::binary_search(all_[d].files, *index);
  }

  // Whether one of the distribution's files is a/b.py, a/b.so or a/b/….
  bool has_module(std::size_t d, const std::string& place) const {
    const std::string base = join_path(all_[d].folder, place);
    for (const char* end : {".", "/"}) {
      const auto [first, last] = files_with_prefix(package_, base + end);
      const auto at = std::ranges::lower_bound(all_[d].files, first);
      if (at != all_[d].files.end() && *at < last) return true;
    }
    return false;
  }

  // Whether texts of kept files, each searched once, reach more.
  Result<bool> search_other_texts() {
    std::vector<std::string> names;
    std::vector<std::size_t> owner;
    for (std::size_t d = 0; d < all_.size(); ++d) {
      if (reached(d)) continue;
      for (const std::string& top : all_[d].top_level) {
        names.push_back(top), owner.push_back(d);
        if (top.size() < kShortest) mark(d, fmt::format("its module {} is too short to be looked for", top));
      }
      names.push_back(all_[d].name), owner.push_back(d);
    }
    if (!queue_.empty()) return true;
    if (names.empty()) return false;
    std::vector<std::size_t> files;
    for (std::size_t i = 0; i < package_.files.size(); ++i)
      if (is_kept(i) && is_unscanned_text(package_, input_.plan.inventory, input_.sources, i) &&
          searched_.insert(i).second)
        files.push_back(i);
    LP_TRY(const auto mentions, find_names(package_, input_.plan.inventory, files, names, threads_));
    bool more = false;
    for (const Mention& mention : mentions) {
      more = more || !reached(owner[mention.needle]);
      mark(owner[mention.needle], fmt::format("{} names {}", path(mention.file), names[mention.needle]));
    }
    return more;
  }

  struct Library {
    std::size_t from, target, owner;
  };

  const PythonReachInput& input_;
  const Package& package_;
  const LanguageView& languages_;
  const std::vector<Distribution>& all_;
  unsigned threads_;
  std::vector<std::vector<const PythonFile*>> sources_of_;
  std::map<std::string, std::vector<std::size_t>> tops_, groups_;  // importable name, group -> distributions
  std::unordered_map<std::string, std::vector<std::size_t>> named_;
  std::vector<Library> libraries_;  // of one distribution, opened from elsewhere
  std::deque<std::size_t> queue_;
  std::set<std::string> seen_;  // modules of namespaces
  std::set<std::size_t> searched_;
  PythonReach reach_;
};

}  // namespace

void add_reach_words(const LanguageView& languages, WordSet& words) {
  for (const Distribution& distribution : languages.distributions) {
    words.add(distribution.name);
    for (const std::string& top : distribution.top_level) words.add(top);
    for (const EntryPoint& point : distribution.entry_points)
      if (!is_script_group(point.group)) words.add(point.group);
  }
}

Result<PythonReach> reach_distributions(const PythonReachInput& input, unsigned threads) {
  return DistributionSearch(input, threads).run();
}

std::vector<ProposedDrop> drop_unreached_distributions(const PlanInput& input, const PythonReach& reach) {
  const auto& all = input.languages.distributions;
  std::vector<bool> kept(input.package.files.size());
  for (std::size_t d = 0; d < all.size(); ++d)
    if (!reach.evidence[d].empty())
      for (const std::size_t file : all[d].files) kept[file] = true;
  const std::string doubt =
      reach.computed.empty() ? "" : fmt::format("; but {} imports modules by names that it computes", reach.computed);
  std::vector<ProposedDrop> drops;
  for (std::size_t d = 0; d < all.size(); ++d) {
    if (!reach.evidence[d].empty()) continue;
    for (const std::size_t file : all[d].files)
      if (!kept[file] && input.languages.distribution_of[file] == d)
        drops.push_back(
            {file, "drop-unreached-distribution",
             fmt::format("nothing that is kept imports, requires or names {} {}{}", all[d].name, all[d].version, doubt),
             Confidence::possible});
  }
  return drops;
}

}  // namespace lambdapack
