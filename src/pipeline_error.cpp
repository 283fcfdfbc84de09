// See pipeline_error.h; how a name is matched with what was dropped is in report/explain_error.h.
#include "pipeline_error.h"

#include <algorithm>

#include "base/bytes.h"
#include "report/explain_error.h"
#include "report/saved_report.h"

namespace lambdapack {
namespace {

Result<Report> report_of(const CommandLine& command_line, const Analyse& analyse) {
  LP_TRY(const auto text, find_saved_report(command_line.path));
  return text ? read_saved_report(printable(command_line.path), *text) : analyse(command_line);
}

}  // namespace

Result<RunResult> run_explain_error(const CommandLine& command_line, const std::string& text, const Analyse& analyse) {
  LP_TRY(const Report report, report_of(command_line, analyse));
  const auto explanations = explain_error(report, text);
  if (explanations.empty())
    return fail("--error", "names no missing module, package, library, symbol version or file",
                "pass the error as the log has it, such as \"No module named 'x'\" or \"libx.so.1: cannot open shared "
                "object file\"");
  RunResult result;
  result.out = render_explanations(explanations, report);
  result.exit_code = std::ranges::any_of(explanations, is_explained) ? 0 : 1;
  return result;
}

}  // namespace lambdapack
