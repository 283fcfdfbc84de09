// The characters of JavaScript, and how to get over those that are no tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lambdapack::js {

enum : std::uint8_t {
  kWord = 1,         // may be part of an identifier, keyword or number
  kSpace = 2,        // white space and line ends; of more bytes than one: only the first
  kSpecifier = 4,    // may be part of a module specifier
  kStringStop = 8,   // ends the fast scan of a string: quotes, "\", line ends
  kQuote = 16,       // ' and "
  kMaybeSpace = 32,  // first byte of a character that may be white space
};

std::uint8_t kind_of(char c);

// Length of the white space character at text[at], 0 when there is none.
std::size_t space_length(std::string_view text, std::size_t at);

// The first place from `at` on that is neither white space nor in a comment. A comment without end reaches to the
// text's.
std::size_t skip_space(std::string_view text, std::size_t at);

// The end of the word that begins at text[at]; `at` when none does.
std::size_t word_end(std::string_view text, std::size_t at);

struct StringEnd {
  std::size_t end = 0;     // after the closing quote
  std::uint8_t kinds = 0;  // of all characters between the quotes, kSpecifier only if all have it
  bool escaped = false;
  bool closed = false;  // false: a line or the text ends before the string does, at `end`
};

// The string whose opening quote (' or ") is text[at].
StringEnd string_end(std::string_view text, std::size_t at);

// A literal between quotes or, without ${, backticks.
struct Literal {
  std::size_t end = 0;  // after the closing quote; 0: there is no literal at this place
  std::string value;
};
Literal read_literal(std::string_view text, std::size_t at);

struct RegexEnd {
  std::size_t end = 0;  // after the closing "/", flags left out; when there is none, the end of the line
  bool closed = false;
};

// The regular expression whose opening "/" is text[at].
RegexEnd regex_end(std::string_view text, std::size_t at);

}  // namespace lambdapack::js
