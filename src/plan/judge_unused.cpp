// Libraries that the runtime has are judged apart from the others: needed entries never reach the package's copy.
#include "plan/judge_unused.h"

#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/glob.h"
#include "languages/package_paths.h"
#include "plan/opened_by_path.h"
#include "plan/unknown_openers.h"
#include "plan/version_misfit.h"

namespace lambdapack {
namespace {

constexpr std::size_t kShortestStem = 3;  // what is shorter cannot be told from other text

class Judge {
 public:
  Judge(const ReachInput& input, const RuleFinder& openers, const LibraryNames& names,
        const std::vector<std::size_t>& searched, unsigned threads, TextSearch& texts, Reach& reach)
      : input_(input),
        openers_(openers),
        names_(names),
        searched_(searched),
        threads_(threads),
        texts_(texts),
        reach_(reach) {
    for (const Rule& rule : input.rules.rules) {
      if (rule.kind == RuleKind::plugin_entry && rule.enabled) plugins_.push_back(&rule);
    }
  }

  Result<void> run(const std::vector<std::size_t>& libraries, bool needs_shadowed) {
    std::vector<std::size_t> shadowed, others;
    for (const std::size_t i : libraries) (runtime_has(input_, i) ? shadowed : others).push_back(i);
    if (!shadowed.empty() || needs_shadowed) LP_CHECK(judge_shadowed(shadowed));
    if (!others.empty()) LP_CHECK(judge_others(others));
    std::ranges::sort(reach_.unused, {}, &UnusedFile::file);
    if (!input_.links.complete) {
      for (UnusedFile& unused : reach_.unused) {
        unused.confidence = Confidence::possible;
        unused.reason = "the package's libraries are too entangled to follow every chain of loaders";
      }
    }
    lower_what_kept_files_need();
    return {};
  }

 private:
  bool named_in_env(std::string_view name) const {
    return std::ranges::any_of(input_.env,
                               [&](const auto& setting) { return setting.second.find(name) != std::string::npos; });
  }

  // Texts that change the search path at run time: os.environ in front of execv, a subprocess with an environment.
  // Scripts that were understood are no doubt; ELF files are, but only for what is dropped: many name the variables.
  Result<void> find_search_path_doubt(std::string& in_elf) {
    reach_.search_path_doubt = input_.target.search_path_doubt;
    if (reach_.search_path_doubt.empty() && input_.search_path_unknown)
      reach_.search_path_doubt = "the function's configuration sets the search path to something that is not known";
    const std::vector<std::string> variables = search_variables();
    LP_TRY(const auto mentions, texts_.find(searched_, variables));
    for (const Mention& mention : mentions) {
      const std::string& who = input_.package.files[mention.file].path;
      if (std::ranges::find(input_.target.start_scripts, who) != input_.target.start_scripts.end()) continue;
      std::string& doubt = input_.inventory.files[mention.file].elf ? in_elf : reach_.search_path_doubt;
      if (doubt.empty()) doubt = fmt::format("{} mentions {}", who, variables[mention.needle]);
    }
    return {};
  }

  // docs/decisions/0006: a library that the runtime shadows is `likely` dead, and only `possible` when something in the
  // package could change the search path or open the file by its path.
  Result<void> judge_shadowed(const std::vector<std::size_t>& files) {
    std::string variable_why;
    LP_CHECK(find_search_path_doubt(variable_why));
    if (!reach_.search_path_doubt.empty()) variable_why = reach_.search_path_doubt;
    LP_TRY(const auto path_why, opened_by_path(input_, names_, searched_, files, texts_));
    std::set<std::size_t> found_too_late;
    for (const Edge& edge : input_.links.edges)
      if (edge.shadows) found_too_late.insert(*edge.shadows);
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::string_view name = base_name(input_.package.files[files[i]].path);
      const bool in_env = named_in_env(name) || input_.search_path_unknown;
      UnusedFile unused{files[i],
                        found_too_late.contains(files[i]) ? "drop-shadowed-library" : "drop-runtime-library",
                        Confidence::likely,
                        {}};
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
    LP_TRY(reach_.unknown_openers,
           find_unknown_openers(input_.package, input_.inventory, openers_, searched_, threads_));
    for (const std::size_t file : files) {
      UnusedFile unused{file, "drop-unused-library", Confidence::likely,
                        "nothing needs it and no reached file names it"};
      if (const std::string entry = plugin_entry(*input_.inventory.files[file].elf); !entry.empty()) {
        unused.confidence = Confidence::possible;
        unused.reason += fmt::format(", but it exports {}, which plugin loaders look for", entry);
      } else if (!input_.target.search_path_doubt.empty()) {
        unused.confidence = Confidence::possible;
        unused.reason += ", but " + input_.target.search_path_doubt;
      } else if (library_stem(input_.package.files[file].path).size() < kShortestStem) {
        unused.confidence = Confidence::possible;
        unused.reason += ", but its name is too short to be looked for";
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
        const auto target = need_of_shadowed(input_, edge) != nullptr ? edge.shadows : edge.target;
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

  const ReachInput& input_;
  const RuleFinder& openers_;
  const LibraryNames& names_;
  const std::vector<std::size_t>& searched_;
  unsigned threads_;
  TextSearch& texts_;
  Reach& reach_;
  std::vector<const Rule*> plugins_;
};

}  // namespace

std::vector<std::string> search_variables() {
  return {"LD_LIBRARY_PATH", "LD_PRELOAD"};
}

const VersionNeed* need_of_shadowed(const ReachInput& input, const Edge& edge) {
  if (edge.state != EdgeState::shadowed) return nullptr;
  for (const VersionNeed& need : input.inventory.files[edge.from].elf->versions_needed) {
    if (needs_shadowed(input.inventory, edge, need, input.target.runtime)) return &need;
  }
  return nullptr;
}

Result<void> judge_unused(const ReachInput& input, const RuleFinder& openers, const LibraryNames& names,
                          const std::vector<std::size_t>& searched, const std::vector<std::size_t>& libraries,
                          bool needs_shadowed, unsigned threads, TextSearch& texts, Reach& reach) {
  return Judge(input, openers, names, searched, threads, texts, reach).run(libraries, needs_shadowed);
}

}  // namespace lambdapack
