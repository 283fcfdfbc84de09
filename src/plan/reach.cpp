// Reachability of shared objects; see reach.h for the roots and docs/decisions/0007 for what "unused" takes.
//
// A plain search over needed edges comes first and usually reaches everything. Only for what is left are the texts of
// reached files searched, again and again until a search adds nothing: what evidence reaches may itself need or name
// more.
#include "plan/reach.h"
#include "languages/package_paths.h"

#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>

#include "base/glob.h"
#include "plan/evidence.h"
#include "plan/roots.h"
#include "plan/version_misfit.h"

namespace lambdapack {
namespace {

// Two parts of the path, or one when there is no folder: what a program writes to open a library by path.
std::string path_tail(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return "/" + std::string(path);
  const std::size_t before = slash == 0 ? std::string_view::npos : path.rfind('/', slash - 1);
  return std::string(before == std::string_view::npos ? path : path.substr(before + 1));
}

const std::vector<std::string> kSearchVariables{"LD_LIBRARY_PATH", "LD_PRELOAD"};

class Search {
 public:
  Search(const ReachInput& input, unsigned threads)
      : input_(input),
        threads_(threads),
        openers_(input.rules, RuleKind::opener, input.target.runtime.family),
        keep_rules_(input.rules, RuleKind::keep, input.target.runtime.family) {
    const std::size_t count = input.package.files.size();
    reach_.steps.resize(count);
    reach_.foreign.resize(count);
    for (std::size_t i = 0; i < count; ++i)
      reach_.foreign[i] = foreign_binary(input.package, input.inventory, input.languages, input.target, i);
    mark_sole_builds(reach_.foreign, input.package, input.inventory, input.languages, input.target.arch);
    for (const Rule& rule : input.rules.rules) {
      if (rule.kind == RuleKind::plugin_entry && rule.enabled) plugins_.push_back(&rule);
    }
  }

  Result<Reach> run() {
    mark_roots();
    mark_preloads();
    follow();
    LP_CHECK(search_texts());
    LP_CHECK(judge_rest());
    lower_what_kept_files_need();
    LP_CHECK(find_what_no_loader_takes());
    return std::move(reach_);
  }

 private:
  void mark(std::size_t file, ReachKind kind, std::optional<std::size_t> from, std::string why) {
    if (reach_.reached(file)) return;
    reach_.steps[file] = {kind, from, std::move(why)};
    queue_.push_back(file);
  }

  void mark_roots() {
    for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
      if (reach_.foreign[i] && !input_.target.is_layer) {
        // Not loadable, so it reaches nothing; whether it stays is the plan's affair.
        reach_.steps[i] = {ReachKind::owner, std::nullopt, "a binary for another platform: " + reach_.foreign[i]->what};
        continue;
      }
      if (is_layer_file(input_.package.files[i].path)) {
        mark(i, ReachKind::root, std::nullopt, "a layer's file, which is there whatever the function does");
        continue;
      }
      if (std::string why = why_root(input_, keep_rules_, i); !why.empty()) {
        mark(i, ReachKind::root, std::nullopt, std::move(why));
      } else if (!is_plain_shared_library(input_.inventory.files[i])) {
        mark(i, ReachKind::owner, std::nullopt, owner_of(i));
      }
    }
  }

  std::string owner_of(std::size_t file) const {
    const LanguageView& languages = input_.languages;
    if (const auto d = languages.distribution_of[file])
      return fmt::format("part of the Python distribution {} {}", languages.distributions[*d].name,
                         languages.distributions[*d].version);
    if (const auto n = languages.node_package_of[file])
      return fmt::format("part of the npm package {} {}", languages.node_packages[*n].name,
                         languages.node_packages[*n].version);
    return "the function's own file";
  }

  // What LD_PRELOAD and LD_LIBRARY_PATH make the process that Lambda starts load.
  void mark_preloads() {
    for (const Edge& edge : input_.links.preloads) {
      if (edge.target) mark(*edge.target, ReachKind::root, std::nullopt, "named by LD_PRELOAD");
    }
    for (const std::size_t file : input_.links.overriding)
      mark(file, ReachKind::root, std::nullopt, "LD_LIBRARY_PATH puts it before the runtime's own");
  }

