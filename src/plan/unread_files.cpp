// A file stays when code names it, or says something that makes it likely that it reads files of this kind; see
// unread_files.h. What a package's own tests say about tests does not count: a script is no evidence for the rule that
// it falls under itself.
#include "plan/unread_files.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/sort_unique.h"
#include "languages/package_paths.h"
#include "rules/rule_finder.h"

namespace lambdapack {
namespace {

template <class T, class U>
std::size_t position(const std::vector<T>& list, const U& item) {
  return static_cast<std::size_t>(std::ranges::lower_bound(list, item) - list.begin());
}

}  // namespace

UnreadFiles::UnreadFiles(const Package& package, const LanguageView& languages, const Rules& rules,
                         std::string_view family)
    : package_(package), languages_(languages) {
  const RuleFinder finder(rules, RuleKind::unread, family);
  std::vector<std::pair<std::size_t, const Rule*>> found;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    if (!languages.node_package_of[i] || package.files[i].kind != FileKind::regular ||
        is_layer_file(package.files[i].path))
      continue;
    for (const Rule* rule : finder.find(package.files[i].path)) found.emplace_back(i, rule);
  }
  for (const auto& [file, rule] : found) {
    rules_.push_back(rule);
    file_names_.push_back(base_name(package.files[file].path));
  }
  std::ranges::sort(rules_, {}, [](const Rule* rule) -> const std::string& { return rule->id; });
  rules_.erase(std::ranges::unique(rules_).begin(), rules_.end());
  sort_unique(file_names_);
  for (const Rule* rule : rules_)
    for (const auto* words : {&rule->words, &rule->words_anywhere})
      words_.insert(words_.end(), words->begin(), words->end());
  sort_unique(words_);
  for (const auto& [file, rule] : found) {
    const auto at = std::ranges::find(rules_, rule) - rules_.begin();
    candidates_.push_back(
        {file, static_cast<std::size_t>(at), position(file_names_, base_name(package.files[file].path))});
  }
}

TextQuestions UnreadFiles::questions() const {
  return {words_, file_names_};
}

bool UnreadFiles::matches(std::size_t file, std::size_t rule) const {
  const auto at = std::ranges::lower_bound(candidates_, std::pair(file, rule), {},
                                           [](const Candidate& c) { return std::pair(c.file, c.rule); });
  return at != candidates_.end() && at->file == file && at->rule == rule;
}

std::vector<ProposedDrop> UnreadFiles::drops(const std::vector<ReadScript>& reached,
                                             const std::vector<ReadScript>& other,
                                             const std::vector<std::string>& settings) const {
  // Words of the code of each package, of the user's own and of all that is reached; the last two at these places.
  const std::size_t own = languages_.node_packages.size(), anywhere = own + 1;
  std::set<std::pair<std::size_t, std::size_t>> kept;           // place, rule
  std::vector<bool> named(file_names_.size());                  // by the user's own code
  std::set<std::pair<std::string_view, std::size_t>> named_in;  // package, file name

  const auto learn = [&](std::size_t rule, std::size_t place, const std::string& word, bool is_reached) {
    if (std::ranges::find(rules_[rule]->words, word) != rules_[rule]->words.end()) kept.emplace(place, rule);
    if (is_reached && std::ranges::find(rules_[rule]->words_anywhere, word) != rules_[rule]->words_anywhere.end())
      kept.emplace(anywhere, rule);
  };
  for (const auto* scripts : {&reached, &other}) {
    for (const ReadScript& script : *scripts) {
      const auto owner = languages_.node_package_of[script.file];
      const std::size_t place = owner && !is_layer_file(package_.files[script.file].path) ? *owner : own;
      for (const std::size_t word : script.words) {
        if (owner && words_[word] == languages_.node_packages[*owner].name) continue;  // it names itself
        for (std::size_t rule = 0; rule < rules_.size(); ++rule)
          if (!matches(script.file, rule)) learn(rule, place, words_[word], scripts == &reached);
      }
      for (const NamedFile& file : script.files) {
        if (place == own)
          named[file.name] = true;
        else
          named_in.emplace(languages_.node_packages[*owner].name, file.name);
        if (scripts == &reached && !file.package.empty()) named_in.emplace(file.package, file.name);
      }
    }
  }
  for (const std::string& setting : settings)
    for (const std::string& word : words_)
      if (setting.contains(word))
        for (std::size_t rule = 0; rule < rules_.size(); ++rule) learn(rule, own, word, true);

  std::vector<ProposedDrop> drops;
  for (const Candidate& candidate : candidates_) {
    const std::size_t owner = *languages_.node_package_of[candidate.file];
    const auto is_kept = [&](std::size_t place) { return kept.contains({place, candidate.rule}); };
    if (is_kept(owner) || is_kept(own) || is_kept(anywhere)) continue;
    if (named[candidate.name] || named_in.contains({languages_.node_packages[owner].name, candidate.name})) continue;
    const Rule& rule = *rules_[candidate.rule];
    drops.push_back({candidate.file, rule.id,
                     fmt::format("{} of the npm package {} that no code names or reads", rule.title,
                                 printable(languages_.node_packages[owner].name)),
                     rule.confidence});
  }
  return drops;
}

}  // namespace lambdapack
