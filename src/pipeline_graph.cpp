// Drawing is last and reads what the stages found out; only trees ask the loader again, one load at a time. See
// pipeline_graph.h.
#include "pipeline_graph.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/run_program.h"
#include "plan/explain.h"
#include "plan/link_map.h"
#include "report/render_links.h"

namespace lambdapack {
namespace {

constexpr std::size_t kMostTreeBytes = 64 << 20;  // of text; the trees of 333 real ELF files take 150 KB

TextStyle style_of(const Frame& frame) {
  const CommandLine& line = frame.command_line;
  return {line.colour && line.graph.file.empty(), line.verbose, line.width};
}

std::string note_of(const ReachStep& step, const Package& package) {
  if (step.kind == ReachKind::none) return "nothing reaches it";
  return step.from ? package.files[*step.from].path + " " + step.why : step.why;
}

// The files whose loads are drawn: what no other file's load brings in.
std::vector<std::size_t> tops(const PlanInput& input) {
  const LinkGraph& links = input.links;
  std::vector<char> is_needed(input.package.files.size());
  for (const Edge& edge : links.edges)
    if (edge.target && *edge.target != edge.from) is_needed[*edge.target] = 1;
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const bool has_edges = !edges_of(links, i).empty();
    const bool is_root = input.reach.steps[i].kind == ReachKind::root && input.inventory.files[i].elf.has_value();
    if (is_root || (has_edges && is_needed[i] == 0)) starts.push_back(i);
  }
  return starts;
}

std::string draw_trees(const Frame& frame, const PlanInput& input) {
  std::string out;
  const std::vector<std::size_t> starts = tops(input);
  if (starts.empty()) return "no file of the package is one that the loader starts with\n";
  const TextStyle style = style_of(frame);
  std::size_t drawn = 0;
  trace_loads(input.package, input.inventory, frame.profile, mount_of(frame), starts,
              [&](std::size_t start, const LoadTrace& trace) {
                ++drawn;
                if (!out.empty()) out += "\n";
                out += render_load_tree(input.package, trace, start, note_of(input.reach.steps[start], input.package),
                                        style);
                return out.size() < kMostTreeBytes;
              });
  if (drawn < starts.size()) out += fmt::format("\n… and {} more\n", starts.size() - drawn);
  return out;
}

}  // namespace

Result<std::string> draw_graph(const Frame& frame, const PlanInput& input, const Plan& plan) {
  switch (frame.command_line.graph.format) {
    case GraphFormat::none: return std::string();
    case GraphFormat::tree: return draw_trees(frame, input);
    case GraphFormat::json: return render_link_map_json(map_links(input, plan));
    case GraphFormat::dot: return render_link_map_dot(map_links(input, plan));
    case GraphFormat::svg: break;
  }
  return run_program({"dot", "-Tsvg"}, render_link_map_dot(map_links(input, plan)),
                     "install Graphviz, or pass --graph dot and draw it elsewhere");
}

Result<std::string> draw_tree(const Frame& frame, const PlanInput& input, const std::string& path) {
  LP_TRY(const std::size_t file, find_explained_file(input.package, path));
  const std::optional<std::size_t> real = resolve_path(input.package, input.package.files[file].path);
  std::string out;
  const auto draw = [&](std::size_t start, const LoadTrace& trace) {
    out = render_load_tree(input.package, trace, start, note_of(input.reach.steps[start], input.package),
                           style_of(frame));
    return true;
  };
  if (real) {
    const std::vector<std::size_t> starts{*real};
    trace_loads(input.package, input.inventory, frame.profile, mount_of(frame), starts, draw);
  }
  if (!out.empty()) return out;
  return fail(printable(input.package.files[file].path), "is no file that this function's loader would load",
              "name a program or a shared library that was built for it");
}

}  // namespace lambdapack
