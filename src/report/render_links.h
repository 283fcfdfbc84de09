// Who loads what, drawn: for Graphviz, for programs, and as a tree for people.
#pragma once

#include <string>

#include "links/link_graph.h"
#include "plan/link_map.h"
#include "report/render.h"

namespace lambdapack {

// A graph in Graphviz's DOT language, UTF-8. Any name is safe in it.
std::string render_link_map_dot(const LinkMap& map);

// Ends with a newline; keys in fixed order, described in docs/graph.md.
std::string render_link_map_json(const LinkMap& map);

// One load as a tree, each library below the one that made the loader map it.
// note: what is said of the start, such as why it is one; may be empty.
std::string render_load_tree(const Package& package, const LoadTrace& trace, std::size_t start, const std::string& note,
                             const TextStyle& style);

}  // namespace lambdapack
