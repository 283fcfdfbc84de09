// The report for people. It must be understood without reading anything else: what it was, what it is, which rule saved
// what and how sure that is, what is wrong, and what to type next.
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/units.h"
#include "report/render.h"
#include "report/text_layout.h"
#include "report/text_sections.h"

namespace lambdapack {
namespace {

constexpr std::size_t kFewBundled = 10;
constexpr std::size_t kFewNames = 5;  // shown of a list, unless verbose

bool written(const Report& report) {
  return report.command == "pack" && !report.dry_run;
}

std::string user_path(const std::string& path) {
  return path == "-" ? "PATH" : shell_word(path);
}

std::string title(const Report& report, const TextStyle& style) {
  std::string text = "lambdapack " + report.command + " " + printable(report.source);
  if (!report.input_kind.empty()) text += " (" + report.input_kind + ")";
  if (!report.output.empty()) text += " → " + printable(report.output);
  std::string out = paint(style, Paint::bold, text) + "\n";
  if (!report.refused.empty()) out += "Nothing is written: " + report.refused + ".\n";
  if (report.dry_run) out += "Dry run: nothing is written.\n";
  return out;
}

// "31.0 MB", "about 31.0 MB (±1.2 %)"
std::string zip_size(const PackageSize& size) {
  if (size.zip_error <= 0) return format_bytes(size.zip_bytes);
  return fmt::format("about {} (±{})", format_bytes(size.zip_bytes), format_percent(size.zip_error, 1));
}

PackageSize zipped_without_bytecode(PackageSize size) {
  size.zip_bytes -= std::min(size.zip_bytes, size.bytecode_zip_bytes);
  return size;
}

// What must not be overlooked below a long table.
std::string alarm(const Report& report, const TextStyle& style) {
  std::vector<Finding> bad = report.findings;
  std::erase_if(bad, [&](const Finding& finding) {
    const bool of_the_result = report.command == "pack" && finding.detail == "--max-zip-size";
    return finding.severity == Severity::info || of_the_result;
  });
  if (bad.empty()) return "";
  const bool error =
      std::ranges::any_of(bad, [](const Finding& finding) { return finding.severity == Severity::error; });
  return "\n  " + paint(style, error ? Paint::red : Paint::yellow, tally(bad) + " in what was read: see Findings") +
         "\n";
}

std::string compiled_lines(const CompiledLine& compiled) {
  std::string out = compiled.files == 0 ? std::string("  No module had to be compiled\n")
                                        : fmt::format("  {} {} compiled ({}) by {}\n", format_count(compiled.files),
                                                      compiled.files == 1 ? "module" : "modules",
                                                      format_bytes(compiled.bytes), printable(compiled.interpreter));
  if (!compiled.not_compiled.empty())
    out += fmt::format("  {} that it cannot compile: --format json lists them\n",
                       format_count(compiled.not_compiled.size()));
  return out;
}

std::string headline(const Report& report, const TextStyle& style) {
  const PackageSize& before = report.before;
  Table table{.alignment = "lllll", .flexible = 0, .rows = {}};
  if (!report.after) {
    if (before.zip_bytes > 0) table.rows.push_back({"zipped", zip_size(before)});
    table.rows.push_back({"unpacked", format_bytes(before.unpacked_bytes)});
    table.rows.push_back({"files", format_count(before.files)});
    return "\n" + lay_out_table(table, style);
  }
  const PackageSize& after = *report.after;
  const auto add = [&](std::string name, std::string was, std::string is, std::uint64_t from, std::uint64_t to) {
    table.rows.push_back({std::move(name), std::move(was), "→", std::move(is), change(from, to)});
  };
  if (before.zip_bytes > 0 && after.zip_bytes > 0) {
    add("zipped", zip_size(before), zip_size(after), before.zip_bytes, after.zip_bytes);
    if (before.bytecode_files + after.bytecode_files > 0) {
      const PackageSize was = zipped_without_bytecode(before), is = zipped_without_bytecode(after);
      add("zipped, without bytecode", zip_size(was), zip_size(is), was.zip_bytes, is.zip_bytes);
    }
  }
  add("unpacked", format_bytes(before.unpacked_bytes), format_bytes(after.unpacked_bytes), before.unpacked_bytes,
      after.unpacked_bytes);
  if (before.bytecode_files + after.bytecode_files > 0) {
    const std::uint64_t was = before.unpacked_bytes - before.bytecode_bytes,
                        is = after.unpacked_bytes - after.bytecode_bytes;
    add("unpacked, without bytecode", format_bytes(was), format_bytes(is), was, is);
  }
  add("files", format_count(before.files), format_count(after.files), before.files, after.files);
  std::string out = "\n" + lay_out_table(table, style);
  if (!written(report)) out += "  The right side is what lambdapack pack would write with the same options.\n";
  if (!after.code_sha256.empty()) out += "  CodeSha256 " + after.code_sha256 + "\n";
  if (report.compiled) out += compiled_lines(*report.compiled);
  if (report.debug_out) {
    const DebugBundleLine& bundle = *report.debug_out;
    out += fmt::format("  Debug info of {} {} → {} ({})\n", format_count(bundle.files),
                       bundle.files == 1 ? "file" : "files", printable(bundle.path), format_bytes(bundle.bytes));
  }
  return out;
}

std::string function_section(const Report& report, const TextStyle& style) {
  Table table{.alignment = "lll", .flexible = 2, .rows = {}};
  const auto add = [&](std::string name, const std::string& value, const std::string& from) {
    table.rows.push_back({std::move(name), printable(value), from.empty() ? "" : "from " + printable(from)});
  };
  add("runtime", report.runtime, report.runtime_from);
  add("architecture", report.arch, report.arch_from);
  std::string handlers;
  for (const std::string& handler : report.handlers) handlers += (handlers.empty() ? "" : ", ") + handler;
  if (!handlers.empty()) add("handler", handlers, report.handler_from);
  if (report.from_template && !(report.from_template->layers.empty() && report.from_template->variables.empty())) {
    const TemplateReport& from = *report.from_template;
    const auto count = [](std::size_t number, const char* what) {
      return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
    };
    add("configuration", count(from.layers.size(), "layer") + ", " + count(from.variables.size(), "variable"),
        fmt::format("{}, function {}", from.path, from.function));
  }
  return heading(style, report.is_layer ? "Layer" : "Function") + lay_out_table(table, style);
}

Table savings_table(const std::vector<RuleSaving>& savings, bool applied) {
  Table table{
      .alignment = "lrrll", .flexible = 0, .rows = {{"what", "files", "bytes", "sure", "rule"}}, .titled = true};
  std::uint64_t files = 0, bytes = 0;
  for (const RuleSaving& saving : savings) {
    if (saving.applied != applied) continue;
    table.rows.push_back({printable(saving.title), format_count(saving.files), format_bytes(saving.bytes),
                          saving.confidence, saving.rule});
    files += saving.files;
    bytes += saving.bytes;
  }
  if (table.rows.size() > 2) table.rows.push_back({"together", format_count(files), format_bytes(bytes)});
  return table;
}

std::string savings_section(const Report& report, const TextStyle& style) {
  const Table table = savings_table(report.savings, true);
  if (table.rows.size() == 1) {
    return heading(style, report.savings.empty() ? "Nothing to save: every file is needed as it is"
                                                 : "Nothing to save at this level");
  }
  return heading(style, written(report) ? "Saved (unpacked bytes)" : "Would be saved (unpacked bytes)") +
         lay_out_table(table, style);
}

// names, at most kFewNames of them unless verbose, one per line.
std::string name_lines(const std::vector<std::string>& names, const TextStyle& style) {
  std::string out;
  const std::size_t shown = style.verbose || names.size() <= kFewNames + 1 ? names.size() : kFewNames;
  for (std::size_t i = 0; i < shown; ++i) {
    out += "    " + shorten(printable(names[i]), static_cast<std::size_t>(style.width) - 4) + "\n";
  }
  if (shown < names.size()) out += fmt::format("    and {} more (-v shows all)\n", format_count(names.size() - shown));
  return out;
}

std::string sdk_section(const Report& report, const TextStyle& style) {
  if (report.sdks.empty()) return "";
  const auto width = static_cast<std::size_t>(style.width);
  std::string out = heading(style, "AWS SDK");
  for (const SdkLine& sdk : report.sdks) {
    const std::string verb = !sdk.dropped ? "kept" : written(report) ? "dropped" : "would be dropped";
    out += fmt::format("  {}: {}, {} unpacked{}\n", printable(sdk.name), verb, format_bytes(sdk.bytes),
                       sdk.dropped ? "; --keep-sdk keeps it" : "");
    if (!sdk.reason.empty()) out += wrap_text(printable(sdk.reason), width, 4);
    out += name_lines(sdk.members, style);
  }
  return out;
}

std::string waiting_section(const Report& report, const TextStyle& style) {
  const Table table = savings_table(report.savings, false);
  if (table.rows.size() == 1 && report.waiting_bytes == 0) return "";
  const auto width = static_cast<std::size_t>(style.width);
  std::string out = heading(style, "Left alone at this level");
  if (table.rows.size() > 1) out += lay_out_table(table, style);
  const auto waits_for = [&](auto&& needs) {
    return std::ranges::any_of(report.savings, [&](const RuleSaving& saving) {
      return !saving.applied && saving.option.empty() && needs(saving.confidence);
    });
  };
  if (waits_for([](const std::string& sure) { return sure == "likely"; })) {
    out += wrap_text("What is likely goes without --safe.", width, 2);
  }
  if (waits_for([](const std::string& sure) { return sure == "possible"; }) || report.waiting_bytes > 0) {
    out +=
        wrap_text("What is only possible goes with --aggressive: try the function before you deploy that.", width, 2);
  }
  for (const RuleSaving& saving : report.savings)
    if (!saving.applied && !saving.option.empty())
      out += wrap_text(fmt::format("{} waits for {}: see `lambdapack rules {}` for what it costs.", saving.rule,
                                   saving.option, saving.rule),
                       width, 2);
  if (report.waiting_bytes > 0) {
    out += wrap_text(fmt::format("{} of it would be likely if lambdapack knew which libraries these files open:",
                                 format_bytes(report.waiting_bytes)),
                     width, 2);
    out += name_lines(report.unknown_openers, style);
  }
  return out;
}

std::string largest_section(const Report& report, const TextStyle& style) {
  if (report.largest.empty()) return "";
  Table table{.alignment = "rll", .flexible = 1, .rows = {}};
  for (const FileDecision& file : report.largest) {
    const bool changed = file.applied && file.action != "keep" && file.saved > 0;
    table.rows.push_back(
        {format_bytes(file.size - (changed ? std::min(file.saved, file.size) : 0)), printable(file.path),
         changed ? (file.action == "strip" ? "stripped, was " : "rewritten, was ") + format_bytes(file.size) : ""});
  }
  return heading(style, "Largest files that stay") + lay_out_table(table, style);
}

std::string decisions_section(const Report& report, const TextStyle& style) {
  if (!style.verbose || report.decisions.empty()) return "";
  std::string out = heading(style, "Every file that is not simply kept");
  for (const FileDecision& file : report.decisions) {
    out += fmt::format("  {:<5} {:>9}  {}\n", file.action, format_bytes(file.saved), printable(file.path));
    const std::string level = file.applied           ? ""
                              : !file.option.empty() ? "; waits for " + file.option
                                                     : "; not applied at this level";
    const std::string by = file.rule.empty() ? "" : fmt::format(" ({}, {}{})", file.rule, file.confidence, level);
    out += wrap_text(printable(file.reason) + by, static_cast<std::size_t>(style.width), 19);
  }
  return out;
}

std::string bundle_section(const Report& report, const TextStyle& style) {
  if (!report.bundle) return "";
  const BundleReport& bundle = *report.bundle;
  const auto width = static_cast<std::size_t>(style.width);
  std::string out =
      heading(style, bundle.libraries.empty() ? "Bundled: the program alone" : "Bundled with the program");
  Table table{.alignment = "rlll", .flexible = 2, .rows = {}};
  const std::size_t shown =
      style.verbose || bundle.libraries.size() <= kFewBundled + 1 ? bundle.libraries.size() : kFewBundled;
  for (std::size_t i = 0; i < shown; ++i) {
    const BundledFile& file = bundle.libraries[i];
    table.rows.push_back({format_bytes(file.bytes), printable(file.path), "from " + printable(file.from),
                          "for " + printable(file.needed_by)});
  }
  if (!table.rows.empty()) out += lay_out_table(table, style);
  if (shown < bundle.libraries.size())
    out += fmt::format("    and {} more (-v shows all)\n", format_count(bundle.libraries.size() - shown));
  return out + wrap_text(printable(bundle.reason), width, 2);
}

// A command is never shortened or wrapped: it is there to be copied.
std::string next_section(const Report& report, const TextStyle& style) {
  std::string lines;
  const auto add = [&](const std::string& command, std::string_view purpose) {
    lines += fmt::format("  {}\n      {}\n", command, purpose);
  };
  const std::string source = user_path(report.source);
  const bool saves = std::ranges::any_of(report.savings, &RuleSaving::applied);
  if (!written(report) && (saves || report.dry_run)) {
    add("lambdapack pack " + source + " -o function.zip", "writes the smaller package");
  }
  const auto bytes_dropped = [](const FileDecision& file) {
    return file.applied && file.action == "drop" && is_utf8(file.path) ? file.saved : 0;
  };
  const auto dropped = std::ranges::max_element(report.decisions, {}, bytes_dropped);
  if (dropped != report.decisions.end() && bytes_dropped(*dropped) > 0) {
    const std::string path = shell_word(dropped->path);
    add("lambdapack explain " + source + " " + path, "says why this file goes");
    add("lambdapack pack … --keep " + path, "keeps it; a pattern such as 'lib/*.so' works too");
  }
  const bool fits =
      std::ranges::none_of(report.limits_after, [](const LimitBar& limit) { return limit.used > limit.limit; });
  if (written(report) && fits && report.output.ends_with(".zip") && !report.is_layer) {
    add("aws lambda update-function-code --function-name NAME --zip-file fileb://" + shell_word(report.output),
        "deploys it");
  }
  return lines.empty() ? "" : heading(style, "Next") + lines;
}

}  // namespace

std::string render_text(const Report& report, const TextStyle& wanted) {
  TextStyle style = wanted;
  style.width = std::max(style.width, 72);  // below, the tables' numbers alone do not fit
  std::string out =
      title(report, style) + headline(report, style) + alarm(report, style) + function_section(report, style);
  out += layers_section(report, style) + bundle_section(report, style);
  out += savings_section(report, style) + sdk_section(report, style) + waiting_section(report, style);
  out += largest_section(report, style) + idle_section(report, style) + decisions_section(report, style) +
         reached_section(report, style);
  out += findings_section(report.findings, style) + limits_section(report, style) + cold_start_section(report, style);
  return out + next_section(report, style);
}

}  // namespace lambdapack
