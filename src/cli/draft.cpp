#include "cli/draft.h"

#include <string_view>

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/option_values.h"
#include "package/debug_bundle.h"

namespace lambdapack {
namespace {

// Everything but .tar.zst would become a folder of that name.
Result<void> check_debug_out_name(const std::string& path) {
  if (path == "-") return fail("--debug-out", "needs the name of a folder or of a .tar.zst", "name one");
  for (const std::string_view suffix : {".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".zst"}) {
    if (path.ends_with(suffix) && !is_archive_name(path))
      return fail(printable(path), "is no name for --debug-out, which writes .tar.zst or a folder",
                  "name it …tar.zst, or end it in /");
  }
  return {};
}

Result<void> check_paths(const CommandLine& line, const CommandInfo& info) {
  const bool listing = line.command == Command::rules || line.command == Command::runtimes;
  const std::string usage = std::string("usage: ") + info.usage;
  if (line.command == Command::symbolize) {
    if (!line.debug_source.empty()) return {};
    return fail("lambdapack symbolize", "--debug is missing", "name what pack --debug-out wrote; " + usage);
  }
  if (line.command == Command::diff && (line.path.empty() || line.file.empty()))
    return fail("lambdapack diff", line.path.empty() ? "A and B are missing" : "B is missing", usage);
  if (!listing && line.path.empty()) return fail(std::string("lambdapack ") + info.name, "PATH is missing", usage);
  if (line.command == Command::explain && line.error && (line.tree || !line.file.empty()))
    return fail("--error", "explains an error, not a file", "leave FILE and --tree away");
  if (line.command == Command::explain && !line.error && line.file.empty()) {
    return fail("lambdapack explain", "FILE is missing", "name a file inside the package, or --error TEXT; " + usage);
  }
  if (line.command != Command::pack) return {};
  if (line.output.empty() && !line.dry_run) {
    return fail("lambdapack pack", "-o is missing: where should the result go?",
                "add -o OUT.zip, or --dry-run to only see the plan");
  }
  if (line.output != "-" && line.output == line.path) {
    return fail(printable(line.output), "is input and output at once",
                "give -o another name; the input is never changed");
  }
  LP_CHECK(check_debug_out_name(line.debug_out));
  if (line.report_file == "-") {
    return fail("--report", "needs the name of a file", "pass --format json for the report on standard output");
  }
  return {};
}

// "dot", "svg:links.svg": a format, and the file it goes to.
Result<GraphRequest> parse_graph(const std::string& text) {
  const std::size_t colon = text.find(':');
  GraphRequest request;
  LP_TRY(const std::size_t format, parse_choice("--graph", text.substr(0, colon), {"dot", "json", "svg", "tree"}));
  request.format = static_cast<GraphFormat>(format + 1);
  if (colon == std::string::npos) return request;
  request.file = text.substr(colon + 1);
  if (request.file.empty())
    return fail("--graph", "has no file after the colon",
                "write " + text + "FILE, or leave the colon away for standard output");
  return request;
}

}  // namespace

Result<CommandLine> convert(Draft draft) {
  CommandLine& line = draft.line;
  const CommandInfo& info = info_of(line.command);
  LP_CHECK(check_paths(line, info));
  if (line.template_file.empty() && !line.template_function.empty())
    return fail("--function", "names a function of a template, and there is none", "add --template FILE");
  if (draft.safe && draft.aggressive) {
    return fail("--safe", "contradicts --aggressive",
                "choose one; without either, pack applies proven and likely decisions");
  }
  if (line.quiet && line.verbose) return fail("-q", "contradicts -v", "choose one");
  if (draft.safe) line.plan.level = Confidence::proven;
  if (draft.aggressive) line.plan.level = Confidence::possible;
  line.plan.strip = !draft.no_strip;
  line.plan.drop_sdk = !draft.keep_sdk;
  LP_TRY(const std::size_t bytecode, parse_choice("--bytecode", draft.bytecode, {"fix", "keep", "drop", "compile"}));
  line.plan.bytecode = static_cast<BytecodeMode>(bytecode);
  if (!line.python.empty() && line.plan.bytecode != BytecodeMode::compile)
    return fail("--python", "is only for --bytecode compile", "add that, or leave --python away");
  LP_TRY(const std::size_t format, parse_choice("--format", draft.format, {"text", "json"}));
  line.format = static_cast<Format>(format);
  LP_TRY(const std::size_t fail_on, parse_choice("--fail-on", draft.fail_on, {"never", "info", "warning", "error"}));
  line.fail_on = static_cast<FailOn>(fail_on);
  LP_TRY(const std::size_t level, parse_choice("--level", draft.level, {"fast", "default", "best"}));
  line.write.level = static_cast<Level>(level);
  LP_TRY(line.read.max_unpacked, parse_size("--max-unpacked", draft.max_unpacked));
  LP_TRY(line.read.max_files, parse_number("--max-files", draft.max_files, 1, 1'000'000'000));
  LP_TRY(const std::uint64_t threads, parse_number("-j", draft.threads, 0, 1024));
  line.threads = line.read.threads = line.write.threads = static_cast<unsigned>(threads);
  // Lambda's own range: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
  LP_TRY(const std::uint64_t memory, parse_number("--memory", draft.memory, 128, 10240));
  line.memory_mb = static_cast<int>(memory);
  if (!draft.max_zip_size.empty()) {
    LP_TRY(line.max_zip_size, parse_size("--max-zip-size", draft.max_zip_size));
  }
  if (draft.graph) {
    LP_TRY(line.graph, parse_graph(*draft.graph));
  }
  if (!line.target.layer.empty()) {
    LP_CHECK(parse_choice("--as-layer", line.target.layer, {"python", "nodejs", "java", "ruby", "lib"}));
  }
  if (line.plan.dedupe_layers && line.layers.empty()) {
    return fail("--dedupe-layers", "needs the layers to compare with", "add --layer PATH for each of them, in order");
  }
  LP_TRY(line.env, parse_settings("--env", draft.env));
  LP_TRY(line.add, parse_added("--add", draft.add));
  return line;
}

}  // namespace lambdapack
