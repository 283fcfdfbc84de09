// See render_diff.h. Only what differs is shown; that two builds are the same but for the architecture is one line.
#include "report/render_diff.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/units.h"
#include "report/text_layout.h"
#include "report/text_sections.h"

namespace lambdapack {
namespace {

constexpr std::size_t kFewFiles = 15, kFewGroups = 12;

std::string zip_text(const DiffSide& side) {
  if (side.zip_bytes == 0) return "";
  return (side.zip_estimated ? "about " : "") + format_bytes(side.zip_bytes);
}

std::string headline(const PackageDiff& diff, const TextStyle& style) {
  Table table{.alignment = "lllll", .flexible = 1, .rows = {}};
  const auto add = [&](std::string name, std::string a, std::string b, std::string how) {
    table.rows.push_back({std::move(name), std::move(a), "→", std::move(b), std::move(how)});
  };
  add("package", printable(diff.a.source), printable(diff.b.source), "");
  add("runtime", diff.a.runtime, diff.b.runtime, "");
  add("architecture", diff.a.arch, diff.b.arch, "");
  add("files", format_count(diff.files_a), format_count(diff.files_b), change(diff.files_a, diff.files_b));
  add("unpacked", format_bytes(diff.a.unpacked_bytes), format_bytes(diff.b.unpacked_bytes),
      change(diff.a.unpacked_bytes, diff.b.unpacked_bytes));
  if (diff.a.zip_bytes > 0 && diff.b.zip_bytes > 0)
    add("zipped", zip_text(diff.a), zip_text(diff.b), change(diff.a.zip_bytes, diff.b.zip_bytes));
  return "\n" + lay_out_table(table, style);
}

std::string with_version(const std::string& name, const std::string& a, const std::string& b) {
  if (a == b) return a.empty() ? name : name + " " + a;
  return fmt::format("{} {} → {}", name, a.empty() ? "(none)" : a, b.empty() ? "(none)" : b);
}

std::string groups_section(const PackageDiff& diff, const TextStyle& style) {
  if (diff.groups.empty()) return "";
  Table table{.alignment = "lrrr",
              .flexible = 0,
              .rows = {{"distribution, npm package or folder", "A", "B", ""}},
              .titled = true};
  const std::size_t shown = style.verbose ? diff.groups.size() : std::min(diff.groups.size(), kFewGroups);
  for (std::size_t i = 0; i < shown; ++i) {
    const GroupDiff& group = diff.groups[i];
    table.rows.push_back({printable(with_version(group.name, group.version_a, group.version_b)),
                          group.files_a == 0 ? "not there" : format_bytes(group.bytes_a),
                          group.files_b == 0 ? "not there" : format_bytes(group.bytes_b),
                          change(group.bytes_a, group.bytes_b)});
  }
  std::string out = heading(style, "What changes in size") + lay_out_table(table, style);
  if (shown < diff.groups.size()) out += fmt::format("    and {} more (-v shows all)\n", diff.groups.size() - shown);
  return out;
}

std::string files_section(const std::string& title, std::vector<FileLine> files, const TextStyle& style) {
  if (files.empty()) return "";
  std::uint64_t bytes = 0;
  for (const FileLine& file : files) bytes += file.size;
  std::string out =
      heading(style, fmt::format("{}: {}, {}", title, count_of(files.size(), "file"), format_bytes(bytes)));
  if (!style.verbose && files.size() > kFewFiles) {
    std::ranges::sort(files, [](const FileLine& a, const FileLine& b) {
      return a.size != b.size ? a.size > b.size : a.path < b.path;
    });
    out += fmt::format("  the largest {} (-v shows all)\n", kFewFiles);
    files.resize(kFewFiles);
  }
  Table table{.alignment = "rl", .flexible = 1, .rows = {}};
  for (const FileLine& file : files) table.rows.push_back({format_bytes(file.size), printable(file.path)});
  return out + lay_out_table(table, style);
}

// findings_section has "Findings" as its title; here it is whose.
std::string of_findings(std::string_view title, const std::vector<Finding>& findings, const TextStyle& style) {
  if (findings.empty()) return "";
  std::string out = heading(style, fmt::format("{}: {}", title, tally(findings)));
  const auto width = static_cast<std::size_t>(style.width);
  for (const Finding& finding : findings) {
    const std::string path = finding.path.empty() ? "" : " " + printable(finding.path);
    out += fmt::format("  {} {}{}\n", to_string(finding.severity), finding.code, path);
    out += wrap_text(printable(finding.message), width, 4);
  }
  return out;
}

}  // namespace

std::string render_diff_text(const PackageDiff& diff, const TextStyle& wanted) {
  TextStyle style = wanted;
  style.width = std::max(style.width, 72);
  std::string out = paint(style, Paint::bold, "lambdapack diff") + "\n" + headline(diff, style);
  if (diff.renamed > 0)
    out += wrap_text(fmt::format("{} another name for the other architecture and {} otherwise the same.",
                                 diff.renamed == 1 ? "1 file has" : format_count(diff.renamed) + " files have",
                                 diff.renamed == 1 ? "is" : "are"),
                     static_cast<std::size_t>(style.width), 2);
  if (diff.only_a.empty() && diff.only_b.empty()) out += "  Both have the same files.\n";
  out += files_section("Only in A", diff.only_a, style) + files_section("Only in B", diff.only_b, style);
  out += groups_section(diff, style);
  out += of_findings("Findings that only B has", diff.new_findings, style);
  out += of_findings("Findings that only A has", diff.gone_findings, style);
  return out;
}

}  // namespace lambdapack
