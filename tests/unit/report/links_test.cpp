// Who loads what, drawn: for Graphviz, for programs, as a tree.
#include <doctest/doctest.h>

#include <algorithm>

#include "base/bytes.h"
#include "report/render_links.h"

using namespace lambdapack;

namespace {

LinkMap map_with(std::string name) {
  LinkMap map;
  map.nodes = {{LinkNodeKind::file, "bootstrap", 0, {}, "the runtime starts it", true, Action::keep},
               {LinkNodeKind::file, std::move(name), 1, "libx.so.1", {}, false, Action::drop},
               {LinkNodeKind::missing, "libgone.so", std::nullopt, {}, {}, false, {}}};
  map.lines = {{0, 1, LinkLineKind::needed, "libx.so.1", EdgeState::bundled, FoundBy::rpath, false},
               {0, 2, LinkLineKind::needed, "libgone.so", EdgeState::missing, FoundBy::none, false},
               {0, 1, LinkLineKind::hidden, "libx.so.1", EdgeState::shadowed, FoundBy::none, false}};
  return map;
}

Package package_of(const std::vector<std::string>& paths) {
  Package package;
  for (const std::string& path : paths) package.files.emplace_back().path = path;
  return package;
}

Edge edge(std::size_t from, std::string needed, EdgeState state, FoundBy how, std::optional<std::size_t> target,
          std::string outside = "") {
  Edge result;
  result.from = from;
  result.needed = std::move(needed);
  result.state = state;
  result.how = how;
  result.target = target;
  result.outside = std::move(outside);
  return result;
}

}  // namespace

TEST_CASE("dot: each line says how the library was found; missing is red, hidden is dashed") {
  const std::string dot = render_link_map_dot(map_with("lib/libx.so.1"));
  CHECK(dot.find("n0 -> n1 [label=\"rpath\", tooltip=\"libx.so.1\", color=black];") != std::string::npos);
  CHECK(dot.find("n0 -> n2 [label=\"not found\", tooltip=\"libgone.so\", color=red") != std::string::npos);
  CHECK(dot.find("style=dashed") != std::string::npos);
  CHECK(dot.find("n2 [label=\"libgone.so\", tooltip=\"libgone.so\", shape=octagon, color=red") != std::string::npos);
}

TEST_CASE("dot: no name can end its string, be an escape or an entity, or bring control characters") {
  const std::string dot = render_link_map_dot(map_with("a\"b\\N&lt;\n\x1b[31m\xff}.so"));
  CHECK(dot.find("label=\"a\\\"b\\\\N&amp;lt;\\\\x0a\\\\x1b[31m\\\\xff}.so\"") != std::string::npos);
  CHECK(is_utf8(dot));
  CHECK(std::ranges::none_of(dot, [](char c) { return c != '\n' && static_cast<unsigned char>(c) < 0x20; }));
}

TEST_CASE("graph as JSON: a name that is no UTF-8 has its bytes beside it") {
  const std::string json = render_link_map_json(map_with("lib\xff.so"));
  CHECK(is_utf8(json));
  CHECK(json.find("\"schema\": \"lambdapack-graph/1\"") != std::string::npos);
  CHECK(json.find("\"name_hex\": \"6c6962ff2e736f\"") != std::string::npos);
  CHECK(json.find("\"found_by\": \"rpath\"") != std::string::npos);
}

TEST_CASE("tree: a library is in full below what made the loader map it, and one line anywhere else") {
  const Package package = package_of({"bootstrap", "lib/liba.so", "lib/libb.so", "lib/libc.so"});
  LoadTrace trace;
  trace.edges = {edge(0, "liba.so", EdgeState::bundled, FoundBy::rpath, 1),
                 edge(0, "libb.so", EdgeState::bundled, FoundBy::rpath, 2),
                 edge(0, "libc.so.6", EdgeState::runtime, FoundBy::default_path, std::nullopt, "/lib64/libc.so.6"),
                 edge(1, "libb.so", EdgeState::bundled, FoundBy::already_loaded, 2),
                 edge(1, "libgone.so", EdgeState::missing, FoundBy::none, std::nullopt),
                 edge(2, "libc.so", EdgeState::bundled, FoundBy::runpath, 3),
                 edge(3, "liba.so", EdgeState::bundled, FoundBy::already_loaded, 1)};
  CHECK(render_load_tree(package, trace, 0, "the runtime starts it", {}) ==
        "bootstrap  the runtime starts it\n"
        "├── liba.so => lib/liba.so [rpath]\n"
        "│   ├── libb.so => lib/libb.so [already loaded]\n"
        "│   └── libgone.so not found\n"
        "├── libb.so => lib/libb.so [rpath]\n"
        "│   └── libc.so => lib/libc.so [runpath]\n"
        "│       └── liba.so => lib/liba.so [already loaded]\n"
        "└── libc.so.6 => /lib64/libc.so.6 [default path] of the runtime\n");
}

TEST_CASE("tree: colour marks what is missing, what the runtime has, and changes no other character") {
  const Package package = package_of({"bootstrap"});
  LoadTrace trace;
  trace.edges = {edge(0, "libgone.so", EdgeState::missing, FoundBy::none, std::nullopt),
                 edge(0, "libc.so.6", EdgeState::runtime, FoundBy::default_path, std::nullopt, "/lib64/libc.so.6")};
  std::string tree = render_load_tree(package, trace, 0, "", {.colour = true, .verbose = false, .width = 100});
  CHECK(tree.find("\x1b[31mlibgone.so not found\x1b[0m") != std::string::npos);
  CHECK(tree.find("\x1b[2mlibc.so.6 => ") != std::string::npos);
  for (std::size_t at; (at = tree.find("\x1b[")) != std::string::npos;) tree.erase(at, tree.find('m', at) + 1 - at);
  CHECK(tree == render_load_tree(package, trace, 0, "", {}));
}

TEST_CASE("tree: a chain of ten thousand libraries is cut, not followed to its end") {
  std::vector<std::string> paths;
  LoadTrace trace;
  for (std::size_t i = 0; i < 10'000; ++i) {
    paths.push_back("lib" + std::to_string(i));
    if (i > 0) trace.edges.push_back(edge(i - 1, paths.back(), EdgeState::bundled, FoundBy::rpath, i));
  }
  const std::string tree = render_load_tree(package_of(paths), trace, 0, "", {});
  CHECK(tree.find("deeper than is shown") != std::string::npos);
  CHECK(tree.size() < 100'000);
}