  // Needed edges from everything in the queue; then, only if that left something, .note.dlopen and opener rules.
  void follow() {
    while (!queue_.empty()) {
      std::vector<std::size_t> fresh;
      while (!queue_.empty()) {
        fresh.push_back(queue_.front());
        queue_.pop_front();
        follow_edges(fresh.back());
      }
      unsearched_.insert(unsearched_.end(), fresh.begin(), fresh.end());
      std::vector<std::size_t> left;
      for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
        if (is_candidate(i)) left.push_back(i);
      }
      if (left.empty()) continue;
      for (const std::size_t file : fresh) {
        follow_notes(file, left);
        follow_openers(file, left);
      }
    }
  }

  void follow_edges(std::size_t file) {
    const LinkGraph& links = input_.links;
    for (std::size_t e = links.first[file]; e < links.first[file + 1]; ++e) {
      const Edge& edge = links.edges[e];
      const VersionNeed* const need = need_of_shadowed(edge);
      needs_shadowed_ = needs_shadowed_ || need != nullptr;
      if (need != nullptr)
        mark(*edge.shadows, ReachKind::evidence, file,
             fmt::format("needs {} of {}, which only this one has", need->version, need->library));
      if (!edge.target) continue;
      mark(*edge.target, ReachKind::needed, file,
           fmt::format("needs {} (found by {})", edge.needed, to_string(edge.how)));
    }
  }

  // The runtime's library is loaded, but only the package's has a version that is needed. Something is to be repaired,
  // and until then the file that was meant stays.
  const VersionNeed* need_of_shadowed(const Edge& edge) const {
    if (edge.state != EdgeState::shadowed) return nullptr;
    for (const VersionNeed& need : input_.inventory.files[edge.from].elf->versions_needed) {
      if (needs_shadowed(input_.inventory, edge, need, input_.target.runtime)) return &need;
    }
    return nullptr;
  }

  void follow_notes(std::size_t file, const std::vector<std::size_t>& left) {
    if (!input_.inventory.files[file].elf) return;
    for (const DlopenNote& note : input_.inventory.files[file].elf->dlopen_notes) {
      for (const std::size_t i : left) {
        const std::string_view name = base_name(input_.package.files[i].path);
        if (std::ranges::find(note.sonames, name) == note.sonames.end()) continue;
        mark(i, ReachKind::evidence, file,
             fmt::format("declares in .note.dlopen that it opens {} ({})", name, note.priority));
      }
    }
  }

  void follow_openers(std::size_t file, const std::vector<std::size_t>& left) {
    for (const Rule* rule : openers_.find(input_.package.files[file].path)) {
      for (const std::size_t i : left) {
        if (rule->may_open(input_.package.files[i].path))
          mark(i, ReachKind::evidence, file, fmt::format("may open it (rule {})", rule->id));
      }
    }
  }

  bool is_known_opener(std::size_t file) const { return !openers_.find(input_.package.files[file].path).empty(); }

  bool is_candidate(std::size_t i) const {
    return !reach_.reached(i) && is_plain_shared_library(input_.inventory.files[i]);
  }

  // The runtime's library of that name comes first on the search path, whoever asks for it by name.
  bool runtime_has(std::size_t i) const {
    const Runtime& runtime = input_.target.runtime;
    const std::string_view name = base_name(input_.package.files[i].path);
    const std::string& soname = input_.inventory.files[i].elf->soname;
    return runtime.folder_of(name).has_value() || (!soname.empty() && runtime.folder_of(soname).has_value());
  }

  bool named_in_env(std::string_view name) const {
    return std::ranges::any_of(input_.env,
                               [&](const auto& setting) { return setting.second.find(name) != std::string::npos; });
  }

