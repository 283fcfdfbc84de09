// The small pieces of Python's syntax that a scan of imports needs. Positions are byte offsets into a text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lambdapack::python {

// Letters, digits, "_" and every byte of a character beyond ASCII.
bool is_name_byte(char c);

inline bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\f';
}
inline bool is_line_end(char c) {
  return c == '\n' || c == '\r';
}

// Past one line end at `at`: "\n", "\r" or "\r\n". Past `at` when that is the text's end.
std::size_t after_line_end(std::string_view text, std::size_t at);

// Past blanks and joined lines ("\" before a line end); with `lines` also past line ends and comments, as in brackets.
std::size_t skip_blanks(std::string_view text, std::size_t at, bool lines = false);

// Back over blanks before `end`.
std::size_t before_blanks(std::string_view text, std::size_t end);

// The end of the line that `at` is on: at its line end, or the text's end.
std::size_t line_end(std::string_view text, std::size_t at);

// The name that starts at `at`, empty when there is none.
std::string_view name_at(std::string_view text, std::size_t at);
// The name that ends just before `end`.
std::string_view name_before(std::string_view text, std::size_t end);

// "a . b" at `at`: "a.b" and where it ends. Nothing when there is no name.
struct DottedName {
  std::string name;
  std::size_t end = 0;
};
std::optional<DottedName> dotted_name_at(std::string_view text, std::size_t at, bool lines = false);

// A string that is no f-string; end: past its closing quotes, or where it breaks off.
struct StringEnd {
  std::size_t end = 0;
  bool closed = false;
};
// first: past the opening quotes.
StringEnd find_string_end(std::string_view text, std::size_t first, char quote, bool triple);

// What stands before a quote at `at`: the letters of its prefix, and whether they are one.
struct StringPrefix {
  std::size_t length = 0;
  bool raw = false, bytes = false, formatted = false;
};
StringPrefix string_prefix_before(std::string_view text, std::size_t at);

// Whether three of the quote at `at` stand there.
bool is_triple(std::string_view text, std::size_t at);

// Whether ASCII bytes mean what they are in the encoding that the first two lines name (PEP 263).
bool has_ascii_encoding(std::string_view text);

}  // namespace lambdapack::python
