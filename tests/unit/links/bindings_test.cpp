// What symbols are bound to, where no loader of this machine can be asked: Lambda's processes, of which little is
// known, and the older glibc of Amazon Linux 2. The rules themselves are checked against the real loader in
// tests/e2e/loader_truth.
#include "links/bindings.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "links/bind_scope.h"
#include "support/symbol_elf.h"
#include "test_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

struct Symbols {
  Package package;
  Inventory inventory;
  LoaderProfile profile = TestPackage().profile;

  Symbols& add(const std::string& path, const LibrarySpec& spec) {
    PackageFile file;
    file.path = path;
    file.content = Content::from_bytes(symbol_elf(spec));
    FileRecord record;
    record.type = FileType::elf;
    record.elf = read_elf(*file.content.read());
    const auto at = std::ranges::lower_bound(package.files, path, {}, &PackageFile::path) - package.files.begin();
    package.files.insert(package.files.begin() + at, file);
    inventory.files.insert(inventory.files.begin() + at, record);
    return *this;
  }

  std::size_t index(const std::string& path) const {
    return static_cast<std::size_t>(std::ranges::find(package.files, path, &PackageFile::path) - package.files.begin());
  }

  Bindings bind(const std::vector<std::string>& starts) const {
    std::vector<BindingStart> where;
    for (const std::string& start : starts) where.push_back({index(start), false});
    auto bindings = resolve_bindings({package, inventory, profile, {}, where, {}, 1});
    REQUIRE(bindings.has_value());
    return *std::move(bindings);
  }

  // "f@V1 file libv.so", "g unknown process"
  Lines lines(const std::string& file, const std::vector<std::string>& starts) const {
    const Bindings bindings = bind(starts);
    Lines lines;
    const FileBindings* found = bindings.of(index(file));
    if (found == nullptr) return {"not loaded"};
    for (const BoundSymbol& symbol : found->symbols) {
      std::string line(bindings.text(symbol.name));
      if (symbol.version != 0) line += fmt::format("@{}", bindings.text(symbol.version));
      line += fmt::format(" {}", to_string(symbol.to));
      if (symbol.to == BoundTo::file) line += " " + package.files[symbol.target].path;
      if (symbol.to == BoundTo::outside) line += fmt::format(" {}", bindings.text(symbol.target));
      if (symbol.stopped) line += " stopped";
      if (symbol.doubt.process) line += " process?";
      if (symbol.doubt.libraries) line += " libraries?";
      lines.push_back(line);
    }
    return lines;
  }
};

const std::string kLoader = "/lib64/ld-linux-x86-64.so.2";

}  // namespace

TEST_CASE("what the runtime's process may define first is said, and not guessed") {
  Symbols files;
  files.add("app.so", {"", {"liba.so"}, {calls("f"), calls("PyLong_FromLong")}})
      .add("liba.so", {"liba.so", {}, {defines("f")}});
  CHECK(files.lines("app.so", {"app.so"}) == Lines{"f file liba.so process?", "PyLong_FromLong unknown process?"});
}

TEST_CASE("a program knows its whole scope: what is not there is nowhere") {
  Symbols files;
  files
      .add("bootstrap",
           {.soname = "", .needed = {"liba.so"}, .symbols = {calls("f"), calls("gone")}, .interpreter = kLoader})
      .add("liba.so", {"liba.so", {}, {defines("f")}});
  files.profile.bootstraps = {"/var/task/bootstrap"};
  CHECK(files.lines("bootstrap", {"bootstrap"}) == Lines{"f file liba.so", "gone nothing"});
}

TEST_CASE("a version that names a library outside is bound there") {
  Symbols files;
  files.add("bootstrap",
            {.soname = "",
             .needed = {"libz.so.1", "libc.so.6"},
             .symbols = {calls("inflate", "ZLIB_1.2.0", "libz.so.1"), calls("free", "GLIBC_2.2.5", "libc.so.6")},
             .interpreter = kLoader});
  CHECK(files.lines("bootstrap", {"bootstrap"}) ==
        Lines{"inflate@ZLIB_1.2.0 outside /lib64/libz.so.1", "free@GLIBC_2.2.5 outside /lib64/libc.so.6"});
}

