// Explanations of an error, for people: what was looked for, which rule took it away, and the option that brings it
// back.
#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/units.h"
#include "report/explain_error.h"

namespace lambdapack {
namespace {

constexpr std::size_t kPathsListed = 5;

std::string_view what(Sought sought) {
  switch (sought) {
    case Sought::python_module: return "Python module";
    case Sought::python_distribution: return "metadata of the distribution";
    case Sought::npm_package: return "npm package or module";
    case Sought::library: return "library";
    case Sought::symbol_version: return "symbol version";
    case Sought::symbol: return "symbol";
    case Sought::aws_service: return "botocore's data of the service";
    case Sought::file: return "file";
  }
  return "file";
}

// For a shell.
std::string quoted(std::string_view pattern) {
  std::string out = "'";
  for (const char c : printable(pattern)) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

void add_cause(const RuleCause& cause, std::string& out) {
  out += fmt::format("  {} by rule {} ({}): {} {}, {}\n", cause.applied ? "dropped" : "not dropped at this level, only",
                     cause.rule, cause.confidence, cause.paths.size(), cause.paths.size() == 1 ? "file" : "files",
                     format_bytes(cause.bytes));
  out += fmt::format("    because: {}\n", cause.reason);
  for (std::size_t i = 0; i < std::min(kPathsListed, cause.paths.size()); ++i)
    out += fmt::format("    {}\n", printable(cause.paths[i]));
  if (cause.paths.size() > kPathsListed) out += fmt::format("    … {} more\n", cause.paths.size() - kPathsListed);
  if (!cause.applied) return;
  std::string options;
  for (const std::string& pattern : cause.patterns) options += " --keep " + quoted(pattern);
  if (cause.rule == "drop-runtime-sdk") options = " --keep-sdk";
  out +=
      fmt::format("  to keep it, pack with{}\n  to do without the rule, pack with --restore {}\n", options, cause.rule);
}

void add_nothing_dropped(const Explanation& explanation, const Report& report, std::string& out) {
  if (!explanation.kept.empty()) {
    out += "  it was not dropped; the package has\n";
    for (const std::string& path : explanation.kept) out += fmt::format("    {}\n", printable(path));
    if (explanation.findings.empty())
      out += "  so the search path of the function, not its package, is where to look\n";
  } else if (explanation.findings.empty()) {
    out += fmt::format("  nothing of this name was dropped: {} did not have it; add it where the package is built\n",
                       report.source.empty() ? "the package" : printable(report.source));
  }
}

}  // namespace

std::string render_explanations(const std::vector<Explanation>& explanations, const Report& report) {
  std::string out;
  for (const Explanation& explanation : explanations) {
    const Complaint& complaint = explanation.complaint;
    out += fmt::format("{}{} {}{}\n", out.empty() ? "" : "\n", what(complaint.sought), printable(complaint.name),
                       complaint.by.empty() ? "" : ", asked for by " + printable(complaint.by));
    for (const RuleCause& cause : explanation.causes) add_cause(cause, out);
    for (const Finding& finding : explanation.findings)
      out += fmt::format("  {} {}: {}{}; {}\n", to_string(finding.severity), finding.code,
                         finding.path.empty() ? "" : printable(finding.path) + ": ", finding.message, finding.help);
    if (std::ranges::none_of(explanation.causes, &RuleCause::applied)) add_nothing_dropped(explanation, report, out);
  }
  return out;
}

}  // namespace lambdapack
