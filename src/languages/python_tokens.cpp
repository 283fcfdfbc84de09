// Lexical rules of Python, section 2 of its language reference, as far as finding statements and strings takes them.
#include "languages/python_tokens.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

namespace lambdapack::python {
namespace {

constexpr std::array<bool, 256> name_bytes() {
  std::array<bool, 256> bytes{};
  for (std::size_t c = 0; c < bytes.size(); ++c)
    bytes[c] = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;
  return bytes;
}
constexpr std::array<bool, 256> kNameBytes = name_bytes();

std::size_t find_byte(std::string_view text, std::size_t at, char c) {
  const void* const found = at < text.size() ? std::memchr(text.data() + at, c, text.size() - at) : nullptr;
  return found == nullptr ? text.size() : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// In raw strings, too, a backslash keeps a quote from ending the string.
bool is_escaped(std::string_view text, std::size_t first, std::size_t at) {
  std::size_t backslashes = 0;
  while (at - backslashes > first && text[at - backslashes - 1] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

}  // namespace

bool is_name_byte(char c) {
  return kNameBytes[static_cast<unsigned char>(c)];
}

std::size_t after_line_end(std::string_view text, std::size_t at) {
  return at + (at + 1 < text.size() && text[at] == '\r' && text[at + 1] == '\n' ? 2 : 1);
}

std::size_t before_blanks(std::string_view text, std::size_t end) {
  while (end > 0 && is_blank(text[end - 1])) --end;
  return end;
}

std::size_t skip_blanks(std::string_view text, std::size_t at, bool lines) {
  while (at < text.size()) {
    if (is_blank(text[at])) {
      ++at;
    } else if (text[at] == '\\' && at + 1 < text.size() && is_line_end(text[at + 1])) {
      at = after_line_end(text, at + 1);
    } else if (lines && is_line_end(text[at])) {
      at = after_line_end(text, at);
    } else if (lines && text[at] == '#') {
      at = line_end(text, at);
    } else {
      break;
    }
  }
  return at;
}

std::size_t line_end(std::string_view text, std::size_t at) {
  const std::size_t end = find_byte(text, at, '\n');
  return find_byte(text.substr(0, end), at, '\r');  // old Macs' line ends
}

std::string_view name_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_name_byte(text[end])) ++end;
  return text.substr(at, end - at);
}

std::string_view name_before(std::string_view text, std::size_t end) {
  std::size_t first = end;
  while (first > 0 && is_name_byte(text[first - 1])) --first;
  return text.substr(first, end - first);
}

std::optional<DottedName> dotted_name_at(std::string_view text, std::size_t at, bool lines) {
  DottedName dotted;
  for (;;) {
    const std::string_view part = name_at(text, at);
    if (part.empty()) return std::nullopt;
    dotted.name += part;
    dotted.end = at + part.size();
    at = skip_blanks(text, dotted.end, lines);
    if (at >= text.size() || text[at] != '.') return dotted;
    dotted.name += '.';
    at = skip_blanks(text, at + 1, lines);
  }
}

StringEnd find_string_end(std::string_view text, std::size_t first, char quote, bool triple) {
  if (triple) {
    for (std::size_t at = find_byte(text, first, quote); at < text.size(); at = find_byte(text, at + 1, quote))
      if (is_triple(text, at) && !is_escaped(text, first, at)) return {at + 3, true};
    return {text.size(), false};
  }
  std::size_t at = first;
  while (at < text.size()) {
    const char c = text[at];
    if (c == quote) return {at + 1, true};
    if (c == '\\' && at + 1 < text.size()) {
      at = is_line_end(text[at + 1]) ? after_line_end(text, at + 1) : at + 2;
    } else if (is_line_end(c)) {
      break;
    } else {
      ++at;
    }
  }
  return {std::min(at, text.size()), false};
}

StringPrefix string_prefix_before(std::string_view text, std::size_t at) {
  StringPrefix prefix;
  while (prefix.length < 3 && prefix.length < at && is_name_byte(text[at - prefix.length - 1])) {
    ++prefix.length;
    const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(text[at - prefix.length])));
    if (c == 'r')
      prefix.raw = true;
    else if (c == 'b')
      prefix.bytes = true;
    else if (c == 'f' || c == 't')
      prefix.formatted = true;
    else if (c != 'u')
      return {};
  }
  // Longer than any prefix: a name, which no valid program has there.
  return prefix.length < 3 ? prefix : StringPrefix{};
}

bool is_triple(std::string_view text, std::size_t at) {
  return at + 2 < text.size() && text[at + 1] == text[at] && text[at + 2] == text[at];
}

bool has_ascii_encoding(std::string_view text) {
  for (int line = 0; line < 2; ++line) {
    const std::size_t end = line_end(text, 0);
    const std::string_view first = text.substr(0, end);
    const std::size_t comment = skip_blanks(first, 0);
    if (comment < first.size() && first[comment] != '#') return true;
    std::size_t at = first.find("coding", comment);
    if (at != std::string_view::npos && at + 6 < first.size() && (first[at + 6] == ':' || first[at + 6] == '=')) {
      at = skip_blanks(first, at + 7);
      std::string encoding;
      for (; at < first.size() && (is_name_byte(first[at]) || first[at] == '-' || first[at] == '.'); ++at)
        encoding += first[at] == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(first[at])));
      // The second byte of a character may be a backslash or a letter in these, a whole one may be written in ASCII.
      return std::ranges::none_of(
          std::array{
              "shift",  "sjis",  "s-jis", "ms-kanji", "cp932",    "ms932",          "big5",       "cp950", "gb",
              "cp936",  "936",   "ms936", "hz",       "iso-2022", "iso2022",        "csiso2022",  "johab", "cp1361",
              "utf-7",  "utf7",  "u7",    "utf-16",   "utf16",    "utf-32",         "cp037",      "cp5",   "cp1026",
              "cp1140", "cp273", "cp424", "ebcdic",   "punycode", "unicode-escape", "raw-unicode"},
          [&](const char* unsafe) { return encoding.starts_with(unsafe); });
    }
    if (end >= text.size()) return true;
    text.remove_prefix(after_line_end(text, end));
  }
  return true;
}

}  // namespace lambdapack::python
