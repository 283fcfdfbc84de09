// Aligning, shortening and wrapping by code points, not bytes: paths and arrows are UTF-8.
#include "report/text_layout.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/units.h"

namespace lambdapack {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// The first `count` code points of text.
std::string_view first_columns(std::string_view text, std::size_t count) {
  std::size_t i = 0;
  while (i < text.size() && (count > 0 || is_continuation(text[i]))) {
    if (!is_continuation(text[i])) --count;
    ++i;
    if (count == 0) {
      while (i < text.size() && is_continuation(text[i])) ++i;
      break;
    }
  }
  return text.substr(0, i);
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::vector<std::size_t> column_widths(const Table& table, std::size_t width) {
  std::vector<std::size_t> widths(table.alignment.size());
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], text_columns(row[i]));
  }
  std::size_t total = 0;
  for (const std::size_t each : widths) total += each + 2;
  std::size_t& flexible = widths[table.flexible];
  if (total > width) {
    const std::size_t least = std::min<std::size_t>(flexible, 12);
    flexible = std::max(flexible - std::min(flexible, total - width), least);
  }
  return widths;
}

}  // namespace

std::size_t text_columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

std::string shorten(std::string_view text, std::size_t columns) {
  const std::size_t length = text_columns(text);
  if (length <= columns) return std::string(text);
  if (columns < 2) return std::string(first_columns(text, columns));
  // The end of a path names the file: it gets the larger half.
  const std::size_t head = (columns - 1) / 3;
  const std::size_t tail = columns - 1 - head;
  const std::size_t tail_start = first_columns(text, length - tail).size();
  return std::string(first_columns(text, head)) + "…" + std::string(text.substr(tail_start));
}

std::string wrap_text(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out(indent, ' ');
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, std::min(text.find(' '), text.size()));
    const std::size_t length = text_columns(word);
    if (column > indent && column + 1 + length > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += length;
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return out + "\n";
}

std::string paint(const TextStyle& style, Paint paint, std::string_view text) {
  if (!style.colour || paint == Paint::plain) return std::string(text);
  static constexpr const char* kCodes[] = {"", "1", "2", "31", "33", "32"};
  return "\x1b[" + std::string(kCodes[static_cast<int>(paint)]) + "m" + std::string(text) + "\x1b[0m";
}

std::string heading(const TextStyle& style, std::string_view title) {
  return "\n" + paint(style, Paint::bold, title) + "\n";
}

std::string lay_out_table(const Table& table, const TextStyle& style) {
  const auto widths = column_widths(table, static_cast<std::size_t>(std::max(style.width, 20)));
  std::string out;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < table.rows[r].size(); ++i) {
      const std::string cell = shorten(table.rows[r][i], widths[i]);
      const std::string space(widths[i] - text_columns(cell), ' ');
      line += "  " + (table.alignment[i] == 'r' ? space + cell : cell + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += (table.titled && r == 0 ? paint(style, Paint::dim, line) : line) + "\n";
  }
  return out;
}

std::string bar(std::uint64_t used, std::uint64_t limit, std::size_t columns) {
  const double share = limit == 0 ? 1 : std::min(1.0, static_cast<double>(used) / static_cast<double>(limit));
  auto full = static_cast<std::size_t>(share * static_cast<double>(columns) + 0.5);
  if (full == 0 && used > 0) full = 1;                         // something is not nothing
  if (full == columns && used < limit && columns > 1) --full;  // nor is almost full over the limit
  return repeat("█", full) + repeat("░", columns - full);
}

std::string change(std::uint64_t before, std::uint64_t after) {
  if (before == after) return "±0 %";
  const std::string sign = after < before ? "−" : "+";
  return sign + format_percent(static_cast<double>(after < before ? before - after : after - before),
                               static_cast<double>(before));
}

std::string count_of(std::uint64_t number, std::string_view noun) {
  return format_count(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

std::string shell_word(std::string_view word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_./:@%+,=-").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, plain)) return std::string(word);
  std::string quoted = "'";
  for (const char c : printable(word)) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace lambdapack
