// The link graph as nodes and lines; see link_map.h.
#include "plan/link_map.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace lambdapack {
namespace {

class Mapper {
 public:
  Mapper(const PlanInput& input, const Plan& plan) : input_(input), plan_(plan) {}

  LinkMap map() {
    add_files();
    add_outside();
    if (!input_.links.preloads.empty()) {
      process_ = result_.nodes.size();
      result_.nodes.push_back({LinkNodeKind::process, "the runtime's process", std::nullopt, {}, {}, true, {}});
      for (const Edge& edge : input_.links.preloads) add_edge(*process_, edge);
    }
    for (std::size_t i = 0; i < input_.package.files.size(); ++i)
      for (const Edge& edge : edges_of(input_.links, i)) add_edge(node_of_file_.at(i), edge);
    for (std::size_t i = 0; i < input_.package.files.size(); ++i) add_evidence(i);
    group_lines();
    result_.complete = input_.links.complete;
    return std::move(result_);
  }

 private:
  // By the node that they leave, in the order in which they were found.
  void group_lines() {
    std::vector<std::vector<LinkLine>> of_node(result_.nodes.size());
    for (LinkLine& line : result_.lines) of_node[line.from].push_back(std::move(line));
    result_.lines.clear();
    for (std::vector<LinkLine>& lines : of_node)
      result_.lines.insert(result_.lines.end(), std::make_move_iterator(lines.begin()),
                           std::make_move_iterator(lines.end()));
  }

  template <class Visit>
  void each_edge(const Visit& visit) const {
    for (const Edge& edge : input_.links.preloads) visit(edge);
    for (const Edge& edge : input_.links.edges) visit(edge);
  }

  // Which files take part: those that the loader could be asked for, and those that evidence leads from or to.
  std::vector<char> files_that_take_part() const {
    std::vector<char> takes_part(input_.package.files.size());
    for (std::size_t i = 0; i < takes_part.size(); ++i) {
      const auto& elf = input_.inventory.files[i].elf;
      if (elf && elf->has_dynamic) takes_part[i] = 1;
      const ReachStep& step = input_.reach.steps[i];
      if (step.kind != ReachKind::evidence) continue;
      takes_part[i] = 1;
      if (step.from) takes_part[*step.from] = 1;
    }
    each_edge([&](const Edge& edge) {
      if (edge.target) takes_part[*edge.target] = 1;
      if (edge.shadows) takes_part[*edge.shadows] = 1;
    });
    for (const Edge& edge : input_.links.edges) takes_part[edge.from] = 1;
    return takes_part;
  }

  void add_files() {
    const std::vector<char> takes_part = files_that_take_part();
    for (std::size_t i = 0; i < takes_part.size(); ++i) {
      if (takes_part[i] == 0) continue;
      node_of_file_[i] = result_.nodes.size();
      const ReachStep& step = input_.reach.steps[i];
      const Decision& decision = plan_.decisions[i];
      const auto& elf = input_.inventory.files[i].elf;
      std::string why = step.why;
      if (step.from && step.kind != ReachKind::none) why = input_.package.files[*step.from].path + " " + why;
      result_.nodes.push_back({LinkNodeKind::file, input_.package.files[i].path, i, elf ? elf->soname : std::string(),
                               step.kind == ReachKind::none ? std::string() : why, step.kind == ReachKind::root,
                               decision.applied ? decision.action : Action::keep});
    }
  }

  static std::pair<LinkNodeKind, std::string> outside_of(const Edge& edge) {
    if (edge.target) return {LinkNodeKind::file, {}};
    if (edge.state == EdgeState::missing) return {LinkNodeKind::missing, edge.needed};
    // A folder of that name, on which the loader stops.
    if (edge.state == EdgeState::fatal) return {LinkNodeKind::missing, edge.needed};
    return {LinkNodeKind::runtime, edge.outside.empty() ? edge.needed : edge.outside};
  }

  void add_outside() {
    each_edge([&](const Edge& edge) {
      if (auto outside = outside_of(edge); outside.first != LinkNodeKind::file)
        node_of_outside_.emplace(std::move(outside), 0);
    });
    for (auto& [outside, node] : node_of_outside_) {
      node = result_.nodes.size();
      result_.nodes.push_back({outside.first, outside.second, std::nullopt, {}, {}, false, {}});
    }
  }

  void add_edge(std::size_t from, const Edge& edge) {
    const std::size_t to = edge.target ? node_of_file_.at(*edge.target) : node_of_outside_.at(outside_of(edge));
    result_.lines.push_back({from, to, LinkLineKind::needed, edge.needed, edge.state, edge.how, edge.optional});
    if (edge.shadows)
      result_.lines.push_back({from, node_of_file_.at(*edge.shadows), LinkLineKind::hidden, edge.needed,
                               EdgeState::shadowed, FoundBy::none, edge.optional});
  }

  void add_evidence(std::size_t file) {
    const ReachStep& step = input_.reach.steps[file];
    if (step.kind == ReachKind::evidence && step.from)
      result_.lines.push_back({node_of_file_.at(*step.from), node_of_file_.at(file), LinkLineKind::evidence, step.why,
                               EdgeState::bundled, FoundBy::none, true});
  }

  const PlanInput& input_;
  const Plan& plan_;
  LinkMap result_;
  std::map<std::size_t, std::size_t> node_of_file_;
  std::map<std::pair<LinkNodeKind, std::string>, std::size_t> node_of_outside_;
  std::optional<std::size_t> process_;
};

}  // namespace

LinkMap map_links(const PlanInput& input, const Plan& plan) {
  return Mapper(input, plan).map();
}

std::string_view to_string(LinkNodeKind kind) {
  switch (kind) {
    case LinkNodeKind::file: return "file";
    case LinkNodeKind::runtime: return "runtime";
    case LinkNodeKind::missing: return "missing";
    case LinkNodeKind::process: return "process";
  }
  return "";
}

std::string_view to_string(LinkLineKind kind) {
  switch (kind) {
    case LinkLineKind::needed: return "needed";
    case LinkLineKind::evidence: return "evidence";
    case LinkLineKind::hidden: return "hidden";
  }
  return "";
}

}  // namespace lambdapack
