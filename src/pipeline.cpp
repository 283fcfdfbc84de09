// One function per command, and what pack does after the plan (pipeline_plan.cpp): apply, verify, write.
#include "pipeline.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "apply/verify_bindings.h"
#include "apply/verify_bytecode.h"
#include "apply/verify_result.h"
#include "package/layers.h"
#include "pipeline_bundle.h"
#include "pipeline_debug.h"
#include "pipeline_diff.h"
#include "pipeline_error.h"
#include "pipeline_exit.h"
#include "pipeline_graph.h"
#include "pipeline_layers.h"
#include "pipeline_plan.h"
#include "pipeline_propose.h"
#include "pipeline_report.h"
#include "pipeline_sizes.h"
#include "pipeline_stages.h"
#include "pipeline_symbolize.h"
#include "pipeline_template.h"
#include "plan/explain.h"
#include "plan/without_file.h"
#include "report/render.h"

namespace lambdapack {
namespace {

std::string render(const Report& report, const CommandLine& command_line) {
  if (command_line.format == Format::json) return render_json(report);
  return render_text(report, {command_line.colour, command_line.verbose, command_line.width});
}

Result<void> write_text(const std::string& path, const std::string& text, const char* option) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file)
    return fail(printable(path), "cannot be written", fmt::format("give {} a path in a folder that exists", option));
  return {};
}

Result<void> write_report_file(const Report& report, const CommandLine& command_line) {
  if (command_line.report_file.empty()) return {};
  return write_text(command_line.report_file, render_json(report), "--report");
}

// over_budget: the zip is larger than --max-zip-size, which fails the run whatever --fail-on says.
Result<RunResult> finish(Report report, const CommandLine& command_line, std::optional<Finding> over_budget) {
  const bool gate = over_budget.has_value();
  if (over_budget) {
    report.findings.push_back(*std::move(over_budget));
    sort_findings(report.findings);
  }
  LP_CHECK(write_report_file(report, command_line));
  RunResult result;
  const bool stdout_is_taken =
      command_line.command == Command::pack && command_line.output == "-" && !command_line.dry_run;
  (stdout_is_taken ? result.err : result.out) = render(report, command_line);
  if (stdout_is_taken && command_line.quiet) result.err.clear();
  if (!report.refused.empty() && result.err.empty())
    result.err = "lambdapack: " + printable(command_line.output) + ": " + report.refused + "; nothing was written\n";
  result.exit_code = gate ? 1 : exit_code_for(command_line, report.findings);
  return result;
}

struct Analysis {
  Report report;
  std::string graph;  // as --graph asks for it
};

Result<Analysis> analyse(const CommandLine& command_line, const Rules& rules, Progress& progress) {
  LP_TRY(auto planned, plan_package(command_line, rules, progress));
  auto& [frame, all] = planned;
  LP_TRY(std::string graph, draw_graph(frame, plan_input(frame, all), all.plan));
  progress.stage("estimating the zip", 0);
  LP_TRY(Sizes sizes,
         planned_sizes(all.package, all.examined.inventory, all.examined.languages, all.plan, command_line, progress));
  if (all.compiled) {
    LP_TRY(sizes.before, size_before(all.as_read(), command_line));
  }
  Report report = make_report(frame, all.package, all.examined, all.sdk_sets, all.plan, nullptr, nullptr, sizes);
  LP_TRY(report.layer_fits, layer_fits(frame, all.package, all.examined.inventory));
  if (all.compiled) report.compiled = all.compiled->line;
  return Analysis{std::move(report), std::move(graph)};
}

Result<RunResult> run_analyze(const CommandLine& command_line, const Rules& rules, Progress& progress) {
  LP_TRY(Analysis analysis, analyse(command_line, rules, progress));
  auto over_budget = check_zip_budget(analysis.report.before.zip_bytes, command_line.max_zip_size);
  LP_TRY(RunResult result, finish(std::move(analysis.report), command_line, std::move(over_budget)));
  const GraphRequest& request = command_line.graph;
  if (!request.file.empty()) LP_CHECK(write_text(request.file, analysis.graph, "--graph"));
  if (request.format != GraphFormat::none && request.file.empty()) result.out = std::move(analysis.graph);
  return result;
}

