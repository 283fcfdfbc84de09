// Lines for a terminal: aligned columns, bars, wrapped sentences, and never more columns than asked for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/render.h"

namespace lambdapack {

// Columns that text takes on a terminal: its code points. Text must be printable UTF-8.
std::size_t text_columns(std::string_view text);

// text in at most `columns`, with "…" in the middle: both ends of a path say more than its middle.
std::string shorten(std::string_view text, std::size_t columns);

// Words in lines of at most `width` columns, every line with `indent` spaces in front. Ends with a newline.
std::string wrap_text(std::string_view text, std::size_t width, std::size_t indent);

enum class Paint { plain, bold, dim, red, yellow, green };

// text with the terminal's codes for it, when the style has colour.
std::string paint(const TextStyle& style, Paint paint, std::string_view text);

// "Saved", in bold, after an empty line.
std::string heading(const TextStyle& style, std::string_view title);

struct Table {
  std::string alignment;                       // one letter per column: l or r
  std::size_t flexible = 0;                    // the column that is shortened when a row is too long
  std::vector<std::vector<std::string>> rows;  // cells without colour
  bool titled = false;                         // the first row names the columns
};

// Two spaces in front and between columns, no spaces at line ends.
std::string lay_out_table(const Table& table, const TextStyle& style);

// "█████░░░░░" for used of limit; full when over.
std::string bar(std::uint64_t used, std::uint64_t limit, std::size_t columns);

// "−61.6 %", "+2.0 %", "±0 %": from before to after.
std::string change(std::uint64_t before, std::uint64_t after);

// "1 file", "1,204 files"
std::string count_of(std::uint64_t number, std::string_view noun);

// A word for a POSIX shell, quoted when it has to be. Not for bytes that are no UTF-8: those are shown, not copied.
std::string shell_word(std::string_view word);

}  // namespace lambdapack
