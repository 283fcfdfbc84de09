// See pipeline_diff.h; what is compared and how is in report/diff.h.
#include "pipeline_diff.h"

#include <utility>

#include "base/bytes.h"
#include "pipeline_exit.h"
#include "report/render_diff.h"
#include "report/saved_report.h"

namespace lambdapack {
namespace {

Result<DiffSide> read_side(const CommandLine& command_line, const std::string& path, const Analyse& analyse) {
  LP_TRY(const auto text, find_saved_report(path));
  if (text) {
    LP_TRY(const Report report, read_saved_report(printable(path), *text));
    return side_of(report);
  }
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
