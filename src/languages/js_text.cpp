// Tables instead of comparisons: a lexer of scripts is as fast as it gets over strings, comments and identifiers, which
// are nearly all of a text. Grammar: ECMA-262, chapter 12 (lexical grammar).
#include "languages/js_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace lambdapack::js {
namespace {

constexpr std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = kWord | kSpecifier;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = kWord | kSpecifier;
  for (const char c : {'_', '$'}) table[c] = kWord | kSpecifier;
  for (const char c : {'@', '/', '.', '-', '~', '+', ':', '#', '%', '*', '!', '?', '=', '&', ','})
    table[c] = kSpecifier;
  table['\\'] = kWord | kStringStop;  // \u0061 in a word
  for (int c = 0x80; c < 0x100; ++c) table[c] = kWord | kSpecifier;
  for (const int c : {0xC2, 0xE1, 0xE2, 0xE3, 0xEF}) table[c] |= kMaybeSpace;
  for (const char c : {' ', '\t', '\v', '\f', '\n', '\r'}) table[c] = kSpace;
  table['\n'] |= kStringStop;
  table['\r'] |= kStringStop;
  for (const char c : {'"', '\''}) table[c] = kQuote | kStringStop;
  return table;
}

constexpr std::array<std::uint8_t, 256> kKinds = make_table();

void append_utf8(std::uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// The number of exactly `digits` hexadecimal digits at text[at], or nothing valid: then 0xFFFFFFFF.
std::uint32_t hex_at(std::string_view text, std::size_t at, std::size_t digits) {
  constexpr std::uint32_t bad = 0xFFFFFFFF;
  if (digits == 0 || digits > 6 || at > text.size() || text.size() - at < digits) return bad;
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + digits, code, 16);
  return error == std::errc() && end == text.data() + at + digits && code <= 0x10FFFF ? code : bad;
}

// What \uXXXX or \u{X…} at text[at] (the "u") stands for; `at` moves after it.
std::uint32_t unicode_escape(std::string_view text, std::size_t& at) {
  std::size_t first = at + 1, digits = 4;
  if (first < text.size() && text[first] == '{') {
    ++first;
    digits = std::min(text.find('}', first), text.size()) - first;
  }
  const std::uint32_t code = hex_at(text, first, digits);
  at = std::min(first + digits + (first > at + 1 ? 1 : 0), text.size());
  return code;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at++];
      continue;
    }
    const char c = text[++at];
    if (c == 'u') {
      std::uint32_t code = unicode_escape(text, at);
      // Two halves of a surrogate pair are one character.
      if (code >= 0xD800 && code < 0xDC00 && text.substr(at).starts_with("\\u")) {
        std::size_t next = at + 1;
        const std::uint32_t low = unicode_escape(text, next);
        if (low >= 0xDC00 && low < 0xE000) {
          code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
          at = next;
        }
      }
      if (code <= 0x10FFFF) append_utf8(code, out);
      continue;
    }
    if (c == 'x') {
      if (const std::uint32_t code = hex_at(text, at + 1, 2); code <= 0xFF) append_utf8(code, out);
      at = std::min(at + 3, text.size());
      continue;
    }
    if (c >= '0' && c <= '7') {  // octal: at most three digits up to \377
      std::uint32_t code = 0;
      for (int digits = 0; digits < 3 && at < text.size() && text[at] >= '0' && text[at] <= '7'; ++digits, ++at) {
        const std::uint32_t more = code * 8 + static_cast<std::uint32_t>(text[at] - '0');
        if (more > 0xFF) break;
        code = more;
      }
      append_utf8(code, out);
      continue;
    }
    constexpr std::string_view from = "nrtbfv", to = "\n\r\t\b\f\v";
    if (const std::size_t known = from.find(c); known != std::string_view::npos)
      out += to[known];
    else if (c == '\r' && at + 1 < text.size() && text[at + 1] == '\n')
      ++at;  // a line that goes on
    else if (c != '\n' && c != '\r')
      out += c;
    ++at;
  }
  return out;
}

}  // namespace

