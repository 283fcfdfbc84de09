// One rule each of what makes a .pyc fit its source; tests/e2e/bytecode asks real interpreters.
#include "plan/judge_bytecode.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "languages/installed_files.h"
#include "plan/fake_function.h"
#include "plan/zip_clock.h"
#include "support/bytecode.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

constexpr std::uint32_t kDate = 1'700'000'000;
const std::string kSource = "VERSION = '1.42.97'\n";

// A function for Python 3.11. Files are dated kDate, once they are all there.
class PythonFunction : public FakeFunction {
 public:
  PythonFunction() {
    target.runtime.family = "python";
    target.runtime.version = "3.11";
    rules.python_bytecode = {kPython310, kPython311};
  }

  // A distribution with all files so far in its RECORD, as pip writes it; `unrecorded` are not.
  PythonFunction& install(const std::vector<std::string>& unrecorded = {}) {
    std::string record;
    for (const PackageFile& file : package.files) {
      if (std::ranges::find(unrecorded, file.path) != unrecorded.end()) continue;
      record += file.path;
      const auto bytes = file.content.read();
      record += file.path.ends_with(".pyc") ? ",," : ",sha256=" + record_sha256(*bytes) + ",";
      record += "\n";
    }
    text("pkg-1.0.dist-info/RECORD", record);
    return *this;
  }

  JudgedBytecode judge() {
    done();
    for (PackageFile& file : package.files)
      if (file.mtime == 0) file.mtime = kDate;
    languages = *read_languages(package, inventory, 1);
    auto judged = judge_bytecode({.package = package,
                                  .languages = languages,
                                  .target = target,
                                  .rules = rules,
                                  .mode = options.bytecode,
                                  .optimisation = optimisation,
                                  .one_version = one_version,
                                  .threads = 2});
    REQUIRE(judged);
    return *std::move(judged);
  }

  // "drop-stale-bytecode proven", "rewrite checked likely", "usable", "left".
  std::string verdict(std::string_view path) {
    const JudgedBytecode judged = judge();
    const std::size_t file = at(path);
    for (const ProposedDrop& drop : judged.drops)
      if (drop.file == file) return drop.rule + " " + std::string(to_string(drop.confidence));
    for (const ProposedRewrite& rewrite : judged.rewrites) {
      if (rewrite.file != file) continue;
      const auto header = parse_pyc_header(rewrite.head);
      REQUIRE(header);
      REQUIRE(header->hash_based);
      return std::string("rewrite ") + (header->check_source ? "checked " : "unchecked ") +
             std::string(to_string(rewrite.confidence));
    }
    return std::ranges::find(judged.usable, file) != judged.usable.end() ? "usable" : "left";
  }

  std::optional<std::string> optimisation = std::string();
  bool one_version = true;
};

constexpr const char* kPyc = "pkg/__pycache__/x.cpython-311.pyc";

}  // namespace

TEST_CASE("bytecode with the date and size of its source gets a header that lasts: checked for the user's own files") {
  PythonFunction f;
  f.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate, kSource.size()));
  CHECK(f.verdict(kPyc) == "rewrite checked proven");
  const JudgedBytecode judged = f.judge();
  REQUIRE(judged.rewrites.size() == 1);
  CHECK(as_text(judged.rewrites[0].head) == hashed_pyc(kPython311, kSource, true, ""));
  CHECK(judged.findings.empty());
}

TEST_CASE("bytecode of an installed file gets an unchecked header") {
  PythonFunction f;
  f.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate, kSource.size()));
  f.install();
  CHECK(f.verdict(kPyc) == "rewrite unchecked proven");
}

TEST_CASE("another date or size than the source's makes bytecode stale") {
  PythonFunction late;
  late.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate - 1, kSource.size()));
  CHECK(late.verdict(kPyc) == "drop-stale-bytecode likely");
  CHECK(late.judge().findings.at(0).code == "stale-bytecode");
  PythonFunction longer;
  longer.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate, kSource.size() + 1));
  CHECK(longer.verdict(kPyc) == "drop-stale-bytecode proven");
}

TEST_CASE("without dates RECORD proves that pip compiled the source as it is") {
  PythonFunction f;
  f.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate + 5000, kSource.size()));
  f.install();
  CHECK(f.verdict(kPyc) == "rewrite unchecked likely");
}