// The stages once more, on the result. Nothing may be worse than before, and nothing may bind to something else.
Result<Examined> verify(const Frame& frame, const Planned& all, const Applied& applied, Progress& progress) {
  LP_TRY(Inventory inventory, take_inventory(applied.package, frame.command_line.threads, progress));
  LP_TRY(LanguageView languages, read_languages(applied.package, inventory, frame.command_line.threads));
  LP_TRY(Examined after, examine(applied.package, std::move(inventory), std::move(languages), frame));
  const auto findings = new_findings(all.examined.findings, after.findings, linked_paths(all.package, applied));
  if (!findings.empty()) {
    const Finding& first = findings.front();
    return fail(first.path,
                fmt::format("packing would bring a new problem ({} in all): {}", findings.size(), first.message),
                "nothing was written; keep the file concerned with --keep, and please report this as a bug");
  }
  const auto changed = changed_bindings(all.package, all.examined.links, applied.package, after.links, applied);
  if (!changed.empty()) {
    const ChangedBinding& first = changed.front();
    return fail(first.path,
                fmt::format("after packing, {} would bind to {} instead of {} ({} changed in all)", first.needed,
                            first.after, first.before, changed.size()),
                "nothing was written; keep the library with --keep, and please report this as a bug");
  }
  const auto symbols = changed_symbols(all.package, all.examined.bindings, after.bindings, applied);
  if (!symbols.empty()) {
    const ChangedSymbol& first = symbols.front();
    return fail(first.path,
                fmt::format("after packing, the symbol {}{}{} would be bound to {} instead of {} ({} changed in all)",
                            first.symbol, first.version.empty() ? "" : "@", first.version, first.after, first.before,
                            symbols.size()),
                "nothing was written; keep the library with --keep, and please report this as a bug");
  }
  LP_TRY(const auto bytecode, wrong_bytecode(all.package, applied, frame.rules));
  if (!bytecode.empty())
    return fail(bytecode.front(),
                fmt::format("after packing, this bytecode would not fit its source ({} in all)", bytecode.size()),
                "nothing was written; pass --bytecode keep, and please report this as a bug");
  return after;
}

struct Output {
  PackageSize size;
  std::optional<DebugOut> debug_out;
  std::optional<Finding> over_budget;  // then nothing was written
};

// The debug bundle appears just before the package does, and goes again when that fails.
Result<std::optional<DebugOut>> write_package(const CommandLine& command_line, const Planned& all,
                                              const Applied& applied, const Examined& after,
                                              const std::optional<ZipImage>& image, Progress& progress) {
  progress.stage("writing", 0);
  const bool to_folder = command_line.output.ends_with('/');
  const FunctionPart function(applied.package);
  std::optional<DebugOut> debug_out;
  BeforeVisible before;
  if (!command_line.debug_out.empty()) {
    LP_TRY(DebugOut made, make_debug_bundle(command_line, all.package, all.examined.inventory, applied, after.inventory,
                                            to_folder ? std::string() : to_hex(image->written.sha256), progress));
    debug_out.emplace(std::move(made));
    before = [&] { return debug_out->bundle.put_into_place(); };
  }
  if (to_folder)
    LP_CHECK(write_folder(function.get(), command_line.output, command_line.replace, before));
  else
    LP_CHECK(write_zip(*image, function.get(), command_line.output, before));
  if (debug_out) debug_out->bundle.keep();
  return debug_out;
}

Result<Output> write_output(const CommandLine& command_line, const Planned& all, const Applied& applied,
                            const Examined& after, Progress& progress) {
  Output output;
  std::optional<ZipImage> image;
  const bool needs_zip = !command_line.dry_run && !command_line.output.ends_with('/');
  if (needs_zip || command_line.exact || command_line.max_zip_size) {
    progress.stage("compressing", 0);
    LP_TRY(image, compress(applied.package, command_line));
    output.size = size_of(applied.package, *image);
    output.over_budget = check_zip_budget(output.size.zip_bytes, command_line.max_zip_size);
  } else {
    LP_TRY(output.size, estimated_size(applied.package, command_line));
  }
  if (command_line.dry_run || output.over_budget) return output;
  LP_TRY(auto debug_out, write_package(command_line, all, applied, after, image, progress));
  if (debug_out) output.debug_out.emplace(*std::move(debug_out));
  return output;
}

// Lambda refuses a zip without files, and so do most readers.
Result<void> check_not_empty(const CommandLine& command_line, const Package& before, const Package& after) {
  if (!after.files.empty() || command_line.dry_run) return {};
  if (before.files.empty())
    return fail(printable(command_line.path), "holds no file", "pass the folder or archive of a function");
  return fail(printable(command_line.path), "nothing of it would be left: every file is dropped",
              "lambdapack analyze -v says why; --keep GLOB keeps files");
}

Result<RunResult> run_pack(const CommandLine& command_line, const Rules& rules, Progress& progress) {
  if (!command_line.debug_out.empty()) LP_CHECK(check_debug_out(command_line));
  LP_TRY(auto planned, plan_package(command_line, rules, progress));
  auto& [frame, all] = planned;
  progress.stage("stripping", 0);
  LP_TRY(const Applied applied,
         apply_plan(all.package, all.examined.inventory, all.plan, command_line.threads, progress));
  LP_CHECK(check_not_empty(command_line, all.package, applied.package));
  LP_TRY(const Examined after, verify(frame, all, applied, progress));
  LP_TRY(const PackageSize before, size_before(all.as_read(), command_line));
  LP_TRY(Output output, write_output(command_line, all, applied, after, progress));
  Report report = make_report(frame, all.package, all.examined, all.sdk_sets, applied.plan, &applied.package, &after,
                              {before, output.size});
  LP_TRY(report.layer_fits, layer_fits(frame, applied.package, after.inventory));
  if (output.debug_out) add_debug_out(output.debug_out->line, output.debug_out->findings, report);
  if (all.bundle) add_bundle(*all.bundle, report);
  if (all.compiled) report.compiled = all.compiled->line;
  if (output.over_budget && !command_line.dry_run) {
    report.output.clear();
    report.refused = output.over_budget->message;
  }
  return finish(std::move(report), command_line, std::move(output.over_budget));
}

