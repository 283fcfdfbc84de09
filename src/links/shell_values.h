// What a word of a shell script becomes: variables, defaults, dirname, pwd.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "links/shell_script.h"

namespace lambdapack {

struct ShellState {
  std::string path;  // $0
  std::map<std::string, ShellValue> variables;
  ShellValue folder;
  std::string machine;
};

// Nothing when the word vanishes: unquoted, and empty.
std::optional<ShellValue> expand_word(std::string_view word, const ShellState& state);

// Whether the word is "$@" or $@ or "${@}" and no more.
bool is_all_arguments(std::string_view word);

}  // namespace lambdapack