  // Libraries that the runtime does not have: a name in a reached text reaches them.
  Result<void> search_texts() {
    for (;;) {
      std::vector<std::string> needles;
      std::vector<std::size_t> needle_file;
      for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
        if (!is_candidate(i) || runtime_has(i)) continue;
        if (named_in_env(base_name(input_.package.files[i].path)))
          mark(i, ReachKind::evidence, std::nullopt, "named in --env");
        for (std::string& needle : library_needles(input_.package.files[i].path)) {
          needles.push_back(std::move(needle));
          needle_file.push_back(i);
        }
      }
      if (!needles.empty()) {
        // A new library is looked for in all reached files, so after a round that reached more only the new ones are
        // left.
        std::ranges::sort(unsearched_);
        LP_TRY(const auto mentions, find_mentions(input_.package, input_.inventory, unsearched_, needles, threads_));
        for (const Mention& mention : mentions)
          mark(needle_file[mention.needle], ReachKind::evidence, mention.file,
               fmt::format("names {} in its text", needles[mention.needle]));
      }
      searched_.insert(searched_.end(), unsearched_.begin(), unsearched_.end());
      unsearched_.clear();
      if (queue_.empty()) return {};
      follow();
    }
  }

  Result<void> judge_rest() {
    std::vector<std::size_t> shadowed, others;
    for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
      if (is_candidate(i)) (runtime_has(i) ? shadowed : others).push_back(i);
    }
    if (!shadowed.empty() || needs_shadowed_) LP_CHECK(judge_shadowed(shadowed));
    if (!others.empty()) LP_CHECK(judge_others(others));
    std::ranges::sort(reach_.unused, {}, &UnusedFile::file);
    if (!input_.links.complete) {
      for (UnusedFile& unused : reach_.unused) {
        unused.confidence = Confidence::possible;
        unused.reason = "the package's libraries are too entangled to follow every chain of loaders";
      }
    }
    return {};
  }

  // Texts that change the search path at run time: os.environ in front of execv, a subprocess with an environment.
  // Scripts that were understood are no doubt; ELF files are, but only for what is dropped: many name the variables.
  Result<void> find_search_path_doubt(std::string& in_elf) {
    reach_.search_path_doubt = input_.target.search_path_doubt;
    if (reach_.search_path_doubt.empty() && input_.search_path_unknown)
      reach_.search_path_doubt = "the function's configuration sets the search path to something that is not known";
    LP_TRY(const auto mentions, find_mentions(input_.package, input_.inventory, searched_, kSearchVariables, threads_));
    for (const Mention& mention : mentions) {
      const std::string& who = input_.package.files[mention.file].path;
      if (std::ranges::find(input_.target.start_scripts, who) != input_.target.start_scripts.end()) continue;
      std::string& doubt = input_.inventory.files[mention.file].elf ? in_elf : reach_.search_path_doubt;
      if (doubt.empty()) doubt = fmt::format("{} mentions {}", who, kSearchVariables[mention.needle]);
    }
    return {};
  }

  // docs/decisions/0006: a library that the runtime shadows is `likely` dead, and only `possible` when something in the
  // package could change the search path or open the file by its path.
  Result<void> judge_shadowed(const std::vector<std::size_t>& files) {
    std::string variable_why;
    LP_CHECK(find_search_path_doubt(variable_why));
    if (!reach_.search_path_doubt.empty()) variable_why = reach_.search_path_doubt;
    std::vector<std::string> needles;
    for (const std::size_t file : files) {
      needles.push_back(path_tail(input_.package.files[file].path));
      needles.emplace_back(base_name(input_.package.files[file].path));
    }
    LP_TRY(const auto mentions, find_mentions(input_.package, input_.inventory, searched_, needles, threads_));
    std::vector<std::string> path_why(files.size());
    for (const Mention& mention : mentions) {
      const std::size_t which = mention.needle / 2;
      const bool by_path = mention.needle % 2 == 0;
      // A bare name in an ELF file is a needed entry, which gets the runtime's copy; in a script it may be part of a
      // path.
      if ((by_path || !input_.inventory.files[mention.file].elf) && path_why[which].empty())
        path_why[which] = fmt::format("{} names it", input_.package.files[mention.file].path);
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::string_view name = base_name(input_.package.files[files[i]].path);
      const bool in_env = named_in_env(name) || input_.search_path_unknown;
      UnusedFile unused{files[i], true, Confidence::likely, {}};
      unused.reason = fmt::format("{} has {} and its loader finds that one first", input_.target.runtime.id, name);
      const std::string& doubt = !path_why[i].empty() ? path_why[i] : variable_why;
      if (in_env || !doubt.empty()) {
        unused.confidence = Confidence::possible;
        unused.reason += in_env ? ", unless the function's environment changes that" : ", but " + doubt;
      }
      reach_.unused.push_back(std::move(unused));
    }
    return {};
  }

  Result<void> judge_others(const std::vector<std::size_t>& files) {
    LP_CHECK(find_unknown_openers());
    for (const std::size_t file : files) {
      UnusedFile unused{file, false, Confidence::likely, "nothing needs it and no reached file names it"};
      if (const std::string entry = plugin_entry(*input_.inventory.files[file].elf); !entry.empty()) {
        unused.confidence = Confidence::possible;
        unused.reason += fmt::format(", but it exports {}, which plugin loaders look for", entry);
      } else if (!input_.target.search_path_doubt.empty()) {
        unused.confidence = Confidence::possible;
        unused.reason += ", but " + input_.target.search_path_doubt;
      } else if (!reach_.unknown_openers.empty()) {
        unused.confidence = Confidence::possible;
        unused.reason += fmt::format(", but {} opens libraries that no rule lists",
                                     input_.package.files[reach_.unknown_openers.front()].path);
        reach_.waiting_bytes += input_.package.files[file].size();
      }
      reach_.unused.push_back(std::move(unused));
    }
    return {};
  }

  std::string plugin_entry(const ElfInfo& elf) const {
    for (const std::string& symbol : elf.entry_points) {
      for (const Rule* rule : plugins_) {
        if (std::ranges::any_of(rule->symbols, [&](const std::string& glob) { return glob_match(glob, symbol); }))
          return symbol;
      }
    }
    return {};
  }

  // Reached files that can open libraries by a name computed at run time, and that no opener rule describes.
  Result<void> find_unknown_openers() {
    static const std::vector<std::string> calls{"ctypes",        "cffi",        "dlopen",      "System.load",
                                                "loadLibrary",   "com/sun/jna", "com.sun.jna", "DllImport",
                                                "NativeLibrary", "ffi-napi",    "koffi",       "Fiddle"};
    std::set<std::size_t> openers;
    std::vector<std::size_t> scripts;
    for (const std::size_t file : searched_) {
      const FileRecord& record = input_.inventory.files[file];
      if (record.elf && record.elf->calls_dlopen && !record.elf->is_go) openers.insert(file);
      if (!record.elf) scripts.push_back(file);
    }
    LP_TRY(const auto mentions, find_mentions(input_.package, input_.inventory, scripts, calls, threads_));
    for (const Mention& mention : mentions) openers.insert(mention.file);
    for (const std::size_t file : openers) {
      if (!is_known_opener(file)) reach_.unknown_openers.push_back(file);
    }
    return {};
  }

  // A file that stays only because it might be used must find what it needs: those are no surer than it is.
  void lower_what_kept_files_need() {
    std::vector<std::size_t> at(input_.package.files.size(), reach_.unused.size());
    std::deque<std::size_t> kept;
    for (std::size_t u = 0; u < reach_.unused.size(); ++u) {
      at[reach_.unused[u].file] = u;
      if (reach_.unused[u].confidence == Confidence::possible) kept.push_back(reach_.unused[u].file);
    }
    while (!kept.empty()) {
      const std::size_t file = kept.front();
      kept.pop_front();
      for (std::size_t e = input_.links.first[file]; e < input_.links.first[file + 1]; ++e) {
        const Edge& edge = input_.links.edges[e];
        const auto target = need_of_shadowed(edge) != nullptr ? edge.shadows : edge.target;
        if (!target || at[*target] == reach_.unused.size()) continue;
        UnusedFile& needed = reach_.unused[at[*target]];
        if (needed.confidence == Confidence::possible) continue;
        needed.confidence = Confidence::possible;
        needed.reason =
            fmt::format("only {} needs it, which nothing reaches for certain", input_.package.files[file].path);
        kept.push_back(*target);
      }
    }
  }

  // Any file that stays may be a linker's script or name its own debug info, so all are asked. A layer's object files
  // may be what the layer is for.
  Result<void> find_what_no_loader_takes() {
    if (input_.target.is_layer) return {};
    std::vector<std::size_t> all(input_.package.files.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    LP_TRY(reach_.not_loadable, find_not_loadable(input_.package, input_.inventory, all, threads_));
    return {};
  }

  const ReachInput& input_;
  unsigned threads_;
  Reach reach_;
  std::deque<std::size_t> queue_;
  std::vector<std::size_t> unsearched_, searched_;  // reached files whose text was not, was looked at
  RuleFinder openers_, keep_rules_;
  std::vector<const Rule*> plugins_;
  bool needs_shadowed_ = false;  // something was built for a library of the package that the runtime shadows
};

}  // namespace

Result<Reach> find_reachable(const ReachInput& input, unsigned threads) {
  return Search(input, threads).run();
}

}  // namespace lambdapack
