// Which programs a start script starts, and with which LD_LIBRARY_PATH and LD_PRELOAD: read from its text, nothing is
// run.
//
// Understood are the lines that start scripts are made of: assignments, export, unset, cd, env, exec, ".", quotes,
// ${X:-…}, ${X:+…}, $(dirname "$0"), $(cd … && pwd). Whatever else could decide which library is loaded (a condition, a
// function, a computed value, eval) is a doubt with its line. There is no guess: a value is known, or it is not.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lambdapack {

struct ShellValue {
  std::string text;
  bool known = true;
  auto operator<=>(const ShellValue&) const = default;
};

struct ShellStart {
  std::vector<ShellValue> words;                  // the program and its arguments; empty for "$@" and nothing before it
  bool of_arguments = false;                      // the program is what the script was given as arguments ("$@")
  ShellValue folder;                              // the working folder
  std::map<std::string, ShellValue> environment;  // exported variables; LD_LIBRARY_PATH is not in it when it is not set
  bool certain = true;                            // not in a condition or loop
  int line = 0;
};

struct ShellDoubt {
  int line = 0;
  std::string what;  // "sets LD_LIBRARY_PATH in a condition"
};

struct ShellReading {
  std::vector<ShellStart> starts;  // in the order of the lines
  std::vector<ShellDoubt> doubts;
};

struct ShellContext {
  std::string path;                             // of the script: $0
  std::map<std::string, ShellValue> variables;  // its environment, as far as it is known
  std::string folder;                           // working folder
  std::string machine;                          // "x86_64", "aarch64": uname -m
  // The text of another script, for "."; nothing when it is not there.
  std::function<std::optional<std::string>(const std::string& path)> read;
};

ShellReading read_shell_script(std::string_view script, const ShellContext& context);

// path without ".", ".." and double slashes; a relative one is below `folder`. Links are not looked at.
std::string absolute_path(std::string_view path, std::string_view folder);

}  // namespace lambdapack
