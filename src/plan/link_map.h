// What loads what, as a picture of nodes and lines: for `analyze --graph`.
//
// Nodes are the files of the package that take part (ELF files, and scripts that name one), what the runtime provides,
// and what nobody has. Lines are the loader's answers, and the evidence of dynamic loading that reached a file.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace lambdapack {

enum class LinkNodeKind { file, runtime, missing, process };  // process: the one that Lambda starts, with LD_PRELOAD

struct LinkNode {
  LinkNodeKind kind = LinkNodeKind::file;
  std::string name;                 // path in the package; path outside it; the name that nobody has; "the runtime"
  std::optional<std::size_t> file;  // of the package
  std::string soname;               // file
  std::string why;                  // file: what reaches it first, in words; empty when nothing does
  bool is_root = false;             // file: something starts or imports it, not just another library
  Action action = Action::keep;     // file: what pack would do with it
};

// evidence: something names the file or declares that it opens it. hidden: the package's file that the loader would
// have taken, had the runtime's not come first.
enum class LinkLineKind { needed, evidence, hidden };

struct LinkLine {
  std::size_t from = 0, to = 0;  // nodes
  LinkLineKind kind = LinkLineKind::needed;
  std::string label;                     // needed, hidden: the name as written; evidence: what the file does, in words
  EdgeState state = EdgeState::bundled;  // needed
  FoundBy how = FoundBy::none;           // needed
  bool optional = false;                 // needed: missing is fine
};

struct LinkMap {
  std::vector<LinkNode> nodes;  // files in path order, then the runtime's libraries and what is missing by name
  std::vector<LinkLine> lines;  // by from, then in the loader's order; evidence last
  bool complete = true;         // LinkGraph::complete
};

LinkMap map_links(const PlanInput& input, const Plan& plan);

std::string_view to_string(LinkNodeKind kind);
std::string_view to_string(LinkLineKind kind);

}  // namespace lambdapack
