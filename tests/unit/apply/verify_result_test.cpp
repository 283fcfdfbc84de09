#include "apply/verify_result.h"

#include <doctest/doctest.h>

#include "support/applied.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

Finding finding(std::string code, Severity severity, std::string path, std::string detail = {}) {
  return {.code = std::move(code),
          .severity = severity,
          .path = std::move(path),
          .detail = std::move(detail),
          .message = "m",
          .help = {}};
}

struct Answer {
  std::string from, needed;
  EdgeState state = EdgeState::missing;
  std::string target;  // path in the package, or absolute
};

LinkGraph graph(const Package& package, const std::vector<Answer>& answers) {
  LinkGraph links;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    links.first.push_back(links.edges.size());
    for (const Answer& answer : answers) {
      if (index_of(package, answer.from) != i) continue;
      Edge edge;
      edge.from = i;
      edge.needed = answer.needed;
      edge.state = answer.state;
      if (answer.target.starts_with("/")) {
        edge.outside = answer.target;
      } else if (!answer.target.empty()) {
        edge.target = index_of(package, answer.target);
      }
      links.edges.push_back(edge);
    }
  }
  links.first.push_back(links.edges.size());
  return links;
}

std::vector<ChangedBinding> changes(const TestPackage& before, const std::vector<Answer>& olds, const Applied& applied,
                                    const std::vector<Answer>& news) {
  return changed_bindings(before.package, graph(before.package, olds), applied.package, graph(applied.package, news),
                          applied);
}

constexpr auto kBundled = EdgeState::bundled;

}  // namespace

TEST_CASE("a finding is new when code, path or detail is new, or when it became worse") {
  const std::vector<Finding> before = {finding("missing-library", Severity::error, "a.so", "libx.so"),
                                       finding("musl", Severity::info, "b.so")};
  CHECK(new_findings(before, before).empty());
  CHECK(new_findings(before, {finding("missing-library", Severity::error, "a.so", "liby.so")}).size() == 1);
  CHECK(new_findings(before, {finding("missing-library", Severity::error, "c.so", "libx.so")}).size() == 1);
  CHECK(new_findings(before, {finding("musl", Severity::warning, "b.so")}).size() == 1);
  CHECK(new_findings(before, {finding("other", Severity::info, "b.so")}).empty());
  CHECK(new_findings(before, {}).empty());
}

TEST_CASE("what was wrong with a file before it became a link is not new at the file that it links to") {
  const TestPackage made = MakePackage().elf("lib/libx.so.1").elf("lib/libx.so.1.3").make();
  const Applied applied = applied_to(made, {}, {{"lib/libx.so.1", "libx.so.1.3"}});
  const LinkedPaths linked = linked_paths(made.package, applied);
  CHECK(linked == LinkedPaths{{"lib/libx.so.1", "lib/libx.so.1.3"}});
  const std::vector<Finding> before = {finding("missing-library", Severity::error, "lib/libx.so.1", "liby.so")};
  const std::vector<Finding> after = {finding("missing-library", Severity::error, "lib/libx.so.1.3", "liby.so")};
  CHECK(new_findings(before, after, linked).empty());
  CHECK(new_findings(before, after).size() == 1);
  CHECK(new_findings(before, {finding("missing-library", Severity::error, "lib/libx.so.1.3", "libq.so")}, linked)
            .size() == 1);
}

TEST_CASE("a file that other names became links to may answer as any of these did, and no other way") {
  const TestPackage made =
      MakePackage().elf("bootstrap").elf("lib/libx.so.1").elf("lib/libx.so.1.3").elf("lib/liby.so").make();
  const Applied applied = applied_to(made, {}, {{"lib/libx.so.1", "libx.so.1.3"}});
  const std::vector<Answer> olds = {{"lib/libx.so.1", "liby.so", EdgeState::missing, ""},
                                    {"lib/libx.so.1.3", "liby.so", kBundled, "lib/liby.so"}};
  CHECK(changes(made, olds, applied, {{"lib/libx.so.1.3", "liby.so", EdgeState::missing, ""}}).empty());
  CHECK(changes(made, olds, applied, {{"lib/libx.so.1.3", "liby.so", kBundled, "lib/liby.so"}}).empty());
  const auto changed =
      changes(made, olds, applied, {{"lib/libx.so.1.3", "liby.so", EdgeState::runtime, "/lib64/liby.so"}});
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].path == "lib/libx.so.1.3");
}

TEST_CASE("a library that is found as before is no change, also when a shadowed copy of it was dropped") {
  const TestPackage made = MakePackage().elf("bootstrap").elf("lib/liba.so").elf("lib/libz.so.1").make();
  const Applied applied = applied_to(made, {"lib/libz.so.1"});
  CHECK(changes(made,
                {{"bootstrap", "liba.so", kBundled, "lib/liba.so"},
                 {"bootstrap", "libz.so.1", EdgeState::shadowed, "/lib64/libz.so.1"}},
                applied,
                {{"bootstrap", "liba.so", kBundled, "lib/liba.so"},
                 {"bootstrap", "libz.so.1", EdgeState::runtime, "/lib64/libz.so.1"}})
            .empty());
}