TEST_CASE("an unversioned symbol may be in a library outside from which the file takes no versions") {
  Symbols files;
  files.add("bootstrap", {.soname = "",
                          .needed = {"libz.so.1", "libc.so.6"},
                          .symbols = {calls("gone"), calls("free", "GLIBC_2.2.5", "libc.so.6")},
                          .interpreter = kLoader});
  CHECK(files.lines("bootstrap", {"bootstrap"}).front() == "gone unknown libraries?");
  Symbols versioned;
  versioned.add("bootstrap", {.soname = "",
                              .needed = {"libc.so.6"},
                              .symbols = {calls("gone"), calls("free", "GLIBC_2.2.5", "libc.so.6")},
                              .interpreter = kLoader});
  CHECK(versioned.lines("bootstrap", {"bootstrap"}).front() == "gone nothing");
}

TEST_CASE("an unversioned symbol may be in the library outside that the versions name: zlib has both kinds") {
  Symbols files;
  files.add("bootstrap", {.soname = "",
                          .needed = {"libz.so.1", "libc.so.6"},
                          .symbols = {calls("deflate"), calls("deflateBound", "ZLIB_1.2.0", "libz.so.1")},
                          .interpreter = kLoader});
  CHECK(files.lines("bootstrap", {"bootstrap"}).front() == "deflate unknown libraries?");
}

TEST_CASE("a definition before the library outside that the version names wins, one after it does not") {
  Symbols files;
  const LibrarySpec own{"libown.so", {}, {defines("free")}};
  files
      .add("a", {.soname = "",
                 .needed = {"libown.so", "libc.so.6"},
                 .symbols = {calls("free", "GLIBC_2.2.5", "libc.so.6")},
                 .interpreter = kLoader})
      .add("b", {.soname = "",
                 .needed = {"libc.so.6", "libown.so"},
                 .symbols = {calls("free", "GLIBC_2.2.5", "libc.so.6")},
                 .interpreter = kLoader})
      .add("libown.so", own);
  CHECK(files.lines("a", {"a"}) == Lines{"free@GLIBC_2.2.5 file libown.so"});
  CHECK(files.lines("b", {"b"}) == Lines{"free@GLIBC_2.2.5 outside /lib64/libc.so.6"});
}

TEST_CASE("what the runtime's process has loaded comes before all that is opened in it") {
  Symbols files;
  files.profile.loaded = {"libc.so.6"};
  files.add("app.so", {"", {"libown.so", "libc.so.6"}, {calls("free", "GLIBC_2.2.5", "libc.so.6")}})
      .add("libown.so", {"libown.so", {}, {defines("free")}});
  CHECK(files.lines("app.so", {"app.so"}) == Lines{"free@GLIBC_2.2.5 outside libc.so.6"});
}

TEST_CASE("glibc before 2.30: the search ends at the library that the version names, for weak references too") {
  Symbols files;
  SymbolSpec weak = calls("w", "V1", "libv.so");
  weak.binding = kBindingWeak;
  files
      .add("bootstrap", {.soname = "",
                         .needed = {"libv.so", "libb.so"},
                         .symbols = {calls("f", "V1", "libv.so"), weak},
                         .interpreter = kLoader})
      .add("libv.so", {"libv.so", {}, {defines("g", "V1")}})
      .add("libb.so", {"libb.so", {}, {defines("f", "V1")}});
  CHECK(files.lines("bootstrap", {"bootstrap"}) == Lines{"f@V1 file libb.so", "w@V1 weak"});
  files.profile.named_library_ends_search = true;
  CHECK(files.lines("bootstrap", {"bootstrap"}) == Lines{"f@V1 nothing stopped", "w@V1 nothing stopped"});
}

TEST_CASE("a library below two programs has the answers of both") {
  Symbols files;
  files.add("a", {.soname = "", .needed = {"lib1.so", "libshared.so"}, .interpreter = kLoader})
      .add("b", {.soname = "", .needed = {"lib2.so", "libshared.so"}, .interpreter = kLoader})
      .add("lib1.so", {"lib1.so", {}, {defines("f")}})
      .add("lib2.so", {"lib2.so", {}, {defines("f")}})
      .add("libshared.so", {"libshared.so", {}, {calls("f")}});
  CHECK(files.lines("libshared.so", {"a", "b"}) == Lines{"f file lib1.so", "f file lib2.so"});
}