std::uint8_t kind_of(char c) {
  return kKinds[static_cast<unsigned char>(c)];
}

std::size_t space_length(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const std::uint8_t kind = kind_of(text[at]);
  if (kind & kSpace) return 1;
  if (!(kind & kMaybeSpace)) return 0;
  if (text.substr(at, 2) == "\u00A0") return 2;
  const std::string_view three = text.substr(at, 3);
  for (const std::string_view space : {"\uFEFF", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000", "\u1680"})
    if (three == space) return 3;
  return three >= std::string_view("\u2000") && three <= std::string_view("\u200A") ? 3 : 0;
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (const std::size_t length = space_length(text, at)) {
      at += length;
    } else if (text[at] == '/' && at + 1 < text.size() && text[at + 1] == '/') {
      while (at < text.size() && text[at] != '\n' && text[at] != '\r') ++at;
    } else if (text[at] == '/' && at + 1 < text.size() && text[at + 1] == '*') {
      const std::size_t end = text.find("*/", at + 2);
      at = end == std::string_view::npos ? text.size() : end + 2;
    } else {
      break;
    }
  }
  return at;
}

std::size_t word_end(std::string_view text, std::size_t at) {
  for (;;) {
    while (at < text.size() && (kind_of(text[at]) & (kWord | kMaybeSpace)) == kWord && text[at] != '\\') ++at;
    if (at == text.size()) return at;
    if (text[at] == '\\') {
      if (text.substr(at + 1, 2) == "u{")
        at = std::min(text.find_first_not_of("0123456789abcdefABCDEF", at + 3), text.size() - 1);
      ++at;
    } else if ((kind_of(text[at]) & kMaybeSpace) && space_length(text, at) == 0) {
      ++at;
    } else {
      return at;
    }
  }
}

StringEnd string_end(std::string_view text, std::size_t at) {
  StringEnd string{.end = 0, .kinds = kSpecifier, .escaped = false, .closed = false};
  const char quote = text[at++];
  for (;;) {
    std::uint8_t kinds = kSpecifier;
    while (at < text.size() && !(kind_of(text[at]) & kStringStop)) kinds &= kind_of(text[at++]);
    string.kinds &= kinds;
    if (at == text.size() || text[at] == '\n' || text[at] == '\r') break;
    if (text[at] == quote) {
      string.closed = true;
      ++at;
      break;
    }
    if (text[at] == '\\') {
      string.escaped = true;
      if (text.substr(at + 1, 2) == "\r\n") ++at;
      ++at;
    } else {
      string.kinds = 0;  // the other quote
    }
    at = std::min(at + 1, text.size());
  }
  string.end = at;
  return string;
}

Literal read_literal(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  std::size_t end = 0;
  if (kind_of(text[at]) & kQuote) {
    const StringEnd string = string_end(text, at);
    if (!string.closed) return {};
    end = string.end;
  } else if (text[at] == '`') {
    end = at + 1;
    while (end < text.size() && text[end] != '`') {
      if (text.substr(end, 2) == "${") return {};
      end += text[end] == '\\' ? 2 : 1;
    }
    if (end >= text.size()) return {};
    ++end;
  } else {
    return {};
  }
  const std::string_view inside = text.substr(at + 1, end - at - 2);
  return {end, inside.contains('\\') ? unescape(inside) : std::string(inside)};
}

RegexEnd regex_end(std::string_view text, std::size_t at) {
  bool in_class = false;
  for (++at; at < text.size(); ++at) {
    switch (text[at]) {
      case '\n':
      case '\r': return {at, false};
      case '\\':
        if (at + 1 < text.size() && text[at + 1] != '\n') ++at;
        break;
      case '[': in_class = true; break;
      case ']': in_class = false; break;
      case '/':
        if (!in_class) return {at + 1, true};
        break;
      default: break;
    }
  }
  return {text.size(), false};
}

}  // namespace lambdapack::js