TEST_CASE("RECORD proves nothing when it does not name the bytecode, or the source was edited since") {
  PythonFunction compiled_later;
  compiled_later.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate + 5000, kSource.size()));
  compiled_later.text("pkg/a.py", kSource)
      .text("pkg/__pycache__/a.cpython-311.pyc", dated_pyc(kPython311, kDate + 5000, kSource.size()));
  compiled_later.install({kPyc});
  CHECK(compiled_later.verdict(kPyc) == "drop-stale-bytecode likely");

  PythonFunction edited;
  edited.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate + 5000, kSource.size()));
  edited.install();
  edited.package.files[edited.at("pkg/x.py")].content = Content::from_text("VERSION = '1.42.98'\n");
  CHECK(edited.verdict(kPyc) == "drop-stale-bytecode likely");
}

TEST_CASE("bytecode of another day than the rest of its distribution is not pip's") {
  PythonFunction f;
  for (const char* name : {"a", "b", "c"})
    f.text(std::string("pkg/") + name + ".py", kSource)
        .text(std::string("pkg/__pycache__/") + name + ".cpython-311.pyc",
              dated_pyc(kPython311, kDate + 5000, kSource.size()));
  f.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate + 90'000, kSource.size()));
  f.install();
  CHECK(f.verdict(kPyc) == "drop-stale-bytecode likely");
  CHECK(f.verdict("pkg/__pycache__/a.cpython-311.pyc") == "rewrite unchecked likely");
}

TEST_CASE("a single module's bytecode in the shared __pycache__ is not believed without its date") {
  PythonFunction f;
  f.text("six.py", kSource).text("__pycache__/six.cpython-311.pyc", dated_pyc(kPython311, kDate + 9, kSource.size()));
  f.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate + 9, kSource.size()));
  f.install();
  CHECK(f.verdict("__pycache__/six.cpython-311.pyc") == "drop-stale-bytecode likely");
}

TEST_CASE("hash-based bytecode: checked ones are judged by the hash, unchecked ones are what Python runs") {
  PythonFunction f;
  f.text("pkg/x.py", kSource).text(kPyc, hashed_pyc(kPython311, kSource, true));
  CHECK(f.verdict(kPyc) == "usable");
  f.install();
  CHECK(f.verdict(kPyc) == "rewrite unchecked proven");

  PythonFunction stale;
  stale.text("pkg/x.py", kSource).text(kPyc, hashed_pyc(kPython311, kSource + "#", true));
  CHECK(stale.verdict(kPyc) == "drop-stale-bytecode proven");

  PythonFunction unchecked;
  unchecked.text("pkg/x.py", kSource).text(kPyc, hashed_pyc(kPython311, kSource, false));
  CHECK(unchecked.verdict(kPyc) == "usable");
  CHECK(unchecked.judge().findings.empty());
}

TEST_CASE("unchecked bytecode of another source is what runs today: it stays in every mode, and is reported") {
  PythonFunction f;
  f.text("pkg/x.py", kSource).text(kPyc, hashed_pyc(kPython311, kSource + "#", false));
  for (const BytecodeMode mode : {BytecodeMode::fix, BytecodeMode::drop, BytecodeMode::compile}) {
    f.options.bytecode = mode;
    CHECK(f.verdict(kPyc) == "usable");
    CHECK(f.judge().findings.at(0).code == "bytecode-differs");
  }
}

TEST_CASE("other versions' and levels' bytecode goes, but a layer may serve several") {
  PythonFunction f;
  f.text("pkg/x.py", kSource)
      .text("pkg/__pycache__/x.cpython-310.pyc", dated_pyc(kPython310, kDate, kSource.size()))
      .text("pkg/__pycache__/x.cpython-311.opt-2.pyc", dated_pyc(kPython311, kDate, kSource.size()))
      .text("pkg/__pycache__/x.pypy310.pyc", "PYPY");
  CHECK(f.verdict("pkg/__pycache__/x.cpython-310.pyc") == "drop-other-bytecode likely");
  CHECK(f.verdict("pkg/__pycache__/x.cpython-311.opt-2.pyc") == "drop-other-bytecode likely");
  CHECK(f.verdict("pkg/__pycache__/x.pypy310.pyc") == "drop-other-bytecode likely");
  f.one_version = false;
  f.optimisation.reset();
  CHECK(f.verdict("pkg/__pycache__/x.cpython-310.pyc") == "rewrite checked proven");
  CHECK(f.verdict("pkg/__pycache__/x.cpython-311.opt-2.pyc") == "rewrite checked proven");
  CHECK(f.verdict("pkg/__pycache__/x.pypy310.pyc") == "left");
}

TEST_CASE("with PYTHONOPTIMIZE the optimised bytecode is the one that Python takes") {
  PythonFunction f;
  f.text("pkg/x.py", kSource)
      .text(kPyc, dated_pyc(kPython311, kDate, kSource.size()))
      .text("pkg/__pycache__/x.cpython-311.opt-1.pyc", dated_pyc(kPython311, kDate, kSource.size()));
  f.optimisation = "1";
  CHECK(f.verdict(kPyc) == "drop-other-bytecode likely");
  CHECK(f.verdict("pkg/__pycache__/x.cpython-311.opt-1.pyc") == "rewrite checked proven");
}