TEST_CASE("a library that is missing now, or comes from elsewhere, is a change that names both places") {
  const TestPackage made = MakePackage().elf("bootstrap").elf("lib/liba.so").elf("lib/libz.so.1").make();
  const Applied applied = applied_to(made, {"lib/liba.so", "lib/libz.so.1"});
  const auto changed = changes(
      made, {{"bootstrap", "liba.so", kBundled, "lib/liba.so"}, {"bootstrap", "libz.so.1", kBundled, "lib/libz.so.1"}},
      applied,
      {{"bootstrap", "liba.so", EdgeState::missing, ""},
       {"bootstrap", "libz.so.1", EdgeState::runtime, "/lib64/libz.so.1"}});
  REQUIRE(changed.size() == 2);
  CHECK(changed[0].path == "bootstrap");
  CHECK(changed[0].needed == "liba.so");
  CHECK(changed[0].before == "lib/liba.so");
  CHECK(changed[0].after == "missing");
  CHECK(changed[1].after == "/lib64/libz.so.1");
}

TEST_CASE("the runtime's copy from another folder is a change") {
  const TestPackage made = MakePackage().elf("bootstrap").make();
  const auto changed =
      changes(made, {{"bootstrap", "libstdc++.so.6", EdgeState::runtime, "/var/lang/lib/libstdc++.so.6"}},
              applied_to(made, {}), {{"bootstrap", "libstdc++.so.6", EdgeState::runtime, "/lib64/libstdc++.so.6"}});
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].before == "/var/lang/lib/libstdc++.so.6");
}

TEST_CASE("another file of the package is a change only when its bytes differ") {
  const TestPackage made = MakePackage()
                               .elf("bootstrap")
                               .elf("a/libx.so")
                               .elf("b/libx.so")
                               .elf("c/libx.so", {}, {0x7F, 'E', 'L', 'F', 1})
                               .make();
  const Applied applied = applied_to(made, {"a/libx.so"});
  const std::vector<Answer> olds = {{"bootstrap", "libx.so", kBundled, "a/libx.so"}};
  CHECK(changes(made, olds, applied, {{"bootstrap", "libx.so", kBundled, "b/libx.so"}}).empty());
  CHECK(changes(made, olds, applied, {{"bootstrap", "libx.so", kBundled, "c/libx.so"}}).size() == 1);
}

TEST_CASE("a library that the plan made a link to its alias is the same library") {
  const TestPackage made =
      MakePackage().elf("bootstrap").elf("libx.so.1").elf("libx.so.1.2", {}, {0x7F, 'E', 'L', 'F', 2}).make();
  const Applied applied = applied_to(made, {}, {{"libx.so.1", "libx.so.1.2"}});
  const std::vector<Answer> olds = {{"bootstrap", "libx.so.1", kBundled, "libx.so.1"}};
  CHECK(changes(made, olds, applied, {{"bootstrap", "libx.so.1", kBundled, "libx.so.1.2"}}).empty());
  CHECK(changes(made, olds, applied, {{"bootstrap", "libx.so.1", kBundled, "libx.so.1"}}).empty());
}

TEST_CASE("an answer may go only with the loader that caused it") {
  const TestPackage made = MakePackage()
                               .elf("loader1")
                               .elf("loader2")
                               .elf("lib/a.so")
                               .elf("p/b.so", {}, {0x7F, 'E', 'L', 'F', 1})
                               .elf("q/b.so", {}, {0x7F, 'E', 'L', 'F', 2})
                               .make();
  const std::vector<Answer> olds = {{"loader1", "a.so", kBundled, "lib/a.so"},
                                    {"loader2", "a.so", kBundled, "lib/a.so"},
                                    {"lib/a.so", "b.so", kBundled, "p/b.so"},
                                    {"lib/a.so", "b.so", kBundled, "q/b.so"}};
  const std::vector<Answer> without = {{"loader1", "a.so", kBundled, "lib/a.so"},
                                       {"lib/a.so", "b.so", kBundled, "p/b.so"}};
  CHECK(changes(made, olds, applied_to(made, {"loader2", "q/b.so"}), without).empty());

  std::vector<Answer> with = without;
  with.push_back({"loader2", "a.so", kBundled, "lib/a.so"});
  const auto changed = changes(made, olds, applied_to(made, {"q/b.so"}), with);
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].path == "lib/a.so");
  CHECK(changed[0].before == "q/b.so");
  CHECK(changed[0].after == "p/b.so");
}

TEST_CASE("a name that is not asked for any more, or newly asked for, is a change") {
  const TestPackage made = MakePackage().elf("bootstrap").elf("a.so").make();
  const Applied applied = applied_to(made, {});
  const std::vector<Answer> one = {{"bootstrap", "a.so", kBundled, "a.so"}};
  CHECK(changes(made, one, applied, {}).size() == 1);
  CHECK(changes(made, {}, applied, one).size() == 1);
}

