// Which command did the user ask for, with which options? The only file that includes CLI11 (it alone costs seconds of
// compile time). Every option is declared once, below; help and "did you mean" are made from these declarations.
#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/draft.h"
#include "cli/help_page.h"
#include "cli/option_values.h"

namespace lambdapack {
namespace {

constexpr std::size_t kHelpWidth = 96;

CLI::Option* add_list(CLI::App& app, const char* name, std::vector<std::string>& values, const char* text) {
  // One value per occurrence: else "--keep a PATH" would take PATH as a second pattern.
  return app.add_option(name, values, text)->allow_extra_args(false);
}

void add_target_options(CLI::App& app, Draft& draft) {
  constexpr const char* kGroup = "The function (detected when not given)";
  TargetRequest& target = draft.line.target;
  app.add_option("--runtime", target.runtime, "Lambda runtime, such as python3.13; `lambdapack runtimes` lists them")
      ->type_name("NAME")
      ->group(kGroup);
  app.add_option("--arch", target.arch, "x86_64 or arm64")->type_name("ARCH")->group(kGroup);
  add_list(app, "--handler", target.handlers, "handler as configured, such as app.handler; may be repeated")
      ->type_name("HANDLER")
      ->group(kGroup);
  app.add_option("--as-layer", target.layer,
                 "PATH becomes a layer, which Lambda mounts at /opt: python, nodejs, java, ruby, or lib for native "
                 "libraries and programs")
      ->type_name("KIND")
      ->group(kGroup);
  add_list(app, "--layer", draft.line.layers,
           "a layer of the function, a folder or zip; may be repeated, in the function's order")
      ->type_name("PATH")
      ->group(kGroup);
  add_list(app, "--env", draft.env, "environment variable of the function's configuration; may be repeated")
      ->type_name("NAME=VALUE")
      ->group(kGroup);
  app.add_option("--template", draft.line.template_file,
                 "SAM or CloudFormation template, or serverless.yml: runtime, architecture, handler, layers and "
                 "variables of the function; options win")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--function", draft.line.template_function, "which function of the template, when it has several")
      ->type_name("NAME")
      ->group(kGroup);
}

void add_plan_options(CLI::App& app, Draft& draft) {
  constexpr const char* kGroup = "What may change";
  PlanOptions& plan = draft.line.plan;
  add_list(app, "--keep", plan.keep,
           "keep files that match, whatever the rules say: 'lib/*.so', '*.dat', 'assets/'; may be repeated")
      ->type_name("GLOB")
      ->group(kGroup);
  app.add_flag("--keep-sdk", draft.keep_sdk, "keep the AWS SDK although the runtime has it")->group(kGroup);
  app.add_flag("--dedupe-layers", plan.dedupe_layers,
               "drop libraries that a --layer brings too, with the same bytes; pin the layer's version then")
      ->group(kGroup);
  app.add_option(
         "--bytecode", draft.bytecode,
         "Python's .pyc files: fix (default: those that fit get a header that lasts, others go), keep, drop, or "
         "compile what is missing, with an interpreter of the runtime's version")
      ->type_name("MODE")
      ->group(kGroup);
  app.add_option("--python", draft.line.python, "the interpreter for --bytecode compile (default: found in PATH)")
      ->type_name("PROGRAM")
      ->group(kGroup);
  app.add_flag(
         "--prefer-runtime", plan.prefer_runtime,
         "drop bundled libraries that the runtime has too, with every symbol that is used; its copy may be older, "
         "and AWS updates it without notice")
      ->group(kGroup);
  app.add_option("--metafile", draft.line.metafile,
                 "what esbuild --metafile wrote: npm packages that a bundle holds are not counted as needed by it")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_flag("--no-strip", draft.no_strip, "keep debug information and symbol tables")->group(kGroup);
  app.add_flag("--safe", draft.safe, "only what no mechanism of Lambda can load or read (proven)")->group(kGroup);
  app.add_flag("--aggressive", draft.aggressive, "also what is only possibly unused")->group(kGroup);
  add_list(app, "--restore,--disable-rule", plan.disabled_rules,
           "do without this rule: what it drops or changes stays; may be repeated")
      ->type_name("ID")
      ->group(kGroup);
}

void add_bundle_options(CLI::App& app, Draft& draft) {
  constexpr const char* kGroup = "What comes along";
  add_list(app, "--add", draft.add,
           "a file or folder of this machine and its place in the package, such as data/:share/data or "
           "/usr/lib/libfoo.so.1:lib/; may be repeated")
      ->type_name("SRC:DEST")
      ->group(kGroup);
  app.add_option("--sysroot", draft.line.sysroot,
                 "one ELF program: take the libraries that the runtime lacks from this root (cross builds), not from "
                 "this machine")
      ->type_name("DIR")
      ->group(kGroup);
  app.add_flag("--bundle-libc", draft.line.bundle_libc,
               "one ELF program: when it needs a newer C library than the runtime's, or musl, bring it along")
      ->group(kGroup);
  app.add_flag("--relayout", draft.line.relayout,
               "a package that starts its own loader from a script: start the program itself where the runtime's "
               "libraries fit")
      ->group(kGroup);
}

void add_read_options(CLI::App& app, Draft& draft) {
  constexpr const char* kGroup = "Reading";
  app.add_flag("--follow-links", draft.line.read.follow_links,
               "folders: copy what links out of PATH point to, instead of keeping the link")
      ->group(kGroup);
  app.add_option("--max-unpacked", draft.max_unpacked,
                 "refuse inputs with more bytes than this (4GB); 1 KB is 1,024 bytes")
      ->type_name("SIZE")
      ->group(kGroup);
  app.add_option("--max-files", draft.max_files, "refuse inputs with more files than this (500000)")
      ->type_name("N")
      ->group(kGroup);
}

void add_pack_options(CLI::App& app, Draft& draft) {
  constexpr const char* kGroup = "Writing";
  app.add_option("-o,--output", draft.line.output, "zip to write; a folder when it ends in /; - for standard output")
      ->type_name("OUT")
      ->group(kGroup);
  app.add_flag("--dry-run", draft.line.dry_run, "report what would be done, write nothing")->group(kGroup);
  app.add_option(
         "--level", draft.level,
         "compression: fast, default or best; the default is best for packages of up to 24 MB, where that takes "
         "few seconds")
      ->type_name("LEVEL")
      ->group(kGroup);
  app.add_flag("--replace", draft.line.replace,
               "replace a folder although it is not empty: OUT/, or that of --debug-out")
      ->group(kGroup);
  app.add_option(
         "--debug-out", draft.line.debug_out,
         "also write what strip removes as separate debug files for gdb and debuginfod: a folder, or an archive "
         "when it ends in .tar.zst")
      ->check([](const std::string& path) { return path.empty() ? "is empty; name a folder or a .tar.zst" : ""; })
      ->type_name("OUT")
      ->group(kGroup);
  app.add_option("--report", draft.line.report_file, "also write the report as JSON to this file")
      ->type_name("FILE")
      ->group(kGroup);
}

void add_result_options(CLI::App& app, Draft& draft, Command command) {
  constexpr const char* kGroup = "Report";
  if (command == Command::explain) {
    app.add_flag("--tree", draft.line.tree, "what the loader maps for FILE, as a tree, with how each was found")
        ->group(kGroup);
    app.add_option(
           "--error", draft.line.error,
           "what happened instead: the text of an error, or - for one on standard input; PATH may be the report "
           "that pack saved")
        ->type_name("TEXT")
        ->group(kGroup);
    return;
  }
  app.add_option("--format", draft.format, "text (default) or json")->type_name("FORMAT")->group(kGroup);
  if (command == Command::analyze) {
    app.add_flag("--exact", draft.line.exact, "compress everything for an exact zip size, instead of an estimate")
        ->group(kGroup);
    app.add_option("--graph", draft.graph,
                   "who loads what, and how each was found: dot, json, svg (drawn by Graphviz) or tree; to FILE, else "
                   "in place of the report")
        ->type_name("FORMAT[:FILE]")
        ->group(kGroup);
  }
  if (command == Command::diff) {
    app.add_option("--fail-on", draft.fail_on,
                   "exit 1 on findings this bad that only B has: info, warning, error or never (default)")
        ->type_name("SEVERITY")
        ->group(kGroup);
  }
  if (command == Command::analyze || command == Command::pack) {
    app.add_option("--fail-on", draft.fail_on, "exit 1 on findings this bad: info, warning, error or never (default)")
        ->type_name("SEVERITY")
        ->group(kGroup);
    app.add_option("--max-zip-size", draft.max_zip_size,
                   "exit 1 when the zip has more bytes than this, such as 10MB; pack then writes nothing")
        ->type_name("SIZE")
        ->group(kGroup);
    app.add_option("--memory", draft.memory, "memory of the function in MB, for the cost of cold starts (512)")
        ->type_name("MB")
        ->group(kGroup);
  }
  if (reads_package(command)) {
    app.add_flag("-v,--verbose", draft.line.verbose, "every file and finding, not only the most important")
        ->group(kGroup);
  }
}

void add_general_options(CLI::App& app, Draft& draft, Command command) {
  constexpr const char* kGroup = "General";
  if (command != Command::symbolize) {
    app.add_option("--rules", draft.line.rules_folder,
                   "folder with *.toml that add to the built-in rules or replace them by id")
        ->type_name("DIR")
        ->group(kGroup);
  }
  if (reads_package(command)) {
    app.add_option("-j,--threads", draft.threads, "threads (0: one per processor); no output depends on it")
        ->type_name("N")
        ->group(kGroup);
    app.add_flag("-q,--quiet", draft.line.quiet, "no progress line; with -o -, no report on standard error either")
        ->group(kGroup);
  }
  app.get_help_ptr()->group(kGroup);
}

void add_symbolize_options(CLI::App& app, Draft& draft) {
  constexpr const char* kGroup = "What to look up";
  app.add_option("ADDR", draft.line.addresses)->group("");
  app.add_option("--debug", draft.line.debug_source,
                 "what pack --debug-out wrote; or a folder with .build-id/, or one ELF file with debug information")
      ->type_name("DIR|FILE")
      ->group(kGroup);
  app.add_option("--file", draft.line.file, "file in the package that the addresses are in")
      ->type_name("PATH")
      ->group(kGroup);
  app.add_flag("--no-adjust", draft.line.no_adjust,
               "take return addresses as they are; else the instruction before is looked up, which is the call")
      ->group(kGroup);
}

void add_diff_options(CLI::App& app, Draft& draft) {
  app.add_option("--runtime", draft.line.target.runtime, "Lambda runtime of both, when they do not say it themselves")
      ->type_name("NAME")
      ->group("The functions (detected when not given)");
}

void add_command(CLI::App& app, Draft& draft, const CommandInfo& info) {
  CLI::App& command = *app.add_subcommand(info.name, info.summary);
  command.callback([&draft, &info] { draft.line.command = info.command; });
  const bool listing = info.command == Command::rules || info.command == Command::runtimes;
  if (listing) {
    command.add_option(info.command == Command::rules ? "ID" : "NAME", draft.line.file)->group("");
  } else if (info.command == Command::symbolize) {
    add_symbolize_options(command, draft);
  } else if (info.command == Command::diff) {
    command.add_option("A", draft.line.path)->group("");
    command.add_option("B", draft.line.file)->group("");
    add_diff_options(command, draft);
    add_read_options(command, draft);
  } else {
    command.add_option("PATH", draft.line.path)->group("");
    if (info.command == Command::explain) command.add_option("FILE", draft.line.file)->group("");
    if (info.command == Command::pack) add_pack_options(command, draft);
    if (info.command != Command::analyze) add_bundle_options(command, draft);
    add_target_options(command, draft);
    add_plan_options(command, draft);
    add_read_options(command, draft);
  }
  add_result_options(command, draft, info.command);
  add_general_options(command, draft, info.command);
}

HelpPage top_page() {
  HelpPage page;
  page.description =
      "lambdapack makes AWS Lambda packages small without breaking them. It reads what would be deployed, works out "
      "what the function's runtime can load down to the ELF symbol versions, and writes a package without the rest.";
  page.usage = {"lambdapack COMMAND PATH [options]", "lambdapack COMMAND --help"};
  page.examples = {{"lambdapack analyze build/function", "what is in it, what would fail, what could go"},
                   {"lambdapack pack build/function -o function.zip", "write the smaller package"},
                   {"lambdapack explain build/function lib/libz.so.1", "why is this file kept or dropped?"}};
  HelpGroup group{.title = "Commands", .entries = {}};
  for (const CommandInfo& info : commands()) group.entries.push_back({info.name, info.summary});
  page.groups.push_back(group);
  page.groups.push_back({.title = "General",
                         .entries = {{"-h, --help", "this text, or a command's"}, {"--version", "print the version"}}});
  page.closing = {
      "Results go to standard output, messages and progress to standard error.",
      "Exit codes: 0 fine; 1 findings at or above --fail-on; 2 the run could not be done, nothing was written."};
  return page;
}

// "-o, --output OUT"; positionals and hidden options give an empty name.
std::string display_name(const CLI::Option& option) {
  std::string name;
  for (const std::string& letter : option.get_snames()) name += (name.empty() ? "-" : ", -") + letter;
  for (const std::string& word : option.get_lnames()) name += (name.empty() ? "--" : ", --") + word;
  if (option.get_expected_max() > 0 && !option.get_type_name().empty()) name += " " + option.get_type_name();
  return name;
}

HelpPage command_page(const CLI::App& app, const CommandInfo& info) {
  HelpPage page{
      .description = info.description, .usage = {info.usage}, .examples = info.examples, .groups = {}, .closing = {}};
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = display_name(*option);
    if (option->get_group().empty() || name.empty()) continue;
    auto group = std::ranges::find(page.groups, option->get_group(), &HelpGroup::title);
    if (group == page.groups.end()) group = page.groups.insert(group, {.title = option->get_group(), .entries = {}});
    group->entries.push_back({name, option->get_description()});
  }
  // The help flag exists first, but nobody reads --help to learn of --help.
  std::ranges::rotate(page.groups, page.groups.begin() + 1);
  page.closing = {
      "Exit codes: 0 fine; 1 findings at or above --fail-on; 2 the run could not be done, nothing was written."};
  return page;
}

const CommandInfo* chosen(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  if (parsed.empty()) return nullptr;
  return &*std::ranges::find(commands(), parsed.front()->get_name(), &CommandInfo::name);
}

std::unexpected<Error> unexpected_argument(const CLI::App& app, const std::string& argument) {
  // Arguments before the command stay with the top level.
  const CommandInfo* info = app.remaining(false).empty() ? chosen(app) : nullptr;
  const bool is_option = argument.starts_with("-") && argument.size() > 1;
  std::vector<std::string> candidates;
  if (info == nullptr) {
    for (const CommandInfo& each : commands()) candidates.emplace_back(each.name);
    if (is_option) candidates = {"--help", "--version"};
  } else if (is_option) {
    for (const CLI::Option* option : app.get_subcommands().front()->get_options()) {
      for (const std::string& name : option->get_lnames()) candidates.push_back("--" + name);
    }
  }
  const std::string name = argument.substr(0, argument.find('='));
  const std::string near = nearest(name, candidates);
  const std::string help =
      std::string("lambdapack ") + (info == nullptr ? "" : info->name + std::string(" ")) + "--help";
  const std::string hint = near.empty() ? "see " + help : "did you mean " + near + "? See " + help;
  const std::string subject = printable(name);
  if (info == nullptr && is_option) return fail(subject, "options come after the command", hint);
  if (info == nullptr) return fail(subject, "is no command", hint);
  if (is_option) return fail(subject, std::string("is no option of lambdapack ") + info->name, hint);
  return fail(printable(argument), std::string("is one argument too many for lambdapack ") + info->name,
              "usage: " + std::string(info->usage));
}

// CLI11 words its errors "--keep: 1 required TEXT missing"; what the user needs is the option and where its help is.
std::unexpected<Error> other_error(const CLI::App& app, const std::string& what) {
  const CommandInfo* info = chosen(app);
  const std::string help =
      std::string("see lambdapack ") + (info == nullptr ? "" : info->name + std::string(" ")) + "--help";
  const std::size_t colon = what.find(':');
  if (what.starts_with("-") && colon != std::string::npos) {
    const std::string option = printable(what.substr(0, colon));
    if (what.find("received") != std::string::npos) return fail(option, "is given twice", "give it once; " + help);
    if (what.find("required") != std::string::npos) return fail(option, "needs a value", help);
    return fail(option, printable(what.substr(colon + 2)), help);
  }
  return fail("", printable(what), help);
}

std::string help_of(const CLI::App& app) {
  const CommandInfo* info = chosen(app);
  if (info == nullptr) return lay_out_help(top_page(), kHelpWidth);
  return lay_out_help(command_page(*app.get_subcommands().front(), *info), kHelpWidth);
}

}  // namespace

Result<std::variant<CommandLine, HelpText>> parse_command_line(int argc, const char* const* argv) {
  Draft draft;
  CLI::App app;
  try {
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    app.set_help_flag("-h,--help", "this text");
    app.set_version_flag("--version", std::string("lambdapack ") + LAMBDAPACK_VERSION);
    // At most one: else a package folder named "rules" would be taken for a second command.
    app.require_subcommand(0, 1);
    for (const CommandInfo& info : commands()) add_command(app, draft, info);
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) {
      return fail("", "no command is given", "try lambdapack analyze PATH, or lambdapack --help");
    }
  } catch (const CLI::CallForHelp&) {
    return HelpText{help_of(app)};
  } catch (const CLI::CallForVersion& version) {
    return HelpText{version.what() + std::string("\n")};
  } catch (const CLI::ExtrasError& error) {
    const std::vector<std::string> rest = app.remaining(true);
    return rest.empty() ? other_error(app, error.what()) : unexpected_argument(app, rest.front());
  } catch (const std::exception& error) {
    return other_error(app, error.what());
  }
  LP_TRY(CommandLine line, convert(std::move(draft)));
  return line;
}

}  // namespace lambdapack
