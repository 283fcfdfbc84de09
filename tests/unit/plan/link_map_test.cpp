// The link graph as nodes and lines.
#include "plan/link_map.h"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include "fake_function.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

LinkMap map_of(const FakeFunction& f) {
  const Reach reach = f.reach();
  const Plan plan = f.plan();
  return map_links({f.package, f.inventory, f.languages, f.links, reach, f.target, f.rules, f.sdk_sets}, plan);
}

std::vector<std::string> lines_of(const LinkMap& map) {
  std::vector<std::string> lines;
  for (const LinkLine& line : map.lines)
    lines.push_back(fmt::format("{} -> {} {}: {}", map.nodes[line.from].name, map.nodes[line.to].name,
                                to_string(line.kind), line.label));
  return lines;
}

}  // namespace

TEST_CASE("nodes are the files that take part, the runtime's libraries, and what is missing") {
  FakeFunction f;
  f.elf("bootstrap", executable({"liba.so", "libz.so.1", "libgone.so"}), "opens libplugin.so\0")
      .elf("lib/liba.so", library("liba.so", {"libgone.so"}))
      .elf("lib/libplugin.so", library("libplugin.so"))
      .elf("lib/libz.so.1", library("libz.so.1"))
      .text("readme.txt", "no library")
      .done();
  const LinkMap map = map_of(f);
  std::vector<std::string> nodes;
  for (const LinkNode& node : map.nodes) nodes.push_back(fmt::format("{} {}", to_string(node.kind), node.name));
  CHECK(nodes == std::vector<std::string>{"file bootstrap", "file lib/liba.so", "file lib/libplugin.so",
                                          "file lib/libz.so.1", "runtime /lib64/libz.so.1", "missing libgone.so"});
  CHECK(map.nodes[0].is_root);
  CHECK_FALSE(map.nodes[1].is_root);
  CHECK(lines_of(map) ==
        std::vector<std::string>{
            "bootstrap -> lib/liba.so needed: liba.so", "bootstrap -> /lib64/libz.so.1 needed: libz.so.1",
            "bootstrap -> lib/libz.so.1 hidden: libz.so.1", "bootstrap -> libgone.so needed: libgone.so",
            "bootstrap -> lib/libplugin.so evidence: names libplugin.so in its text",
            "lib/liba.so -> libgone.so needed: libgone.so"});
}

TEST_CASE("LD_PRELOAD is drawn from the process that Lambda starts") {
  FakeFunction f;
  f.env = {{"LD_PRELOAD", "/var/task/lib/libp.so"}};
  f.text("bootstrap", "#!/bin/sh\n", 0755).elf("lib/libp.so", library("libp.so")).done();
  const LinkMap map = map_of(f);
  CHECK(lines_of(map) ==
        std::vector<std::string>{"the runtime's process -> lib/libp.so needed: /var/task/lib/libp.so"});
}
