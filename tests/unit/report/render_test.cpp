// What must hold for every report, beside the goldens.
#include "report/render.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/units.h"
#include "report/text_layout.h"
#include "sample_report.h"

using namespace lambdapack;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("without colour no control character reaches the terminal, whatever a package's names are") {
  for (const Report& report : {sample_pack(), sample_analyze()}) {
    const std::string text = render_text(report, {});
    CHECK(is_utf8(text));
    CHECK(std::ranges::none_of(text, [](char c) { return c != '\n' && static_cast<unsigned char>(c) < 0x20; }));
  }
}

TEST_CASE("colour adds codes and changes no other character") {
  std::string coloured = render_text(sample_pack(), {.colour = true, .verbose = false, .width = 100});
  CHECK(contains(coloured, "\x1b[1m"));
  for (std::size_t at; (at = coloured.find("\x1b[")) != std::string::npos;)
    coloured.erase(at, coloured.find('m', at) + 1 - at);
  CHECK(coloured == render_text(sample_pack(), {}));
}

TEST_CASE("a refused pack says so on top, and counts its finding to the result, not to what was read") {
  Report report = sample_nothing();
  report.command = "pack";
  report.output.clear();
  report.refused = "the zip is 2 bytes, --max-zip-size allows 1";
  report.findings.push_back({"zip-too-large", Severity::error, {}, "--max-zip-size", report.refused, "raise it"});
  const std::string text = render_text(report, {});
  CHECK(contains(text, "\nNothing is written: the zip is 2 bytes, --max-zip-size allows 1.\n"));
  CHECK(contains(text, "zip-too-large"));
  CHECK_FALSE(contains(text, "in what was read"));
  CHECK_FALSE(contains(text, "update-function-code"));
}

TEST_CASE("no line is wider than the terminal, but for a command to copy") {
  for (const int width : {72, 80, 100, 140}) {
    const std::string text = render_text(sample_pack(), {.colour = false, .verbose = true, .width = width});
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = text.find('\n', start);
      const std::string line = text.substr(start, end - start);
      const bool to_copy = contains(line, "lambdapack ") || contains(line, "aws ");
      // One word may be longer than the line: a path is not cut where it is the subject of a sentence.
      const bool one_word = line.find(' ', line.find_first_not_of(" →")) == std::string::npos;
      CHECK_MESSAGE((to_copy || one_word || text_columns(line) <= static_cast<std::size_t>(width)), line);
      start = end + 1;
    }
  }
}

TEST_CASE("verbose shows every finding, else repeats are counted") {
  CHECK(contains(render_text(sample_analyze(), {}), "and 41 more"));
  const std::string verbose = render_text(sample_analyze(), {.colour = false, .verbose = true, .width = 100});
  CHECK_FALSE(contains(verbose, "more (-v"));
  CHECK(contains(verbose, "lib/lib53.so"));
}

TEST_CASE("an exceeded limit says by how much") {
  Report report = sample_analyze();
  report.limits_after =
      report.limits_before = {{"unzipped, function and layers", 262'144'000 + 1'048'576, 262'144'000, false}};
  CHECK(contains(render_text(report, {}), "(1.0 MB over)"));
}

TEST_CASE("a package that Lambda would refuse is not offered for deployment") {
  Report report = sample_pack();
  CHECK(contains(render_text(report, {}), "aws lambda update-function-code"));
  report.limits_after[1].used = 60'000'000;
  CHECK_FALSE(contains(render_text(report, {}), "aws lambda update-function-code"));
}

TEST_CASE("with bytecode, sizes stand beside those without it") {
  Report report = sample_pack();
  CHECK(!contains(render_text(report, {}), "without bytecode"));
  report.before.bytecode_files = 100;
  report.before.bytecode_bytes = 81'018'368;
  report.before.bytecode_zip_bytes = 34'934'656;
  const std::string text = render_text(report, {});
  CHECK(contains(text, "zipped, without bytecode"));
  CHECK(contains(text, format_bytes(50'000'000)));
  CHECK(contains(text, "unpacked, without bytecode"));
  CHECK(contains(text, format_bytes(200'000'000)));
  report.compiled = CompiledLine{"CPython 3.13.1, /usr/bin/python3.13", 42, 1'000'000, {"template.py"}};
  CHECK(contains(render_text(report, {}), "42 modules compiled"));
  CHECK(contains(render_json(report), "template.py"));
}

TEST_CASE("a package that fits never shows a full bar, and one that is not empty never an empty bar") {
  CHECK(bar(999, 1000, 4) == "███░");
  CHECK(bar(1000, 1000, 4) == "████");
  CHECK(bar(1, 1000, 4) == "█░░░");
  CHECK(bar(0, 1000, 4) == "░░░░");
  CHECK(bar(5000, 1000, 4) == "████");
}

TEST_CASE("change has a sign and a percentage") {
  CHECK(change(100, 40) == "−60.0 %");
  CHECK(change(100, 102) == "+2.0 %");
  CHECK(change(0, 0) == "±0 %");
  CHECK(change(7, 7) == "±0 %");
}

TEST_CASE("shorten keeps both ends and counts code points") {
  CHECK(shorten("short", 5) == "short");
  CHECK(shorten("lib/libfoo.so.1", 9) == "li…o.so.1");
  CHECK(text_columns(shorten("ÄÖÜÄÖÜÄÖÜÄÖÜ", 7)) == 7);
  CHECK(is_utf8(shorten("ÄÖÜÄÖÜÄÖÜÄÖÜ", 7)));
}

TEST_CASE("words for the shell survive the shell") {
  CHECK(shell_word("build/f-1.zip") == "build/f-1.zip");
  CHECK(shell_word("my function") == "'my function'");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("") == "''");
}

TEST_CASE("a table shortens its flexible column before it is wider than the terminal") {
  const Table table{.alignment = "lr", .flexible = 0, .rows = {{"a/very/long/path/to/some/library.so", "1.0 MB"}}};
  const std::string line = lay_out_table(table, {.colour = false, .verbose = false, .width = 30});
  CHECK(text_columns(line) == 31);  // with its line end
  CHECK(line.ends_with("1.0 MB\n"));
}

TEST_CASE("a path that is no UTF-8 has its bytes beside it in JSON, a proper one has not") {
  const std::string json = render_json(sample_analyze());
  CHECK(contains(json, "\"path\": \"bin/\\\\xff\\\\x1b.so\""));
  CHECK(contains(json, "\"path_hex\": \"62696e2fff1b2e736f\""));
  CHECK_FALSE(contains(render_json(sample_pack()), "_hex"));
}
