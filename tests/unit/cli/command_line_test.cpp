// What users type, and the value that the pipeline then gets.
#include "cli/command_line.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lambdapack;

namespace {

Result<std::variant<CommandLine, HelpText>> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "lambdapack");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

CommandLine parsed(std::vector<const char*> arguments) {
  const auto result = parse(std::move(arguments));
  REQUIRE_MESSAGE(result.has_value(), (result ? "" : to_string(result.error())));
  REQUIRE(std::holds_alternative<CommandLine>(*result));
  return std::get<CommandLine>(*result);
}

std::string error_of(std::vector<const char*> arguments) {
  const auto result = parse(std::move(arguments));
  REQUIRE(!result.has_value());
  return to_string(result.error());
}

std::string help_of(std::vector<const char*> arguments) {
  const auto result = parse(std::move(arguments));
  REQUIRE(result.has_value());
  REQUIRE(std::holds_alternative<HelpText>(*result));
  return std::get<HelpText>(*result).text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("analyze needs only a path, and its defaults are the documented ones") {
  const CommandLine line = parsed({"analyze", "build/function"});
  CHECK(line.command == Command::analyze);
  CHECK(line.path == "build/function");
  CHECK(line.format == Format::text);
  CHECK(line.fail_on == FailOn::never);
  CHECK(line.threads == 0);
  CHECK(line.memory_mb == 512);
  CHECK(line.read.max_unpacked == (4ULL << 30));
  CHECK(line.read.max_files == 500'000);
  CHECK_FALSE(line.read.follow_links);
  CHECK(line.plan.strip);
  CHECK(line.plan.drop_sdk);
  CHECK(line.plan.level == Confidence::likely);
}

TEST_CASE("every option of pack reaches its field") {
  const CommandLine line = parsed({"pack",
                                   "in",
                                   "-o",
                                   "out/",
                                   "--runtime",
                                   "python3.13",
                                   "--arch=arm64",
                                   "--handler",
                                   "app.a",
                                   "--handler",
                                   "app.b",
                                   "--as-layer",
                                   "python",
                                   "--layer",
                                   "l1.zip",
                                   "--layer",
                                   "l2",
                                   "--env",
                                   "A=1",
                                   "--env",
                                   "B=x=y",
                                   "--format",
                                   "json",
                                   "-j4",
                                   "-v",
                                   "--rules",
                                   "mine",
                                   "--keep",
                                   "*.dat",
                                   "--keep",
                                   "lib/",
                                   "--keep-sdk",
                                   "--no-strip",
                                   "--safe",
                                   "--dry-run",
                                   "--level",
                                   "best",
                                   "--report",
                                   "r.json",
                                   "--follow-links",
                                   "--max-unpacked",
                                   "500MB",
                                   "--max-files",
                                   "10",
                                   "--fail-on",
                                   "warning",
                                   "--memory",
                                   "1024",
                                   "--max-zip-size",
                                   "1.5MB",
                                   "--replace",
                                   "--debug-out",
                                   "d.tar.zst",
                                   "--disable-rule",
                                   "strip"});
  CHECK(line.command == Command::pack);
  CHECK(line.path == "in");
  CHECK(line.output == "out/");
  CHECK(line.target.runtime == "python3.13");
  CHECK(line.target.arch == "arm64");
  CHECK(line.target.handlers == std::vector<std::string>{"app.a", "app.b"});
  CHECK(line.target.layer == "python");
  CHECK(line.layers == std::vector<std::string>{"l1.zip", "l2"});
  CHECK(line.env == std::map<std::string, std::string>{{"A", "1"}, {"B", "x=y"}});
  CHECK(line.format == Format::json);
  CHECK(line.threads == 4);
  CHECK(line.write.threads == 4);
  CHECK(line.verbose);
  CHECK(line.rules_folder == "mine");
  CHECK(line.plan.keep == std::vector<std::string>{"*.dat", "lib/"});
  CHECK_FALSE(line.plan.drop_sdk);
  CHECK_FALSE(line.plan.strip);
  CHECK(line.plan.level == Confidence::proven);
  CHECK(line.plan.disabled_rules == std::vector<std::string>{"strip"});
  CHECK(line.dry_run);
  CHECK(line.write.level == Level::best);
  CHECK(line.report_file == "r.json");
  CHECK(line.read.follow_links);
  CHECK(line.read.max_unpacked == 500ULL * 1024 * 1024);
  CHECK(line.read.max_files == 10);
  CHECK(line.fail_on == FailOn::warning);
  CHECK(line.memory_mb == 1024);
  CHECK(line.max_zip_size == 1'572'864);
  CHECK(line.replace);
  CHECK(line.debug_out == "d.tar.zst");
}

TEST_CASE("--debug-out is an option of pack alone, and takes a folder or a .tar.zst") {
  CHECK(contains(error_of({"analyze", "p", "--debug-out", "d"}), "--debug-out: is no option of lambdapack analyze"));
  CHECK(contains(error_of({"pack", "p", "-o", "o", "--debug-out", "-"}), "--debug-out: needs the name of a folder"));
  CHECK(contains(error_of({"pack", "p", "-o", "o", "--debug-out", "d.tar.gz"}), "d.tar.gz: is no name"));
  CHECK(contains(error_of({"pack", "p", "-o", "o", "--debug-out", ""}), "--debug-out"));
  CHECK(parsed({"pack", "p", "-o", "o", "--debug-out", "d/"}).debug_out == "d/");
}

TEST_CASE("a repeatable option takes one value, so a path after it stays the path") {
  const CommandLine line = parsed({"pack", "--keep", "*.so", "folder", "-o", "x.zip"});
  CHECK(line.path == "folder");
  CHECK(line.plan.keep == std::vector<std::string>{"*.so"});
}

TEST_CASE("a package whose name is that of a command is a path") {
  CHECK(parsed({"analyze", "rules"}).path == "rules");
  CHECK(parsed({"analyze", "rules"}).command == Command::analyze);
  CHECK(parsed({"explain", "pack", "runtimes"}).file == "runtimes");
}

TEST_CASE("- stands for standard input and standard output") {
  const CommandLine line = parsed({"pack", "-", "-o", "-"});
  CHECK(line.path == "-");
  CHECK(line.output == "-");
}

TEST_CASE("a path that starts with a dash can follow --") {
  CHECK(parsed({"analyze", "--", "-odd"}).path == "-odd");
}

TEST_CASE("--aggressive lowers the confidence that is needed") {
  CHECK(parsed({"analyze", "p", "--aggressive"}).plan.level == Confidence::possible);
}

TEST_CASE("explain takes a package and a file in it") {
  const CommandLine line = parsed({"explain", "f.zip", "lib/libz.so.1"});
  CHECK(line.command == Command::explain);
  CHECK(line.path == "f.zip");
  CHECK(line.file == "lib/libz.so.1");
  CHECK_FALSE(line.error.has_value());
}

TEST_CASE("explain takes the text of an error in place of a file") {
  const CommandLine line = parsed({"explain", "report.json", "--error", "No module named 'x'"});
  CHECK(line.path == "report.json");
  CHECK(line.error == "No module named 'x'");
  CHECK(contains(error_of({"explain", "p", "a.py", "--error", "x"}), "not a file"));
  CHECK(contains(error_of({"explain", "p", "--tree", "--error", "x"}), "not a file"));
}

TEST_CASE("--restore and --disable-rule are one option") {
  CHECK(
      parsed({"pack", "p", "-o", "o.zip", "--restore", "strip", "--disable-rule", "link-alias"}).plan.disabled_rules ==
      std::vector<std::string>{"strip", "link-alias"});
}

TEST_CASE("rules and runtimes take an optional name") {
  CHECK(parsed({"rules"}).command == Command::rules);
  CHECK(parsed({"rules"}).file.empty());
  CHECK(parsed({"rules", "strip"}).file == "strip");
  CHECK(parsed({"runtimes"}).command == Command::runtimes);
  CHECK(parsed({"runtimes", "java21", "--format", "json"}).file == "java21");
}

TEST_CASE("contradictions are refused with both options named") {
  const std::string levels = error_of({"pack", "p", "-o", "o.zip", "--safe", "--aggressive"});
  CHECK(contains(levels, "--safe"));
  CHECK(contains(levels, "--aggressive"));
  CHECK(contains(error_of({"analyze", "p", "-q", "-v"}), "contradicts -v"));
}

TEST_CASE("--bytecode has four modes, and an interpreter is for compiling alone") {
  CHECK(parsed({"analyze", "p"}).plan.bytecode == BytecodeMode::fix);
  CHECK(parsed({"analyze", "p", "--bytecode", "keep"}).plan.bytecode == BytecodeMode::keep);
  CHECK(parsed({"analyze", "p", "--bytecode", "drop"}).plan.bytecode == BytecodeMode::drop);
  const CommandLine line = parsed({"analyze", "p", "--bytecode", "compile", "--python", "/opt/python3.13"});
  CHECK(line.plan.bytecode == BytecodeMode::compile);
  CHECK(line.python == "/opt/python3.13");
  CHECK(contains(error_of({"analyze", "p", "--bytecode", "none"}), "\"none\""));
  CHECK(contains(error_of({"analyze", "p", "--python", "python3"}), "--bytecode compile"));
}

TEST_CASE("pack without an output names the two ways out") {
  const std::string message = error_of({"pack", "p"});
  CHECK(contains(message, "-o OUT.zip"));
  CHECK(contains(message, "--dry-run"));
  CHECK(parsed({"pack", "p", "--dry-run"}).output.empty());
}

TEST_CASE("pack refuses to write over its input") {
  CHECK(contains(error_of({"pack", "f.zip", "-o", "f.zip"}), "input and output"));
}

TEST_CASE("--graph takes a format, and a file after a colon") {
  CHECK(parsed({"analyze", "p"}).graph.format == GraphFormat::none);
  CHECK(parsed({"analyze", "p", "--graph", "dot"}).graph.format == GraphFormat::dot);
  const CommandLine line = parsed({"analyze", "p", "--graph", "svg:out:put.svg"});
  CHECK(line.graph.format == GraphFormat::svg);
  CHECK(line.graph.file == "out:put.svg");
  CHECK(contains(error_of({"analyze", "p", "--graph", "svg:"}), "no file after the colon"));
  CHECK(contains(error_of({"analyze", "p", "--graph", "png"}), "png"));
  CHECK(contains(error_of({"analyze", "p", "--graph", ""}), "--graph"));
}

TEST_CASE("missing arguments are named, with the usage") {
  CHECK(contains(error_of({"analyze"}), "PATH is missing"));
  CHECK(contains(error_of({"explain", "p"}), "FILE is missing"));
  CHECK(contains(error_of({}), "no command is given"));
  CHECK(contains(error_of({"pack", "p", "-o"}), "-o"));
  CHECK(contains(error_of({"pack", "p", "--keep"}), "needs a value"));
}

TEST_CASE("a misspelled command or option gets the nearest one") {
  CHECK(contains(error_of({"anlyze", "p"}), "did you mean analyze?"));
  CHECK(contains(error_of({"pack", "p", "-o", "o", "--keepsdk"}), "did you mean --keep-sdk?"));
  CHECK(contains(error_of({"analyze", "p", "--frobnicate"}), "is no option of lambdapack analyze"));
  CHECK_FALSE(contains(error_of({"build/function"}), "did you mean"));
  CHECK(contains(error_of({"--format", "json", "analyze", "p"}), "after the command"));
  CHECK(contains(error_of({"analyze", "p", "q"}), "one argument too many"));
}

TEST_CASE("an option given twice is refused, since the two might disagree") {
  CHECK(contains(error_of({"analyze", "p", "--arch", "arm64", "--arch", "x86_64"}), "--arch: is given twice"));
}

TEST_CASE("values are checked, and the message holds the value seen") {
  CHECK(contains(error_of({"analyze", "p", "--format", "yaml"}), "\"yaml\" is none of text, json"));
  CHECK(contains(error_of({"analyze", "p", "--fail-on", "fatal"}), "\"fatal\""));
  CHECK(contains(error_of({"pack", "p", "-o", "o", "--level", "11"}), "fast, default, best"));
  CHECK(contains(error_of({"analyze", "p", "-j", "many"}), "\"many\""));
  CHECK(contains(error_of({"analyze", "p", "--memory", "64"}), "128"));
  CHECK(contains(error_of({"analyze", "p", "--max-unpacked", "big"}), "\"big\""));
  CHECK(contains(error_of({"pack", "p", "-o", "o", "--max-zip-size", "-1"}), "--max-zip-size"));
  CHECK(contains(error_of({"analyze", "p", "--max-files", "0"}), "--max-files"));
  CHECK(contains(error_of({"analyze", "p", "--env", "novalue"}), "NAME=VALUE"));
}

TEST_CASE("the top-level help has example commands, every command, and the exit codes") {
  const std::string help = help_of({"--help"});
  for (const char* part : {"lambdapack analyze build/function", "lambdapack pack", "lambdapack explain", "rules",
                           "runtimes", "Exit codes: 0 fine; 1 findings", "2 the run could not be done"}) {
    CHECK_MESSAGE(contains(help, part), part);
  }
}

TEST_CASE("each command's help has its usage, an example and grouped options") {
  for (const char* command : {"analyze", "pack", "explain", "rules", "runtimes"}) {
    const std::string help = help_of({command, "--help"});
    CHECK(contains(help, "Usage:\n  lambdapack " + std::string(command)));
    CHECK(contains(help, "Examples:\n  lambdapack " + std::string(command)));
    CHECK(contains(help, "General:"));
    CHECK(contains(help, "-h, --help"));
  }
  CHECK(contains(help_of({"pack", "--help"}), "-o, --output OUT"));
}

TEST_CASE("help stays within its width") {
  for (const char* command : {"analyze", "pack", "explain", "rules", "runtimes"}) {
    std::size_t column = 0;
    for (const char c : help_of({command, "-h"})) {
      column = c == '\n' ? 0 : column + 1;
      REQUIRE(column <= 96);
    }
  }
}

TEST_CASE("--version is one line with the name") {
  CHECK(help_of({"--version"}).starts_with("lambdapack "));
  CHECK(help_of({"--version"}).ends_with("\n"));
}
