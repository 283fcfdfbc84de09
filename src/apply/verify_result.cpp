// Does everything that loaded before still load, and load the same? Asked of the result by the stages that judged the
// input: they share no knowledge with the plan, so a mistake in the plan shows up here and stops the write.

#include "apply/verify_result.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <tuple>

namespace lambdapack {

namespace {

using FindingKey = std::tuple<std::string_view, std::string_view, std::string_view>;

FindingKey key_of(const Finding& finding) {
  return {finding.code, finding.path, finding.detail};
}

struct Side {
  const Package& package;
  const LinkGraph& links;
};

// What an edge leads to, as a person would name it.
std::string target_name(const Side& side, const Edge& edge) {
  if (edge.target) return side.package.files[*edge.target].path;
  if (!edge.outside.empty()) return edge.outside;
  return std::string(to_string(edge.state));
}

bool is_outside(const Edge& edge) {
  return edge.state == EdgeState::runtime || edge.state == EdgeState::shadowed;
}

// The regular file behind a target of the package; the target itself when it is a link to nowhere.
std::size_t behind(const Package& package, std::size_t file) {
  return resolve_path(package, package.files[file].path).value_or(file);
}

bool same_bytes(const PackageFile& a, const PackageFile& b) {
  if (a.kind != b.kind || a.size() != b.size()) return false;
  const auto bytes_a = a.content.read(), bytes_b = b.content.read();
  return bytes_a && bytes_b && std::ranges::equal(*bytes_a, *bytes_b);
}

// The files of the result that the plan made links, each with the file that it leads to.
std::vector<std::pair<std::size_t, std::size_t>> new_links(const Package& before, const Applied& applied) {
  std::vector<std::pair<std::size_t, std::size_t>> links;
  for (std::size_t i = 0; i < applied.old_index.size(); ++i) {
    if (applied.package.files[i].kind == before.files[applied.old_index[i]].kind) continue;
    if (const auto target = resolve_path(applied.package, applied.package.files[i].path))
      links.emplace_back(i, *target);
  }
  return links;
}

class Comparison {
 public:
  Comparison(const Side& before, const Side& after, const Applied& applied)
      : before_(before), after_(after), applied_(applied), new_index_(before.package.files.size()) {
    for (std::size_t i = 0; i < applied.old_index.size(); ++i) new_index_[applied.old_index[i]] = i;
    other_names_.resize(applied.old_index.size());
    for (const auto& [link, target] : new_links(before.package, applied))
      other_names_[target].push_back(applied.old_index[link]);
  }

  std::vector<ChangedBinding> run();

 private:
  struct Question {  // what a file needs by one name, and the answers: one for each way in which the file is loaded
    std::string path, needed;
    std::vector<const Edge*> olds, news;
  };

  bool same_target(const Edge& before, const Edge& after) const;
  bool same_file(std::size_t before, std::size_t after) const;
  bool a_loader_went(std::size_t file);
  bool is_declared(const Edge& edge) const;
  std::vector<Edge> edges_under_all_names(std::size_t new_file) const;
  void compare(const Question& question, const std::function<bool()>& loader_went);
  void compare_all(const std::string& path, std::span<const Edge> olds, std::span<const Edge> news,
                   const std::function<bool()>& loader_went);
  void compare_layer_copies();