TEST_CASE("orphans in __pycache__ go; a .pyc in the place of its source is the module, and stays") {
  PythonFunction f;
  f.text(kPyc, dated_pyc(kPython311, kDate, 9)).text("pkg/x.pyc", dated_pyc(kPython311, kDate, 9));
  CHECK(f.verdict(kPyc) == "drop-stale-bytecode likely");
  f.options.bytecode = BytecodeMode::drop;
  CHECK(f.verdict("pkg/x.pyc") == "left");
}

TEST_CASE("a .pyc beside its source is never looked at") {
  PythonFunction f;
  f.text("pkg/x.py", kSource).text("pkg/x.pyc", dated_pyc(kPython311, kDate, kSource.size()));
  CHECK(f.verdict("pkg/x.pyc") == "drop-stale-bytecode possible");
}

TEST_CASE("damaged bytecode is no bytecode") {
  for (const std::string& bytes :
       {std::string(), std::string("\xa7\x0d\x0d"), std::string(15, '\0'), dated_pyc(kPython310, kDate, kSource.size()),
        little_endian(kPython311.magic) + little_endian(8) + "12345678CODE"}) {
    PythonFunction f;
    f.text("pkg/x.py", kSource).text(kPyc, bytes);
    CHECK(f.verdict(kPyc) == "drop-stale-bytecode proven");
  }
}

TEST_CASE("a source larger than 4 GiB is compared modulo 2^32, as Python does") {
  const std::uint64_t size = (std::uint64_t{1} << 32) + 9;
  const std::string large = (std::filesystem::temp_directory_path() / "lambdapack-large-source.py").string();
  std::ofstream(large).close();
  std::filesystem::resize_file(large, size);  // sparse
  const auto verdict = [&](std::size_t size_in_header) {
    PythonFunction f;
    f.text("pkg/x.py", "").text(kPyc, dated_pyc(kPython311, kDate - 1, size_in_header));
    f.package.files.front().content = Content::from_file(large, size);
    return f.verdict(kPyc);
  };
  CHECK(verdict(9) == "drop-stale-bytecode likely");  // for its date alone
  CHECK(verdict(10) == "drop-stale-bytecode proven");
  std::filesystem::remove(large);
}

TEST_CASE("bytecode that is read under two names, or whose source lies elsewhere, is left alone") {
  PythonFunction f;
  f.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate, kSource.size()));
  f.link("copy/__pycache__", "../pkg/__pycache__");
  CHECK(f.verdict(kPyc) == "left");
  PythonFunction twice_removed;
  twice_removed.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate, kSource.size()));
  twice_removed.link("other", "pkg").link("copy/__pycache__", "../other/__pycache__");
  CHECK(twice_removed.verdict(kPyc) == "left");
  PythonFunction elsewhere;
  elsewhere.link("pkg/x.py", "/opt/x.py").text(kPyc, dated_pyc(kPython311, kDate, 3));
  CHECK(elsewhere.verdict(kPyc) == "left");
}

TEST_CASE("a linked source counts as the file that it leads to") {
  PythonFunction f;
  f.text("real/x.py", kSource).link("pkg/x.py", "../real/x.py");
  f.text(kPyc, dated_pyc(kPython311, kDate, kSource.size()));
  CHECK(f.verdict(kPyc) == "rewrite checked proven");
}

TEST_CASE("bytecode is left alone by --bytecode keep, for other languages, and for a Python that is not known") {
  PythonFunction f;
  f.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate - 1, kSource.size()));
  f.options.bytecode = BytecodeMode::keep;
  CHECK(f.verdict(kPyc) == "left");
  f.options.bytecode = BytecodeMode::fix;
  f.rules.python_bytecode = {kPython310};
  CHECK(f.verdict(kPyc) == "left");
  f.rules.python_bytecode = {kPython311};
  f.target.runtime.family = "nodejs";
  CHECK(f.verdict(kPyc) == "left");
}

TEST_CASE("--bytecode drop takes all that has a source") {
  PythonFunction f;
  f.text("pkg/x.py", kSource)
      .text(kPyc, dated_pyc(kPython311, kDate, kSource.size()))
      .text("pkg/y.py", kSource)
      .text("pkg/__pycache__/y.cpython-311.pyc", hashed_pyc(kPython311, kSource, false))
      .text("pkg/x.pyc", "anything");
  f.options.bytecode = BytecodeMode::drop;
  CHECK(f.verdict(kPyc) == "drop-bytecode likely");
  CHECK(f.verdict("pkg/__pycache__/y.cpython-311.pyc") == "drop-bytecode likely");
  CHECK(f.verdict("pkg/x.pyc") == "drop-bytecode likely");
}

