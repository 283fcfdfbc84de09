// Symbol by symbol, before and after.
#include "apply/verify_bindings.h"

#include <doctest/doctest.h>

#include "support/applied.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

struct Answer {
  std::string from, symbol;
  BoundTo to = BoundTo::file;
  std::string target;  // path in the package, or absolute
};

Bindings bindings(const Package& package, const std::vector<Answer>& answers) {
  Bindings made;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    FileBindings file{i, false, {}};
    for (const Answer& answer : answers) {
      if (index_of(package, answer.from) != i) continue;
      BoundSymbol symbol;
      symbol.name = made.add_text(answer.symbol);
      symbol.version = made.add_text("V1");
      symbol.to = answer.to;
      if (answer.to == BoundTo::file) symbol.target = static_cast<std::uint32_t>(index_of(package, answer.target));
      if (answer.to == BoundTo::outside) symbol.target = made.add_text(answer.target);
      file.symbols.push_back(symbol);
    }
    made.files.push_back(file);
  }
  return made;
}

std::vector<ChangedSymbol> changes(const TestPackage& before, const std::vector<Answer>& olds, const Applied& applied,
                                   const std::vector<Answer>& news) {
  return changed_symbols(before.package, bindings(before.package, olds), bindings(applied.package, news), applied);
}

const TestPackage kMade =
    MakePackage().elf("app.so", {}, {1}).elf("liba.so", {}, {2}).elf("libb.so", {}, {3}).elf("libz.so", {}, {2}).make();

}  // namespace

TEST_CASE("a symbol that is bound as before is no change, whatever else was dropped") {
  CHECK(changes(kMade, {{"app.so", "f", BoundTo::file, "liba.so"}, {"app.so", "g", BoundTo::unknown, ""}},
                applied_to(kMade, {"libz.so"}),
                {{"app.so", "f", BoundTo::file, "liba.so"}, {"app.so", "g", BoundTo::unknown, ""}})
            .empty());
}

TEST_CASE("another definition of the same symbol is a change, also when each needed name is found as before") {
  const auto changed = changes(kMade, {{"app.so", "f", BoundTo::file, "liba.so"}}, applied_to(kMade, {}),
                               {{"app.so", "f", BoundTo::file, "libb.so"}});
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].path == "app.so");
  CHECK(changed[0].symbol == "f");
  CHECK(changed[0].version == "V1");
  CHECK(changed[0].before == "liba.so");
  CHECK(changed[0].after == "libb.so");
}

TEST_CASE("a symbol that becomes unbound, or null, or the runtime's, is a change") {
  for (const BoundTo to : {BoundTo::nothing, BoundTo::weak, BoundTo::unknown, BoundTo::outside})
    CHECK(changes(kMade, {{"app.so", "f", BoundTo::file, "liba.so"}}, applied_to(kMade, {"liba.so"}),
                  {{"app.so", "f", to, "/lib64/liba.so"}})
              .size() == 1);
}

TEST_CASE("a weak symbol that becomes bound is a change") {
  CHECK(changes(kMade, {{"app.so", "w", BoundTo::weak, ""}}, applied_to(kMade, {}),
                {{"app.so", "w", BoundTo::file, "libb.so"}})
            .size() == 1);
}

TEST_CASE("a copy with the same bytes, or a link to the same file, is the same definition") {
  CHECK(changes(kMade, {{"app.so", "f", BoundTo::file, "liba.so"}}, applied_to(kMade, {"liba.so"}),
                {{"app.so", "f", BoundTo::file, "libz.so"}})
            .empty());
  CHECK(changes(kMade, {{"app.so", "f", BoundTo::file, "liba.so"}}, applied_to(kMade, {}, {{"liba.so", "libb.so"}}),
                {{"app.so", "f", BoundTo::file, "libb.so"}})
            .empty());
}

TEST_CASE("one of two answers may go with the file whose load it came from, and none may come") {
  const std::vector<Answer> both = {{"app.so", "f", BoundTo::file, "liba.so"},
                                    {"app.so", "f", BoundTo::file, "libb.so"}};
  const std::vector<Answer> one = {{"app.so", "f", BoundTo::file, "liba.so"}};
  CHECK(changes(kMade, both, applied_to(kMade, {"libz.so"}), one).empty());
  CHECK(changes(kMade, one, applied_to(kMade, {"libz.so"}), both).size() == 1);
}

TEST_CASE("an own definition that another library came before is compared too") {
  const std::vector<Answer> interposed = {{"app.so", "f", BoundTo::file, "liba.so"}};
  CHECK(changes(kMade, {}, applied_to(kMade, {}), interposed).size() == 1);
  CHECK(changes(kMade, interposed, applied_to(kMade, {}), {}).size() == 1);
  CHECK(changes(kMade, interposed, applied_to(kMade, {"liba.so"}), {}).empty());  // with the load that brought liba.so
}

TEST_CASE("what only a load from another name of a library had caused may go when that name becomes a link") {
  const std::vector<Answer> interposed = {{"app.so", "f", BoundTo::file, "liba.so"}};
  CHECK(changes(kMade, interposed, applied_to(kMade, {}, {{"libz.so", "liba.so"}}), {}).empty());
  CHECK(changes(kMade, {}, applied_to(kMade, {}, {{"libz.so", "liba.so"}}), interposed).size() == 1);
}

namespace {

Applied with_stand_in(std::vector<std::pair<std::string, std::string>> symbols) {
  Applied applied = applied_to(kMade, {"liba.so"});
  applied.plan.decisions[index_of(kMade.package, "liba.so")].stand_in = StandIn{"/lib64/liba.so", std::move(symbols)};
  return applied;
}

}  // namespace

TEST_CASE("a symbol that the plan gives to the runtime's library is no change, and only there and only that one") {
  const std::vector<Answer> before = {{"app.so", "f", BoundTo::file, "liba.so"}};
  CHECK(changes(kMade, before, with_stand_in({{"f", "V1"}}), {{"app.so", "f", BoundTo::outside, "/lib64/liba.so"}})
            .empty());
  CHECK(changes(kMade, before, with_stand_in({{"f", "V1"}}), {{"app.so", "f", BoundTo::outside, "/lib64/other.so"}})
            .size() == 1);
  CHECK(changes(kMade, before, with_stand_in({{"g", "V1"}}), {{"app.so", "f", BoundTo::outside, "/lib64/liba.so"}})
            .size() == 1);
  // Nothing outside may have it: the runtime's library would not be loaded at all.
  CHECK(changes(kMade, before, with_stand_in({{"f", "V1"}}), {{"app.so", "f", BoundTo::unknown, ""}}).size() == 1);
}
