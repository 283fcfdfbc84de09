// One load as a tree. Each library is shown in full once, below the object whose need made the loader map it (that is
// not always the first one that reads it: the loader goes breadth first); elsewhere one line says that it was there.
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.h"
#include "report/render_links.h"
#include "report/text_layout.h"

namespace lambdapack {
namespace {

constexpr std::size_t kDeepest = 100;  // levels; real packages have about ten, and every level indents all below it

class LoadTree {
 public:
  LoadTree(const Package& package, const LoadTrace& trace, const TextStyle& style)
      : package_(package), trace_(trace), style_(style) {}

  std::string draw(std::size_t start, const std::string& note) {
    mapped_.insert(start);
    for (std::size_t e = 0; e < trace_.edges.size(); ++e) {
      const Edge& edge = trace_.edges[e];
      children_[edge.from].push_back(e);
      if (edge.target && edge.state == EdgeState::bundled && mapped_.insert(*edge.target).second) maps_.insert(e);
    }
    std::string out = paint(style_, Paint::bold, path_of(start));
    if (!note.empty()) out += paint(style_, Paint::dim, "  " + printable(note));
    out += "\n";
    // By hand, not by recursion: a chain of libraries can be as long as a package has files.
    open(start, "");
    while (!levels_.empty()) {
      if (levels_.back().next == levels_.back().edges->size()) {
        levels_.pop_back();
        continue;
      }
      const std::size_t e = (*levels_.back().edges)[levels_.back().next++];
      const bool last = levels_.back().next == levels_.back().edges->size();
      const std::string indent = levels_.back().indent;
      out += indent + (last ? "└── " : "├── ") + line_of(trace_.edges[e], maps_.contains(e)) + "\n";
      if (!maps_.contains(e)) continue;
      if (levels_.size() < kDeepest)
        open(*trace_.edges[e].target, indent + (last ? "    " : "│   "));
      else
        out += indent + (last ? "    " : "│   ") + "… deeper than is shown\n";
    }
    return out;
  }

 private:
  struct Level {
    const std::vector<std::size_t>* edges;
    std::size_t next;
    std::string indent;
  };

  void open(std::size_t file, std::string indent) {
    if (const auto found = children_.find(file); found != children_.end())
      levels_.push_back({&found->second, 0, std::move(indent)});
  }

  std::string path_of(std::size_t file) const { return printable(package_.files[file].path); }

  std::string line_of(const Edge& edge, bool maps) const {
    const std::string needed = printable(edge.needed);
    const std::string how = fmt::format("[{}]", to_string(edge.how));
    switch (edge.state) {
      case EdgeState::missing:
        return edge.optional ? paint(style_, Paint::dim, needed + " not found, and need not be")
                             : paint(style_, Paint::red, needed + " not found");
      case EdgeState::fatal:
        return paint(style_, Paint::red,
                     fmt::format("{} => {} {} the loader stops here", needed,
                                 edge.target ? path_of(*edge.target) : "a folder", how));
      case EdgeState::shadowed:
        return paint(style_, Paint::yellow,
                     fmt::format("{} => {} {} hides {}", needed, printable(edge.outside), how,
                                 edge.shadows ? path_of(*edge.shadows) : "the package's"));
      case EdgeState::runtime:
        return paint(style_, Paint::dim,
                     fmt::format("{} => {} {} of the runtime", needed,
                                 edge.outside.empty() ? needed : printable(edge.outside), how));
      case EdgeState::bundled: break;
    }
    const std::string line = fmt::format("{} => {} {}", needed, path_of(*edge.target), how);
    return maps ? line : paint(style_, Paint::dim, line);
  }

  const Package& package_;
  const LoadTrace& trace_;
  const TextStyle& style_;
  std::map<std::size_t, std::vector<std::size_t>> children_;  // by file: edges
  std::set<std::size_t> mapped_, maps_;                       // files; edges that mapped one
  std::vector<Level> levels_;
};

}  // namespace

std::string render_load_tree(const Package& package, const LoadTrace& trace, std::size_t start, const std::string& note,
                             const TextStyle& style) {
  return LoadTree(package, trace, style).draw(start, note);
}

}  // namespace lambdapack
