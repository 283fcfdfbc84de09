#include "cli/commands.h"

#include <algorithm>

namespace lambdapack {

const std::vector<CommandInfo>& commands() {
  static const std::vector<CommandInfo> list = {
      {Command::analyze,
       "analyze",
       "lambdapack analyze PATH [options]",
       "report what is in a package and what could go; changes nothing",
       "Reads a folder, a zip (also .whl, .jar), a tar, one ELF file, or a zip on standard input (-), and reports what "
       "would fail on Lambda, what the function cannot reach, what pack would save, and what a cold start costs.",
       {{"lambdapack analyze build/function", "a folder that would be zipped and deployed"},
        {"lambdapack analyze function.zip --format json", "the same facts for a program"},
        {"lambdapack analyze function.zip --arch arm64 --fail-on error", "a gate in a build: exit 1 on an error"},
        {"lambdapack analyze function.zip --graph svg:links.svg", "also a picture of who loads what"}}},
      {Command::pack,
       "pack",
       "lambdapack pack PATH -o OUT.zip [options]",
       "write the smallest package that behaves the same",
       "Drops what the runtime cannot load or already has, strips debug information, and writes a zip, or a folder "
       "when OUT ends in /. The input is never changed. The result is analysed again before it is written: a new "
       "problem or another library than before stops the write.",
       {{"lambdapack pack build/function -o function.zip", "pack a folder"},
        {"lambdapack pack function.zip -o small.zip --dry-run -v", "show every decision, write nothing"},
        {"lambdapack pack build/my_function --runtime provided.al2023 -o function.zip",
         "one program: as bootstrap, with the libraries that the runtime lacks"},
        {"lambdapack pack build/ -o packed/ --keep 'lib/libfoo.so*'",
         "a folder for other tools to zip; keep some files"},
        {"lambdapack pack build/ -o function.zip --debug-out debug.tar.zst", "put the debug info aside for later"}}},
      {Command::explain,
       "explain",
       "lambdapack explain PATH FILE|--error TEXT [options]",
       "why one file is kept, changed or dropped; what is behind an error",
       "Shows the chain of files that leads from an entry point to FILE, or the rule that drops it, what the dynamic "
       "loader does for the libraries that FILE needs, and what would break without FILE. Give the options that pack "
       "is given. With --error, says which rule dropped what an error in production asks for, and which option brings "
       "it "
       "back.",
       {{"lambdapack explain function.zip lib/libz.so.1", "FILE is a path inside the package"},
        {"lambdapack explain report.json --error \"No module named 'tabulate'\"",
         "after a pack with --report report.json"},
        {"lambdapack explain function.zip bootstrap --tree", "what the loader maps for it, as a tree"}}},
      {Command::diff,
       "diff",
       "lambdapack diff A B [options]",
       "what one package has and another has not",
       "Compares two packages, or two reports saved with --report: files that only one has, sizes by distribution, npm "
       "package and folder, and findings. Counterparts of the two architectures count as the same file, so an x86_64 "
       "build and an arm64 build differ only where one of them lacks something.",
       {{"lambdapack diff x86_64.zip arm64.zip", "is the arm64 build complete?"},
        {"lambdapack diff before.json after.json --format json", "two saved reports, for a program"},
        {"lambdapack diff main.zip branch.zip --fail-on warning", "exit 1 on a finding that only branch.zip has"}}},
      {Command::symbolize,
       "symbolize",
       "lambdapack symbolize --debug DIR|FILE [ADDR…]",
       "addresses from a crash to functions and source lines",
       "Reads a crash log on standard input, or addresses, and says below each line which function and source line it "
       "was, from what pack --debug-out kept. Understands backtrace(), sanitizers, Rust and Go panics, gdb, hs_err, "
       "kernel messages, module+0x12, and addresses in memory when the log has lines of /proc/PID/maps.",
       {{"lambdapack symbolize --debug debug.tar.zst < crash.log", "a log from CloudWatch"},
        {"lambdapack symbolize --debug debug/ --file lib/libfoo.so 0x1234", "one address in one file"},
        {"lambdapack symbolize --debug debug/ libfoo.so+0x1234", "the same in short"}}},
      {Command::rules,
       "rules",
       "lambdapack rules [ID] [options]",
       "the rules that decide about files, with reasons and sources",
       "Lists all rules, or shows one with its reason, its source and its patterns.",
       {{"lambdapack rules", "all rules, one line each"}, {"lambdapack rules strip", "one rule in full"}}},
      {Command::runtimes,
       "runtimes",
       "lambdapack runtimes [NAME] [options]",
       "the Lambda runtimes lambdapack knows, and what each provides",
       "Lists all runtimes with operating system, glibc, deprecation date and cold start, or shows one: its libraries, "
       "search path, symbol-version ceilings and language packages, on both architectures.",
       {{"lambdapack runtimes", "all runtimes"}, {"lambdapack runtimes python3.13", "one runtime in full"}}},
  };
  return list;
}

const CommandInfo& info_of(Command command) {
  return *std::ranges::find(commands(), command, &CommandInfo::command);
}

bool reads_package(Command command) {
  return command == Command::analyze || command == Command::pack || command == Command::explain ||
         command == Command::diff;
}

}  // namespace lambdapack
