// The whole report, to the letter. LAMBDAPACK_UPDATE_GOLDEN=1 writes tests/golden anew; then read the diff.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "report/render.h"
#include "sample_report.h"

using namespace lambdapack;

namespace {

void check_golden(const std::string& name, const std::string& text) {
  const std::string path = LP_SOURCE_DIR "/tests/golden/" + name;
  if (std::getenv("LAMBDAPACK_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream expected;
  expected << file.rdbuf();
  CHECK_MESSAGE(expected.str() == text, path);
}

}  // namespace

TEST_CASE("the text of a packed function") {
  check_golden("pack.txt", render_text(sample_pack(), {}));
}

TEST_CASE("the text of a packed function, verbose and in 72 columns") {
  check_golden("pack-verbose-72.txt", render_text(sample_pack(), {.colour = false, .verbose = true, .width = 72}));
}

TEST_CASE("the text of a dry run says that nothing was written") {
  Report report = sample_pack();
  report.dry_run = true;
  report.debug_out.reset();
  report.output.clear();
  check_golden("dry-run.txt", render_text(report, {}));
}

TEST_CASE("the text of a package with errors") {
  check_golden("analyze.txt", render_text(sample_analyze(), {}));
}

TEST_CASE("the text of a package with nothing to say") {
  check_golden("nothing.txt", render_text(sample_nothing(), {}));
}

TEST_CASE("the JSON of a packed function") {
  check_golden("pack.json", render_json(sample_pack()));
}

TEST_CASE("the JSON of a package with a name that is no UTF-8") {
  check_golden("analyze.json", render_json(sample_analyze()));
}

TEST_CASE("the JSON of a package with nothing to say") {
  check_golden("nothing.json", render_json(sample_nothing()));
}