Result<RunResult> run_explain(const CommandLine& command_line, const Rules& rules, Progress& progress) {
  LP_TRY(const auto planned, plan_package(command_line, rules, progress));
  const auto& [frame, all] = planned;
  const PlanInput input = plan_input(frame, all);
  RunResult result;
  if (command_line.tree) {
    LP_TRY(result.out, draw_tree(frame, input, command_line.file));
    return result;
  }
  LP_TRY(const std::size_t file, find_explained_file(all.package, command_line.file));
  LP_TRY(const auto lines, explain_file(input, all.plan, file, &all.examined.bindings));
  for (const std::string& line : lines) result.out += line + "\n";
  if (const auto idle = std::ranges::find(all.examined.idle, file, &IdleLibrary::file); idle != all.examined.idle.end())
    result.out += fmt::format("needed, but used by nothing: {}\n", entries_text(*idle));
  const auto owner = explain_node_reach(all.package, all.examined.languages, all.npm_steps, file);
  if (!owner.empty()) result.out += "packages\n";
  for (const std::string& line : owner) result.out += "  " + line + "\n";
  result.out += "without it\n";
  for (const std::string& line : explain_without(input, frame.profile, mount_of(frame), file))
    result.out += line + "\n";
  return result;
}

Result<RunResult> run_rules(const CommandLine& command_line, const Rules& rules) {
  const bool json = command_line.format == Format::json;
  if (command_line.file.empty())
    return RunResult{json ? render_rules_json(rules.rules) : render_rules_text(rules), {}, 0};
  LP_TRY(const Rule* rule, rules.known_rule(command_line.file));
  return RunResult{json ? render_rules_json({*rule}) : render_rule_text(*rule), {}, 0};
}

Result<RunResult> run_runtimes(const CommandLine& command_line, const Rules& rules, const std::string& today) {
  const bool json = command_line.format == Format::json;
  if (command_line.file.empty()) {
    LP_TRY(std::string listing, json ? render_runtimes_json(rules) : render_runtimes_text(rules, today));
    return RunResult{std::move(listing), {}, 0};
  }
  LP_TRY(const Runtime x86_64, rules.runtime(command_line.file, Arch::x86_64));
  LP_TRY(const Runtime arm64, rules.runtime(command_line.file, Arch::arm64));
  if (json) return RunResult{render_runtime_json(x86_64, arm64), {}, 0};
  LP_TRY(std::string text, render_runtime_text(x86_64, arm64));
  return RunResult{std::move(text), {}, 0};
}

std::string text_on_stdin() {
  return {std::istreambuf_iterator<char>(std::cin), {}};
}

// A misspelled rule would silently stay in force.
Result<void> check_disabled_rules(const CommandLine& command_line, const Rules& rules) {
  for (const std::string& id : command_line.plan.disabled_rules) LP_CHECK(rules.known_rule(id));
  return {};
}

}  // namespace

Result<RunResult> run(const CommandLine& typed) {
  LP_TRY(const CommandLine command_line, apply_template(typed));
  LP_TRY(const Rules rules, load_rules(command_line.rules_folder));
  LP_CHECK(check_disabled_rules(command_line, rules));
  Progress progress(!command_line.quiet);
  const Analyse report_of = [&](const CommandLine& one) -> Result<Report> {
    LP_TRY(Analysis analysis, analyse(one, rules, progress));
    return std::move(analysis.report);
  };
  switch (command_line.command) {
    case Command::analyze: return run_analyze(command_line, rules, progress);
    case Command::pack: return run_pack(command_line, rules, progress);
    case Command::explain:
      if (!command_line.error) return run_explain(command_line, rules, progress);
      return run_explain_error(command_line, *command_line.error == "-" ? text_on_stdin() : *command_line.error,
                               report_of);
    case Command::diff: return run_diff(command_line, report_of);
    case Command::symbolize:
      return run_symbolize(command_line, command_line.addresses.empty() ? text_on_stdin() : std::string());
    case Command::rules: return run_rules(command_line, rules);
    case Command::runtimes: return run_runtimes(command_line, rules, date_of_today());
  }
  return fail({}, "unknown command");
}

}  // namespace lambdapack
