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

#include "base/bytes.h"
#include "plan/judge_unused.h"
#include "plan/opened_by_path.h"
#include "plan/roots.h"
#include "plan/text_search.h"
#include "plan/wanted.h"

namespace lambdapack {
namespace {

class Search {
 public:
  Search(const ReachInput& input, unsigned threads)
      : input_(input),
        threads_(threads),
        texts_(input.package, input.inventory, threads, input.listener),
        openers_(input.rules, RuleKind::opener, input.target.runtime.family),
        keep_rules_(input.rules, RuleKind::keep, input.target.runtime.family),
        names_(input.package) {
    const std::size_t count = input.package.files.size();
    reach_.steps.resize(count);
    reach_.foreign.resize(count);
    for (std::size_t i = 0; i < count; ++i)
      reach_.foreign[i] = foreign_binary(input.package, input.inventory, input.languages, input.target, i);
    mark_sole_builds(reach_.foreign, input.package, input.inventory, input.languages, input.target.arch);
    if (!input.target.is_layer) not_loadable_ = list_not_loadable(input.package, input.inventory);
    // Asked for at the end, when the texts have been read for something else.
    for (const NotLoadable& file : not_loadable_)
      texts_.expect({std::string(base_name(input.package.files[file.file].path))});
  }

  Result<Reach> run() {
    mark_roots();
    mark_preloads();
    follow();
    expect_shadowed();
    LP_CHECK(search_texts());
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < input_.package.files.size(); ++i)
      if (is_candidate(i)) left.push_back(i);
    LP_CHECK(judge_unused(input_, openers_, names_, searched_, left, needs_shadowed_, threads_, texts_, reach_));
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
      mark(file, ReachKind::root, std::nullopt, std::string(kComesFirst));
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
      const VersionNeed* const need = need_of_shadowed(input_, edge);
      needs_shadowed_ = needs_shadowed_ || need != nullptr;
      if (need != nullptr)
        mark(*edge.shadows, ReachKind::evidence, file,
             fmt::format("needs {} of {}, which only this one has", need->version, need->library));
      if (!edge.target) continue;
      mark(*edge.target, ReachKind::needed, file,
           fmt::format("needs {} (found by {})", edge.needed, to_string(edge.how)));
    }
  }

  // .note.dlopen: what the loader would open for the soname; and, since a program may give a folder with it, any
  // library of that name that the runtime does not have.
  void follow_notes(std::size_t file, const std::vector<std::size_t>& left) {
    const auto& opens = input_.links.opens;
    const auto first = std::ranges::lower_bound(opens, file, {}, &OpenedName::from);
    for (auto opened = first; opened != opens.end() && opened->from == file; ++opened) {
      const DlopenNote& note = input_.inventory.files[file].elf->dlopen_notes[opened->note];
      const std::string why =
          fmt::format("declares in .note.dlopen that it opens {} ({})", opened->soname, note.priority);
      if (opened->state == EdgeState::bundled) mark(*opened->target, ReachKind::evidence, file, why);
      for (const std::size_t i : left) {
        const auto& names = names_.of(i);
        if (!runtime_has(input_, i) && std::ranges::find(names, std::string_view(opened->soname)) != names.end())
          mark(i, ReachKind::evidence, file, why);
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

  bool is_candidate(std::size_t i) const {
    return !reach_.reached(i) && is_plain_shared_library(input_.inventory.files[i]);
  }

  bool named_in_env(std::string_view name) const {
    return std::ranges::any_of(input_.env,
                               [&](const auto& setting) { return setting.second.find(name) != std::string::npos; });
  }

  // Libraries that the runtime has are asked about after the others.
  void expect_shadowed() {
    std::vector<std::size_t> shadowed;
    for (std::size_t i = 0; i < input_.package.files.size(); ++i)
      if (is_candidate(i) && runtime_has(input_, i)) shadowed.push_back(i);
    if (shadowed.empty() && !needs_shadowed_) return;
    texts_.expect(search_variables());
    texts_.expect_evidence(path_needles(input_.package, shadowed), {});
  }

  // Libraries that the runtime does not have: a text that names them, their folder, or what their names look like
  // reaches them.
  Result<void> search_texts() {
    for (;;) {
      const std::vector<std::size_t> left = take_those_in_env();
      if (!left.empty()) {
        // A new library is looked for in all reached files, so after a round that reached more only the new ones are
        // left.
        std::ranges::sort(unsearched_);
        Wanted wanted(input_, names_, left);
        LP_TRY(const Evidence evidence, texts_.find_evidence(unsearched_, wanted.needles, wanted.folders));
        mark_evidence(wanted, evidence);
      }
      searched_.insert(searched_.end(), unsearched_.begin(), unsearched_.end());
      unsearched_.clear();
      if (queue_.empty()) return {};
      follow();
    }
  }

  std::vector<std::size_t> take_those_in_env() {
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
      if (!is_candidate(i) || runtime_has(input_, i)) continue;
      if (named_in_env(base_name(input_.package.files[i].path)))
        mark(i, ReachKind::evidence, std::nullopt, "named in --env");
      else
        left.push_back(i);
    }
    return left;
  }

  void mark_evidence(const Wanted& wanted, const Evidence& evidence) {
    for (const Mention& mention : evidence.names)
      mark(wanted.needle_file[mention.needle], ReachKind::evidence, mention.file,
           fmt::format("names {} in its text", wanted.needles[mention.needle]));
    for (const Mention& mention : evidence.folders)
      for (const std::size_t i : wanted.in_folder[mention.needle])
        mark(i, ReachKind::evidence, mention.file, fmt::format("names its folder {}", wanted.folders[mention.needle]));
    for (const Evidence::Pattern& found : evidence.patterns)
      for (const std::size_t i : wanted.files)
        if (!reach_.reached(i) && may_make_name(input_, names_, found, i))
          mark(i, ReachKind::evidence, found.file,
               fmt::format("makes names of libraries like its own ({})", printable(found.pattern.written)));
  }

  // Any file that stays may be a linker's script or name its own debug info, so all are asked. A layer's object files
  // may be what the layer is for.
  Result<void> find_what_no_loader_takes() {
    if (not_loadable_.empty()) return {};
    std::vector<std::size_t> all(input_.package.files.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    LP_TRY(reach_.not_loadable, judge_named(input_.package, std::move(not_loadable_), all, texts_));
    return {};
  }

  const ReachInput& input_;
  unsigned threads_;
  TextSearch texts_;
  Reach reach_;
  std::vector<NotLoadable> not_loadable_;  // before it is asked who names them; none in a layer
  std::deque<std::size_t> queue_;
  std::vector<std::size_t> unsearched_, searched_;  // reached files whose text was not, was looked at
  RuleFinder openers_, keep_rules_;
  const LibraryNames names_;
  bool needs_shadowed_ = false;  // something was built for a library of the package that the runtime shadows
};

}  // namespace

std::string_view to_string(ReachKind kind) {
  switch (kind) {
    case ReachKind::none: return "none";
    case ReachKind::root: return "root";
    case ReachKind::needed: return "needed";
    case ReachKind::evidence: return "evidence";
    case ReachKind::owner: return "owner";
  }
  return "";
}

Result<Reach> find_reachable(const ReachInput& input, unsigned threads) {
  return Search(input, threads).run();
}

}  // namespace lambdapack
