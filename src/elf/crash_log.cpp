// A log as lines, and each line as what it says. Lambda's own log formats and most libraries write JSON, with a whole
// stack in one string: such a line is taken apart into its strings, and those at their escaped line ends.
#include "elf/crash_log.h"

#include "elf/crash_log_lines.h"

namespace lambdapack {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kLongestJson = 1 << 20;  // CloudWatch takes 1 MB per event
constexpr std::size_t kMostAddresses = 100'000, kMostMaps = 100'000;
constexpr int kDeepestJson = 3;  // JSON in a string of JSON, as two collectors in a row make it

bool is_json(std::string_view line) {
  const std::string_view text = without_margins(line);
  return text.starts_with('"') || text.starts_with('{') || text.starts_with('[') || text.find("{\"") != text.npos;
}

// Appends what the escape at text[at], behind the backslash, stands for; the index of its last character.
std::size_t unescape(std::string_view text, std::size_t at, std::string& out) {
  constexpr std::string_view letters = "ntrbf", meanings = "\n\t\r\b\f";
  if (const std::size_t which = letters.find(text[at]); which != letters.npos) {
    out += meanings[which];
    return at;
  }
  if (text[at] != 'u' || at + 4 >= text.size()) {
    out += text[at];
    return at;
  }
  // Go writes "<" as \u003c. Others than ASCII are no part of an address.
  std::string_view digits = text.substr(at + 1, 4);
  const auto code = take_digits(digits);
  if (!code || !digits.empty()) return at;
  out += *code < 0x80 ? static_cast<char>(*code) : '?';
  return at + 4;
}

// The strings of a line of JSON, or of what is left of one.
std::vector<std::string> json_strings(std::string_view text) {
  std::vector<std::string> strings;
  for (std::size_t at = text.find('"'); at != text.npos; at = text.find('"', at)) {
    std::string value;
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\' && at + 1 < text.size())
        at = unescape(text, at + 1, value);
      else
        value += text[at];
    }
    if (at < text.size()) ++at;
    strings.push_back(std::move(value));
  }
  return strings;
}

bool read_plain_line(std::string_view line, std::size_t number, CrashLog& log) {
  if (log.maps.size() < kMostMaps)
    if (auto map = read_map_line(line)) {
      log.maps.push_back(*std::move(map));
      return true;
    }
  return log.addresses.size() < kMostAddresses && read_address_line(line, number, log);
}

bool read_json_line(std::string_view line, std::size_t number, int depth, CrashLog& log) {
  bool found = false;
  for (const std::string& value : json_strings(line)) {
    if (depth < kDeepestJson && is_json(value) && value.find('"') != value.npos &&
        read_json_line(value, number, depth + 1, log)) {
      found = true;
      continue;
    }
    for (std::string_view rest = value; !rest.empty();) {
      const std::size_t end = rest.find('\n');
      const std::string_view part = rest.substr(0, end).substr(0, kLongestLine);
      const std::size_t before = log.addresses.size();
      found = read_plain_line(part, number, log) || found;
      for (std::size_t i = before; i < log.addresses.size(); ++i) log.addresses[i].excerpt = without_margins(part);
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
  }
  return found;
}

}  // namespace

CrashLog read_crash_log(std::string_view text) {
  CrashLog log;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    log.lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!log.lines.back().empty() && log.lines.back().back() == '\r') log.lines.back().remove_suffix(1);
    const std::string_view line = log.lines.back();
    const std::size_t number = log.lines.size() - 1;
    if (!is_json(line) || !read_json_line(line.substr(0, kLongestJson), number, 0, log))
      read_plain_line(line.substr(0, kLongestLine), number, log);
  }
  return log;
}

std::vector<LogAddress> read_address_argument(std::string_view text) {
  std::vector<LogAddress> result;
  if (const std::size_t plus = text.rfind("+0x"); plus != std::string_view::npos && plus > 0) {
    std::string_view digits = text.substr(plus + 1);
    const auto value = take_hex(digits);
    if (value && digits.empty())
      result.push_back({0, AddressKind::in_module, *value, std::string(text.substr(0, plus)), {}, {}, false});
    return result;
  }
  std::string_view digits = text.starts_with("0x") ? text.substr(2) : text;
  const auto value = take_digits(digits);
  if (value && digits.empty()) result.push_back({0, AddressKind::in_module, *value, {}, {}, {}, false});
  return result;
}

}  // namespace lambdapack