TEST_CASE("a zip's wall clock shows the zone, and one file that does not fit it was changed") {
  PythonFunction f;
  for (int i = 0; i < 9; ++i) {
    const std::string name = "m" + std::to_string(i);
    f.text(name + ".py", kSource)
        .text("__pycache__/" + name + ".cpython-311.pyc",
              dated_pyc(kPython311, kDate + static_cast<unsigned>(i), kSource.size()));
  }
  f.text("x.py", kSource).text("__pycache__/x.cpython-311.pyc", dated_pyc(kPython311, kDate + 100, kSource.size()));
  f.done();
  for (PackageFile& file : f.package.files) {
    file.mtime_is_local = true;
    const int index = file.path[1] - '0';
    file.mtime = (kDate + (file.path[0] == 'm' ? index : 40)) / 2 * 2 + 7200;
  }
  CHECK(f.verdict("__pycache__/m0.cpython-311.pyc") == "rewrite checked proven");
  CHECK(f.verdict("__pycache__/m7.cpython-311.pyc") == "rewrite checked proven");
  CHECK(f.verdict("__pycache__/x.cpython-311.pyc") == "drop-stale-bytecode likely");
}

TEST_CASE("ZipClock: UTC needs one witness, another zone eight, a fixed date none") {
  const auto pairs = [](std::size_t count, std::int64_t offset) {
    return std::vector<ZipClock::Pair>(count, {kDate + 1, std::int64_t{kDate} + offset});
  };
  CHECK(ZipClock::from(pairs(1, 0)).same(kDate + 1, kDate));
  CHECK(!ZipClock::from(pairs(1, 0)).same(kDate + 2, kDate));
  CHECK(!ZipClock::from(pairs(7, 3600)).same(kDate + 1, kDate + 3600));
  CHECK(ZipClock::from(pairs(8, 3600)).same(kDate + 1, kDate + 3600));
  CHECK(ZipClock::from(pairs(8, -12 * 3600)).same(kDate, kDate - 12 * 3600));
  CHECK(ZipClock::from(pairs(8, 14 * 3600)).same(kDate, kDate + 14 * 3600));
  CHECK(!ZipClock::from(pairs(8, 15 * 3600)).same(kDate + 1, kDate + 15 * 3600));
  CHECK(!ZipClock::from(pairs(8, 3600 + 30)).same(kDate + 1, kDate + 3630));
  CHECK(!ZipClock::from({}).same(kDate, kDate));
}

TEST_CASE("the plan: a rewrite is applied at its level, --keep and a disabled rule leave the file alone") {
  PythonFunction f;
  f.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate + 5000, kSource.size()));
  f.install();
  const JudgedBytecode judged = f.judge();
  const auto decide = [&] {
    const Reach reached = f.reach();
    PlanInput input{f.package, f.inventory, f.languages, f.links, reached, f.target, f.rules, f.sdk_sets};
    input.proposed = judged.drops;
    input.rewrites = judged.rewrites;
    input.companions = judged.companions;
    const auto plan = make_plan(input, f.options);
    REQUIRE(plan);
    return plan->decisions.at(f.at(kPyc));
  };
  CHECK(decide().action == Action::rewrite);
  CHECK(decide().applied);
  CHECK(decide().rule == "fix-bytecode");
  CHECK(decide().saved == 0);
  f.options.level = Confidence::proven;  // RECORD's proof is only likely
  CHECK(!decide().applied);
  f.options.level = Confidence::likely;
  f.options.disabled_rules = {"fix-bytecode"};
  CHECK(decide().action == Action::keep);
  f.options.disabled_rules = {};
  f.options.keep = {"pkg/__pycache__/"};
  CHECK(decide().rule == "keep-user");
}

TEST_CASE("bytecode goes with its source") {
  PythonFunction f;
  f.text("pkg/x.py", kSource).text(kPyc, dated_pyc(kPython311, kDate, kSource.size()));
  const JudgedBytecode judged = f.judge();
  const Reach reached = f.reach();
  PlanInput input{f.package, f.inventory, f.languages, f.links, reached, f.target, f.rules, f.sdk_sets};
  input.proposed = {{f.at("pkg/x.py"), "drop-something", "for a test", Confidence::likely}};
  input.rewrites = judged.rewrites;
  input.companions = judged.companions;
  const auto plan = make_plan(input, f.options);
  REQUIRE(plan);
  CHECK(plan->decisions.at(f.at(kPyc)).action == Action::drop);
  CHECK(plan->decisions.at(f.at(kPyc)).rule == "drop-something");
}