TEST_CASE("a layer's copy that finds another neighbour by $ORIGIN than the function's did is a change") {
  LoaderProfile profile;
  profile.machine = kMachineX86_64;
  profile.library_path = {"/var/task/lib", "/opt/lib"};
  const auto library = [](std::vector<std::string> needed, std::vector<std::string> rpath) {
    ElfInfo elf;
    elf.has_dynamic = true;
    elf.file_size = 4096;
    elf.needed = std::move(needed);
    elf.rpath = std::move(rpath);
    return elf;
  };
  const auto changed_when = [&](std::uint8_t neighbour_in_layer) {
    const TestPackage before = MakePackage()
                                   .elf("app.so", library({"old.so"}, {}))
                                   .elf("lib/old.so", library({"next.so"}, {"$ORIGIN"}))
                                   .elf("lib/next.so", library({}, {}), {0x7F, 'E', 'L', 'F', 1})
                                   .elf("/opt/lib/old.so", library({"next.so"}, {"$ORIGIN"}))
                                   .elf("/opt/lib/next.so", library({}, {}), {0x7F, 'E', 'L', 'F', neighbour_in_layer})
                                   .make();
    Applied applied = applied_to(before, {"lib/old.so"});
    Decision decision;
    decision.file = before.at("lib/old.so");
    decision.action = Action::drop;
    decision.replaced_by = before.at("/opt/lib/old.so");
    applied.plan.decisions[decision.file] = decision;
    Inventory after;
    for (const std::size_t i : applied.old_index) after.files.push_back(before.inventory.files[i]);
    return changed_bindings(before.package, resolve_links(before.package, before.inventory, profile, Mount{}),
                            applied.package, resolve_links(applied.package, after, profile, Mount{}), applied);
  };
  const auto changed = changed_when(2);
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].path == "lib/old.so");
  CHECK(changed[0].before == "lib/next.so");
  CHECK(changed[0].after == "/opt/lib/next.so");
  CHECK(changed_when(1).empty());
}

TEST_CASE("an entry that the plan takes away is no change; another that goes, and one that stays after all, are") {
  const TestPackage made = MakePackage().elf("app.so").elf("liba.so").elf("libidle.so").make();
  const std::vector<Answer> olds = {{"app.so", "liba.so", kBundled, "liba.so"},
                                    {"app.so", "libidle.so", kBundled, "libidle.so"}};
  Applied applied = applied_to(made, {"libidle.so"});
  applied.plan.dropped_needs = {{index_of(made.package, "app.so"), {"libidle.so"}}};
  CHECK(changes(made, olds, applied, {olds[0]}).empty());
  CHECK(changes(made, olds, applied, {}).size() == 1);
  applied.plan.dropped_needs = {{index_of(made.package, "liba.so"), {"libidle.so"}}};
  CHECK(changes(made, olds, applied, {olds[0]}).size() == 1);

  Applied stays = applied_to(made, {});
  stays.plan.dropped_needs = {{index_of(made.package, "app.so"), {"libidle.so"}}};
  CHECK(changes(made, olds, stays, {olds[0]}).empty());
  const auto changed = changes(made, olds, stays, olds);
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].before == "not asked for");
  CHECK(changed[0].after == "libidle.so");
}

TEST_CASE("what a library that is loaded no more would find by itself is no change") {
  const TestPackage made = MakePackage().elf("app.so").elf("libdeep.so").elf("libidle.so").make();
  const std::vector<Answer> olds = {{"app.so", "libidle.so", kBundled, "libidle.so"},
                                    {"libidle.so", "libdeep.so", kBundled, "libdeep.so"}};
  Applied applied = applied_to(made, {});
  applied.plan.dropped_needs = {{index_of(made.package, "app.so"), {"libidle.so"}}};
  const std::vector<Answer> alone = {{"libidle.so", "libdeep.so", EdgeState::missing, ""}};
  CHECK(changes(made, olds, applied, alone).size() == 1);
  applied.plan.unloaded = {index_of(made.package, "libidle.so")};
  CHECK(changes(made, olds, applied, alone).empty());
}

TEST_CASE("a copy's place may be taken by the library of the runtime that the plan names, and by no other") {
  const TestPackage made = MakePackage().elf("app.so", {}, {1}).elf("vendor/libz.so.1", {}, {2}).make();
  const auto changed_when = [&](const std::string& stand_in, EdgeState state, const std::string& after) {
    Applied applied = applied_to(made, {"vendor/libz.so.1"});
    if (!stand_in.empty()) applied.plan.decisions[made.at("vendor/libz.so.1")].stand_in = StandIn{stand_in, {}};
    return changed_bindings(made.package,
                            graph(made.package, {{"app.so", "libz.so.1", EdgeState::bundled, "vendor/libz.so.1"}}),
                            applied.package, graph(applied.package, {{"app.so", "libz.so.1", state, after}}), applied)
        .size();
  };
  CHECK(changed_when("/lib64/libz.so.1", EdgeState::runtime, "/lib64/libz.so.1") == 0);
  CHECK(changed_when("/lib64/libz.so.1", EdgeState::runtime, "/var/lang/lib/libz.so.1") == 1);
  CHECK(changed_when("/lib64/libz.so.1", EdgeState::missing, "") == 1);
  CHECK(changed_when("", EdgeState::runtime, "/lib64/libz.so.1") == 1);
}