  const Side before_, after_;
  const Applied& applied_;
  std::vector<std::optional<std::size_t>> new_index_;  // per old file
  std::vector<std::vector<std::size_t>> other_names_;  // per new file: old files that became a link to it
  std::vector<std::vector<std::size_t>> loaders_;      // per old file: who has an edge to it; filled when asked for
  std::vector<ChangedBinding> changed_;
};

// Whether the file that is loaded now is the one that was: itself (stripped or not), the one that the plan made it a
// link to, or a copy with the same bytes.
bool Comparison::same_file(std::size_t before, std::size_t after) const {
  const std::size_t old_file = behind(before_.package, before), new_file = behind(after_.package, after);
  if (new_index_[old_file] && behind(after_.package, *new_index_[old_file]) == new_file) return true;
  return same_bytes(before_.package.files[old_file], before_.package.files[applied_.old_index[new_file]]);
}

bool Comparison::same_target(const Edge& before, const Edge& after) const {
  if (before.state == EdgeState::bundled && before.target && is_outside(after)) {
    const auto& stand_in = applied_.plan.decisions[behind(before_.package, *before.target)].stand_in;
    return stand_in && stand_in->library == after.outside;
  }
  // A shadowed copy that was dropped turns "shadowed" into "runtime": the loader takes the same file.
  if (is_outside(before) || is_outside(after))
    return is_outside(before) && is_outside(after) && before.outside == after.outside;
  if (before.state != after.state) return false;
  if (before.target && after.target) return same_file(*before.target, *after.target);
  return !before.target && !after.target && before.outside == after.outside;
}

// Whether some file over which `file` was loaded is not there any more: an answer that only it caused is gone with it.
bool Comparison::a_loader_went(std::size_t file) {
  if (loaders_.empty()) {
    loaders_.resize(before_.package.files.size());
    for (const Edge& edge : before_.links.edges)
      if (edge.target) loaders_[*edge.target].push_back(edge.from);
  }
  std::set<std::size_t> seen = {file};
  std::vector<std::size_t> pending = {file};
  while (!pending.empty()) {
    const std::size_t next = pending.back();
    pending.pop_back();
    if (!new_index_[next] || after_.package.files[*new_index_[next]].kind != before_.package.files[next].kind)
      return true;
    for (const std::size_t loader : loaders_[next])
      if (seen.insert(loader).second) pending.push_back(loader);
  }
  return false;
}

void Comparison::compare(const Question& question, const std::function<bool()>& loader_went) {
  const auto known_before = [&](const Edge* edge) {
    return std::ranges::any_of(question.olds, [&](const Edge* old_edge) { return same_target(*old_edge, *edge); });
  };
  const auto known_after = [&](const Edge* edge) {
    return std::ranges::any_of(question.news, [&](const Edge* new_edge) { return same_target(*edge, *new_edge); });
  };
  const auto report = [&](const Edge* old_edge, const Edge* new_edge) {
    changed_.push_back({.path = question.path,
                        .needed = question.needed,
                        .before = old_edge ? target_name(before_, *old_edge) : "not asked for",
                        .after = new_edge ? target_name(after_, *new_edge) : "not asked for"});
  };
  const auto lost = std::ranges::find_if_not(question.olds, known_after);
  bool reported = false;
  for (const Edge* edge : question.news) {
    if (known_before(edge)) continue;
    const Edge* first = question.olds.empty() ? nullptr : question.olds.front();
    report(lost == question.olds.end() ? first : *lost, edge);
    reported = true;
  }
  if (reported || lost == question.olds.end()) return;
  if (question.news.empty() || !loader_went()) report(*lost, question.news.empty() ? nullptr : question.news.front());
}

void Comparison::compare_all(const std::string& path, std::span<const Edge> olds, std::span<const Edge> news,
                             const std::function<bool()>& loader_went) {
  std::map<std::string_view, Question> questions;
  const auto question_of = [&](const Edge& edge) -> Question& {
    return questions.try_emplace(edge.needed, Question{path, edge.needed, {}, {}}).first->second;
  };
  for (const Edge& edge : olds) question_of(edge).olds.push_back(&edge);
  for (const Edge& edge : news) question_of(edge).news.push_back(&edge);
  for (const auto& [needed, question] : questions) compare(question, loader_went);
}

// An answer that is gone because the plan took the entry away. The file that a link leads to has the same entries.
bool Comparison::is_declared(const Edge& edge) const {
  const auto& drops = applied_.plan.dropped_needs;
  const std::size_t file =
      new_index_[edge.from] ? applied_.old_index[behind(after_.package, *new_index_[edge.from])] : edge.from;
  const auto dropped = std::ranges::lower_bound(drops, file, {}, &DroppedNeeds::file);
  return dropped != drops.end() && dropped->file == file && std::ranges::binary_search(dropped->names, edge.needed);
}

// Who opened the file as one of its names, or found it as another, finds the same file now: what was asked under any of
// its names is asked under the one that stays.
std::vector<Edge> Comparison::edges_under_all_names(std::size_t new_file) const {
  const auto own = edges_of(before_.links, applied_.old_index[new_file]);
  std::vector<Edge> edges(own.begin(), own.end());
  std::erase_if(edges, [&](const Edge& edge) { return is_declared(edge); });
  for (const std::size_t name : other_names_[new_file]) {
    const auto more = edges_of(before_.links, name);
    std::ranges::copy_if(more, std::back_inserter(edges), [&](const Edge& edge) { return !is_declared(edge); });
  }
  return edges;
}

// A layer's file that is loaded in the stead of the function's lies in another folder: what it needs is asked anew from
// there ($ORIGIN), and must be what the function's copy got.
void Comparison::compare_layer_copies() {
  for (const Decision& decision : applied_.plan.decisions) {
    if (!decision.replaced_by || !decision.applied || decision.action != Action::drop) continue;
    const auto in_layer = new_index_[*decision.replaced_by];
    if (!in_layer) continue;
    compare_all(before_.package.files[decision.file].path, edges_of(before_.links, decision.file),
                edges_of(after_.links, *in_layer), [] { return true; });
  }
}

std::vector<ChangedBinding> Comparison::run() {
  for (std::size_t new_file = 0; new_file < applied_.old_index.size(); ++new_file) {
    const std::size_t old_file = applied_.old_index[new_file];
    const PackageFile& file = after_.package.files[new_file];
    // A file that became a link has no edges of its own any more; what it leads to is compared under its own path.
    if (file.kind != before_.package.files[old_file].kind) continue;
    // What is not loaded any more asks for nothing: on its own it may lack what its loaders' RPATHs found.
    if (std::ranges::binary_search(applied_.plan.unloaded, old_file)) continue;
    const std::vector<Edge> olds = edges_under_all_names(new_file);
    compare_all(file.path, olds, edges_of(after_.links, new_file),
                [&] { return !other_names_[new_file].empty() || a_loader_went(old_file); });
  }
  compare_layer_copies();
  compare_all("LD_PRELOAD", before_.links.preloads, after_.links.preloads, [] { return false; });
  std::ranges::sort(changed_, {},
                    [](const ChangedBinding& c) { return std::tie(c.path, c.needed, c.before, c.after); });
  return std::move(changed_);
}

}  // namespace

LinkedPaths linked_paths(const Package& before, const Applied& applied) {
  LinkedPaths linked;
  for (const auto& [link, target] : new_links(before, applied))
    linked.emplace(applied.package.files[link].path, applied.package.files[target].path);
  return linked;
}

std::vector<Finding> new_findings(const std::vector<Finding>& before, const std::vector<Finding>& after,
                                  const LinkedPaths& linked) {
  std::map<FindingKey, Severity> known;
  const auto add = [&](const FindingKey& key, Severity found) {
    Severity& severity = known.try_emplace(key, found).first->second;
    severity = std::max(severity, found);
  };
  for (const Finding& finding : before) {
    add(key_of(finding), finding.severity);
    if (const auto moved = linked.find(finding.path); moved != linked.end())
      add({finding.code, moved->second, finding.detail}, finding.severity);
  }
  std::vector<Finding> added;
  for (const Finding& finding : after) {
    if (finding.severity < Severity::warning) continue;
    const auto found = known.find(key_of(finding));
    if (found == known.end() || found->second < finding.severity) added.push_back(finding);
  }
  sort_findings(added);
  return added;
}

std::vector<ChangedBinding> changed_bindings(const Package& before, const LinkGraph& before_links, const Package& after,
                                             const LinkGraph& after_links, const Applied& applied) {
  return Comparison({before, before_links}, {after, after_links}, applied).run();
}

}  // namespace lambdapack