TEST_CASE("a library that nothing is bound to is told from one that interposes") {
  Symbols files;
  SymbolSpec own = defines("f");
  own.relocation = 7;
  files.add("a", {.soname = "", .needed = {"libidle.so", "libtakes.so", "libown.so"}, .interpreter = kLoader})
      .add("libidle.so", {"libidle.so", {}, {defines("unused")}})
      .add("libtakes.so", {"libtakes.so", {}, {defines("f")}})
      .add("libown.so", {"libown.so", {}, {own}});
  const Bindings bindings = files.bind({"a"});
  CHECK(bindings.binds_for_others[files.index("libidle.so")] == 0);
  CHECK(bindings.binds_for_others[files.index("libtakes.so")] == 1);
  CHECK(files.lines("libown.so", {"a"}) == Lines{"f file libtakes.so"});
}

TEST_CASE("a needed library that is missing may have had the symbol") {
  Symbols files;
  files.add("bootstrap", {.soname = "", .needed = {"libgone.so"}, .symbols = {calls("f")}, .interpreter = kLoader});
  CHECK(files.lines("bootstrap", {"bootstrap"}) == Lines{"f unknown libraries?"});
}

TEST_CASE("a library below many modules has the answers that it has below each of them alone") {
  using Answer = std::tuple<std::string, std::string, std::string, std::string, BoundTo>;
  const auto answers = [](const Symbols& files, const std::vector<std::string>& starts) {
    std::vector<BindingStart> where;
    for (const std::string& start : starts) where.push_back({files.index(start), false});
    const auto traced = trace_bindings({files.package, files.inventory, files.profile, {}, where, {}, 1});
    REQUIRE(traced.has_value());
    std::set<Answer> all;
    for (const TracedBinding& one : *traced) all.emplace(one.from, one.symbol, one.version, one.target, one.to);
    return all;
  };
  std::mt19937 random(20261124);  // NOLINT: the same packages in every run
  const auto below = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(random()) % limit; };
  std::size_t several = 0;  // uses with more answers than one
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    const bool symbolic = round % 3 == 0;
    Symbols files;
    const auto spec = [&](std::string soname, int first_needed) {
      LibrarySpec library{.soname = std::move(soname)};
      for (int other = first_needed; other < 5; ++other)
        if (below(2) == 0) library.needed.push_back(fmt::format("lib{}.so", other));
      std::ranges::shuffle(library.needed, random);
      for (int symbol = 0; symbol < 8; ++symbol) {
        const std::string name = fmt::format("f{}", symbol);
        const std::string version = symbol < 3 ? "V1" : "";
        switch (below(5)) {
          case 0: library.symbols.push_back(defines(name, version)); break;
          case 1:
            library.symbols.push_back(defines(name));
            library.symbols.back().relocation = 1 + 6 * below(2);
            library.symbols.back().binding = std::to_array({kBindingGlobal, kBindingWeak, kBindingUnique})[below(3)];
            break;
          case 2: library.symbols.push_back(calls(name, version, version.empty() ? "" : "lib4.so")); break;
          case 3: library.symbols.push_back(points_to(name)); break;
          default: break;
        }
      }
      if (symbolic && below(4) == 0) library.dynamic = {{16, 0}};  // DT_SYMBOLIC
      return library;
    };
    for (int i = 0; i < 5; ++i) files.add(fmt::format("lib{}.so", i), spec(fmt::format("lib{}.so", i), i + 1));
    std::vector<std::string> modules;
    std::set<Answer> alone;
    for (int i = 0; i < 6; ++i) {
      modules.push_back(fmt::format("module{}.so", i));
      files.add(modules.back(), spec("", 0));
    }
    for (const std::string& module : modules) alone.merge(answers(files, {module}));
    const std::set<Answer> together = answers(files, modules);
    // With DT_SYMBOLIC, answers before definitions were shared are kept too, in case that another load has them.
    if (symbolic)
      CHECK(std::ranges::includes(together, alone));
    else
      CHECK(together == alone);
    std::map<std::pair<std::string, std::string>, int> count;
    for (const Answer& answer : alone) several += ++count[{std::get<0>(answer), std::get<1>(answer)}] == 2 ? 1 : 0;
  }
  CHECK(several > 1000);
}
