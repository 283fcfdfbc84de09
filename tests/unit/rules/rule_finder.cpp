// The index must answer what trying every rule would answer.
#include "rules/rule_finder.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace lambdapack;

namespace {

Rule rule(std::string id, std::vector<std::string> paths) {
  Rule made;
  made.id = std::move(id);
  made.kind = RuleKind::drop;
  made.paths = std::move(paths);
  return made;
}

std::vector<std::string> ids(const std::vector<const Rule*>& found) {
  std::vector<std::string> all;
  for (const Rule* each : found) all.push_back(each->id);
  return all;
}

std::vector<std::string> by_trying(const Rules& rules, RuleKind kind, std::string_view path) {
  std::vector<std::string> all;
  for (const Rule& each : rules.rules)
    if (each.kind == kind && each.enabled && each.matches(path)) all.push_back(each.id);
  return all;
}

}  // namespace

TEST_CASE("the finder agrees with trying every rule, on all kinds of globs") {
  Rules rules;
  rules.rules = {rule("a", {"libfoo.so*"}),       rule("b", {"**/gio/modules/**"}),
                 rule("c", {"plugins/"}),         rule("d", {"*.tmp"}),
                 rule("e", {"lib/x/*.so"}),       rule("f", {"/top.txt"}),
                 rule("g", {"l[ai]b*.a"}),        rule("h", {"?x"}),
                 rule("i", {"libfoo.so.1", "z"}), rule("j", {"a/**/deep", "\\*star"}),
                 rule("k", {"do**ble/end"}),      rule("l", {"\xC3\xA9t\xC3\xA9/"})};
  const auto agree = [&](std::string_view path) {
    const RuleFinder finder(rules, RuleKind::drop, "");
    CHECK_MESSAGE(ids(finder.find(path)) == by_trying(rules, RuleKind::drop, path), path);
  };
  for (const char* path : {"libfoo.so",
                           "x/y/libfoo.so.1",
                           "libfo",
                           "gio/modules/a.so",
                           "usr/gio/modules/b/c.so",
                           "gio/modules",
                           "xgio/modules/a.so",
                           "plugins/a",
                           "x/plugins/y/z",
                           "plugins",
                           "a.tmp",
                           "x/a.tmp",
                           ".tmp",
                           "lib/x/a.so",
                           "y/lib/x/a.so",
                           "top.txt",
                           "x/top.txt",
                           "lib1.a",
                           "lab.a",
                           "lub.a",
                           "ax",
                           "d/ax",
                           "aax",
                           "z",
                           "z/y",
                           "a/deep",
                           "a/b/c/deep",
                           "b/deep",
                           "*star",
                           "d/*star",
                           "do/x/ble/end",
                           "double/end",
                           "\xC3\xA9t\xC3\xA9/x",
                           "",
                           "/",
                           "//",
                           "x//libfoo.so"})
    agree(path);
}

TEST_CASE("every example of the built-in path rules is found") {
  const Rules rules = load_rules("").value();
  for (const RuleKind kind : {RuleKind::opener, RuleKind::keep, RuleKind::drop}) {
    const RuleFinder finder(rules, kind, "");
    for (const Rule& each : rules.rules)
      for (const RuleExample& example : each.examples)
        if (each.kind != RuleKind::plugin_entry)
          CHECK_MESSAGE(ids(finder.find(example.path)) == by_trying(rules, kind, example.path), example.path);
  }
}

TEST_CASE("all rules that match are found, in order of ids, and except takes a rule back") {
  Rules rules;
  rules.rules = {rule("a", {"lib*.so"}), rule("b", {"libfoo.so", "lib*oo.so"}), rule("c", {"*.so"})};
  rules.rules[0].except = {"libfoo.so"};
  const RuleFinder finder(rules, RuleKind::drop, "");
  CHECK(ids(finder.find("x/libfoo.so")) == std::vector<std::string>{"b", "c"});
  CHECK(ids(finder.find("libbar.so")) == std::vector<std::string>{"a", "c"});
}

TEST_CASE("rules that are switched off, of another kind or of another runtime are not found") {
  Rules rules;
  rules.rules = {rule("a", {"*.x"}), rule("b", {"*.x"}), rule("c", {"*.x"})};
  rules.rules[0].enabled = false;
  rules.rules[1].kind = RuleKind::keep;
  rules.rules[2].runtimes = {"python"};
  CHECK(RuleFinder(rules, RuleKind::drop, "nodejs").find("a.x").empty());
  CHECK(ids(RuleFinder(rules, RuleKind::drop, "python").find("a.x")) == std::vector<std::string>{"c"});
  CHECK(ids(RuleFinder(rules, RuleKind::drop, "").find("a.x")) == std::vector<std::string>{"c"});
}
