// The command line as a value. One definition of each option gives parsing, help and the tests.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/template.h"
#include "languages/function_target.h"
#include "package/add_files.h"
#include "package/read_package.h"
#include "package/write_package.h"
#include "plan/plan.h"

namespace lambdapack {

enum class Command { analyze, pack, explain, diff, symbolize, rules, runtimes };
enum class Format { text, json };
enum class GraphFormat { none, dot, json, svg, tree };
enum class FailOn { never, info, warning, error };

// analyze --graph FORMAT[:FILE].
struct GraphRequest {
  GraphFormat format = GraphFormat::none;
  std::string file;  // empty: on standard output, in place of the report
};

struct CommandLine {
  Command command = Command::analyze;
  std::string path;    // PATH; diff: A
  std::string file;    // explain: FILE; rules: ID; runtimes: NAME; symbolize: --file; diff: B
  std::string output;  // pack -o; "-" for standard output, a trailing "/" for a folder
  Format format = Format::text;
  FailOn fail_on = FailOn::never;
  bool dry_run = false, exact = false, quiet = false, verbose = false, replace = false;
  unsigned threads = 0;  // 0: one per processor
  std::string rules_folder;
  std::string debug_out;     // pack --debug-out: a folder, or an archive when it ends in .tar.zst; empty: none
  std::string debug_source;  // symbolize --debug
  std::vector<std::string> addresses;         // symbolize: ADDR…; none: a log on standard input
  bool no_adjust = false;                     // symbolize: take return addresses as they are
  std::string report_file;                    // pack --report FILE: JSON beside the text
  std::optional<std::uint64_t> max_zip_size;  // bytes; a larger zip is an error, and pack does not write it
  GraphRequest graph;
  bool tree = false;                 // explain --tree
  std::optional<std::string> error;  // explain --error: the text of an error; "-": on standard input
  int memory_mb = 512;
  bool colour = false;  // stdout is a terminal that shows colours
  int width = 100;      // columns of the text report
  ReadOptions read;
  WriteOptions write;
  TargetRequest target;
  PlanOptions plan;
  std::vector<std::string> layers;
  std::vector<AddedFiles> add;  // --add SRC:DEST
  std::string sysroot;          // --sysroot: where a single program's libraries come from; "" for this machine
  std::string python;           // --python: the interpreter of --bytecode compile; "" to look in PATH
  std::string metafile;         // --metafile: what esbuild says is in its bundles
  bool bundle_libc = false, relayout = false;
  std::map<std::string, std::string> env;
  std::string template_file, template_function;   // --template, --function
  std::optional<TemplateFunction> from_template;  // what the template says; the options above have it already
};

struct HelpText {  // --help and --version: print to stdout, exit 0
  std::string text;
};

// Error: wrong usage, with the option and the way out (exit 2).
Result<std::variant<CommandLine, HelpText>> parse_command_line(int argc, const char* const* argv);

}  // namespace lambdapack
