// Findings for people: worst first, one heading and one way out per kind, and repeats cut short. A package with one
// missing library per extension module has hundreds of findings, and one problem.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/units.h"
#include "report/text_layout.h"
#include "report/text_sections.h"

namespace lambdapack {
namespace {

constexpr std::size_t kShown = 3;  // of one kind, unless verbose

Paint colour_of(Severity severity) {
  return severity == Severity::error ? Paint::red : severity == Severity::warning ? Paint::yellow : Paint::dim;
}

bool same_kind(const Finding& a, const Finding& b) {
  return a.severity == b.severity && a.code == b.code;
}

std::string help_lines(const std::string& help, const TextStyle& style, std::size_t indent) {
  if (help.empty()) return "";
  return wrap_text("→ " + printable(help), static_cast<std::size_t>(style.width), indent);
}

}  // namespace

std::string tally(const std::vector<Finding>& findings) {
  std::array<std::uint64_t, 3> counts{};
  for (const Finding& finding : findings) ++counts[static_cast<std::size_t>(finding.severity)];
  std::string out;
  const auto add = [&](Severity severity, std::string_view noun) {
    const std::uint64_t count = counts[static_cast<std::size_t>(severity)];
    if (count > 0) out += (out.empty() ? "" : ", ") + count_of(count, noun);
  };
  add(Severity::error, "error");
  add(Severity::warning, "warning");
  add(Severity::info, "note");
  return out;
}

std::string findings_section(const std::vector<Finding>& all, const TextStyle& style) {
  if (all.empty()) return heading(style, "Findings: none");
  std::vector<Finding> findings = all;
  sort_findings(findings);
  std::string out = heading(style, "Findings: " + tally(findings));
  const auto width = static_cast<std::size_t>(style.width);
  for (auto group = findings.begin(); group != findings.end();) {
    const auto end = std::find_if(group, findings.end(), [&](const Finding& each) { return !same_kind(each, *group); });
    const std::string_view word = group->severity == Severity::info ? "note" : to_string(group->severity);
    out += "  " + paint(style, colour_of(group->severity), word) + " " + group->code + "\n";
    const bool same_help = std::all_of(group, end, [&](const Finding& each) { return each.help == group->help; });
    const auto size = static_cast<std::size_t>(end - group);
    const std::size_t shown = style.verbose || size <= kShown + 1 ? size : kShown;
    for (auto each = group; each != group + static_cast<std::ptrdiff_t>(shown); ++each) {
      const std::string subject = each->path.empty() ? "" : printable(each->path) + ": ";
      out += wrap_text(subject + printable(each->message), width, 4);
      if (!same_help) out += help_lines(each->help, style, 6);
    }
    if (shown < size) out += fmt::format("    and {} more (-v shows all)\n", format_count(size - shown));
    if (same_help) out += help_lines(group->help, style, 4);
    group = end;
  }
  return out;
}

}  // namespace lambdapack
