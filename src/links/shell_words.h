// A shell script as simple commands: words as written, and what stands between them. Nothing is run or expanded here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lambdapack {

enum class ShellTokenKind { word, separator };  // separator: "\n" ";" "&&" "||" "|" "&" "(" ")" ";;"

struct ShellToken {
  ShellTokenKind kind = ShellTokenKind::word;
  std::string text;  // a word with its quotes and dollars
  int line = 1;
};

struct ShellTokens {
  std::vector<ShellToken> tokens;  // without comments, redirections and the bodies of here-documents
  bool complete = true;            // false: a quote or bracket is never closed
};

ShellTokens split_shell(std::string_view script);

// The length of the quoted part, expansion or command substitution that begins at text[0], which is one of ' " ` $ or
// \.
// "$NAME" is an expansion. 0 when it is never closed; a "$" that begins nothing has length 1.
std::size_t length_of_quoted(std::string_view text);

}  // namespace lambdapack
