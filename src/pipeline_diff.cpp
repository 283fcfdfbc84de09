// See pipeline_diff.h; what is compared and how is in report/diff.h.
#include "pipeline_diff.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "pipeline_exit.h"
#include "report/render_diff.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kReportBytes = 256 << 20;  // more than a package with 500,000 files gives

// The text of a saved report: a regular file that begins as JSON does; nothing for all that could be a package.
Result<std::optional<std::string>> saved_report(const std::string& path) {
  struct stat status{};
  if (path == "-" || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (file.peek() != '{') return std::nullopt;
  if (static_cast<std::uint64_t>(status.st_size) > kReportBytes)
    return fail(printable(path), "is larger than any report", "give a package, or a report that lambdapack wrote");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return fail(printable(path), "cannot be read");
  return text;
}

Result<DiffSide> read_side(const CommandLine& command_line, const std::string& path, const Analyse& analyse) {
  LP_TRY(const auto report, saved_report(path));
  if (report) return read_saved_report(printable(path), *report);
  CommandLine one = command_line;
  one.command = Command::analyze;
  one.path = path;
  LP_TRY(const Report analysed, analyse(one));
  return side_of(analysed);
}

}  // namespace

Result<RunResult> run_diff(const CommandLine& command_line, const Analyse& analyse) {
  LP_TRY(DiffSide a, read_side(command_line, command_line.path, analyse));
  LP_TRY(DiffSide b, read_side(command_line, command_line.file, analyse));
  const PackageDiff diff = diff_packages(std::move(a), std::move(b));
  RunResult result;
  result.out = command_line.format == Format::json
                   ? render_diff_json(diff)
                   : render_diff_text(diff, {command_line.colour, command_line.verbose, command_line.width});
  result.exit_code = exit_code_for(command_line, diff.new_findings);
  return result;
}

}  // namespace lambdapack
