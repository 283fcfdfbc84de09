// The link map for Graphviz. Names come from packages, which are untrusted: a name must not end its string, start a
// record field, or be read as one of Graphviz's escapes or HTML entities.
#include <fmt/format.h>

#include "base/bytes.h"
#include "report/render_links.h"

namespace lambdapack {
namespace {

// A quoted string of DOT whose text Graphviz shows as it is: it knows \N, \G, \l and the like, and &lt; (labels are
// read as if they had HTML's entities: https://graphviz.org/docs/attr-types/escString/).
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '&') {
      result += "&amp;";
      continue;
    }
    result += c;
  }
  return result + "\"";
}

std::string node_style(const LinkNode& node) {
  switch (node.kind) {
    case LinkNodeKind::runtime: return "shape=ellipse, style=filled, fillcolor=\"#eeeeee\", color=\"#999999\"";
    case LinkNodeKind::missing: return "shape=octagon, color=red, fontcolor=red";
    case LinkNodeKind::process: return "shape=doubleoctagon";
    case LinkNodeKind::file: break;
  }
  std::string style = "shape=box";
  if (node.action == Action::drop || node.action == Action::link) {
    style += ", style=\"filled,dotted\", fillcolor=\"#f4f4f4\"";
  } else if (node.is_root) {
    style += ", style=\"filled,bold\", fillcolor=\"#dcebfa\"";
  } else if (node.why.empty()) {
    style += ", style=dotted";
  }
  return style;
}

std::string line_style(const LinkLine& line) {
  if (line.kind == LinkLineKind::hidden) return "style=dashed, color=\"#b58900\", fontcolor=\"#b58900\"";
  if (line.kind == LinkLineKind::evidence) return "style=dotted, color=\"#2a7d4f\", fontcolor=\"#2a7d4f\"";
  if (line.state == EdgeState::missing && line.optional) return "style=dotted, color=red";
  if (line.state == EdgeState::missing || line.state == EdgeState::fatal) return "color=red, fontcolor=red, penwidth=2";
  if (line.how == FoundBy::already_loaded) return "color=\"#999999\", fontcolor=\"#999999\"";
  return line.state == EdgeState::bundled ? "color=black" : "color=\"#777777\", fontcolor=\"#777777\"";
}

std::string line_label(const LinkLine& line) {
  switch (line.kind) {
    case LinkLineKind::hidden: return "hidden by the runtime's";
    case LinkLineKind::evidence: return line.label;
    case LinkLineKind::needed: break;
  }
  if (line.state == EdgeState::missing) return "not found";
  if (line.state == EdgeState::fatal) return "the loader stops here";
  return std::string(to_string(line.how));
}

}  // namespace

std::string render_link_map_dot(const LinkMap& map) {
  std::string out =
      "// Boxes: files of the package (blue: something starts or imports them; dotted: nothing reaches them, or pack "
      "drops them).\n// Ellipses: the runtime's. Red: not found. Dashed: hidden by the runtime's copy. Dotted lines: "
      "loaded by name at run time.\n"
      "digraph links {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=10];\n"
      "  edge [fontname=\"sans-serif\", fontsize=8];\n";
  if (!map.complete) out += "  label=\"not every chain of loaders was followed: lines may be lacking\"; labelloc=t;\n";
  for (std::size_t i = 0; i < map.nodes.size(); ++i) {
    const LinkNode& node = map.nodes[i];
    const std::string tooltip = node.why.empty() ? node.name : node.name + ": " + node.why;
    out += fmt::format("  n{} [label={}, tooltip={}, {}];\n", i, quoted(node.name), quoted(tooltip), node_style(node));
  }
  for (const LinkLine& line : map.lines)
    out += fmt::format("  n{} -> n{} [label={}, tooltip={}, {}];\n", line.from, line.to, quoted(line_label(line)),
                       quoted(line.label), line_style(line));
  return out + "}\n";
}

}  // namespace lambdapack
