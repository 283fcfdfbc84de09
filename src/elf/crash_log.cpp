// Each form of line has a function of its own; the first that recognises a line has it.
#include "elf/crash_log.h"

#include <algorithm>
#include <array>
#include <optional>

namespace lambdapack {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kMostAddresses = 100'000, kMostMaps = 100'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// Takes 1 to 16 hex digits from the front.
std::optional<std::uint64_t> take_digits(std::string_view& text) {
  std::uint64_t value = 0;
  std::size_t count = 0;
  while (count < text.size() && hex_value(text[count]) >= 0) {
    if (count == 16) return std::nullopt;
    value = value << 4 | static_cast<std::uint64_t>(hex_value(text[count++]));
  }
  if (count == 0) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

std::optional<std::uint64_t> take_hex(std::string_view& text) {
  if (!text.starts_with("0x")) return std::nullopt;
  std::string_view rest = text.substr(2);
  const auto value = take_digits(rest);
  if (value) text = rest;
  return value;
}

// The number behind `mark`, wherever that is: "pc=0x12".
std::optional<std::uint64_t> hex_behind(std::string_view line, std::string_view mark) {
  const std::size_t at = line.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = line.substr(at + mark.size());
  return take_hex(rest);
}

bool ends_name(char c) {
  return c == ' ' || c == '\t' || c == '(' || c == '[' || c == '"' || c == '\'' || c == ',' || c == '=' || c == '<';
}

// "(BuildId: 0123ab)" of the sanitizers.
std::string build_id_in(std::string_view line) {
  constexpr std::string_view mark = "(BuildId: ";
  const std::size_t at = line.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + mark.size());
  const std::string_view id = rest.substr(0, rest.find(')'));
  const bool hex = std::ranges::all_of(id, [](char c) { return hex_value(c) >= 0 && !(c >= 'A' && c <= 'F'); });
  return hex ? std::string(id) : std::string();
}

// "#3 " at the front: the number of a frame.
std::optional<std::uint64_t> take_frame_number(std::string_view& text) {
  if (!text.starts_with('#')) return std::nullopt;
  std::size_t end = 1;
  std::uint64_t number = 0;
  while (end < text.size() && end < 8 && is_digit(text[end]))
    number = number * 10 + static_cast<std::uint64_t>(text[end++] - '0');
  if (end == 1) return std::nullopt;
  text = trimmed(text.substr(end));
  return number;
}

// /proc/PID/maps: "55d0-55d1 r-xp 00001000 fd:00 123   /var/task/bootstrap".
std::optional<LogMap> read_map(std::string_view line) {
  LogMap map;
  std::string_view rest = trimmed(line);
  const auto start = take_digits(rest);
  if (!start || !rest.starts_with('-')) return std::nullopt;
  rest.remove_prefix(1);
  const auto end = take_digits(rest);
  if (!end || *end <= *start || rest.size() < 6 || rest[0] != ' ' || rest[5] != ' ') return std::nullopt;
  const std::string_view rights = rest.substr(1, 4);
  if ((rights[0] != 'r' && rights[0] != '-') || (rights[3] != 'p' && rights[3] != 's')) return std::nullopt;
  rest = trimmed(rest.substr(5));
  const auto offset = take_digits(rest);
  const std::size_t slash = rest.find(" /");
  if (!offset || slash == std::string_view::npos) return std::nullopt;
  map.start = *start;
  map.end = *end;
  map.offset = *offset;
  map.path = trimmed(rest.substr(slash));
  return map;
}

// Linux: "bootstrap[12]: segfault at 0 ip 000055d0 sp 00007ffe error 4 in bootstrap[55d0+1000]"; since 6.4
// "in bootstrap[1139,55d0+1000]" with the offset in the file first.
bool read_kernel_line(std::string_view line, std::size_t number, CrashLog& log) {
  const std::size_t ip = line.find(" ip ");
  const std::size_t in = line.rfind(" in ");
  if (ip == std::string_view::npos || in == std::string_view::npos || in < ip) return false;
  std::string_view rest = line.substr(ip + 4);
  if (rest.starts_with("0x")) rest.remove_prefix(2);
  const auto address = take_digits(rest);
  std::string_view place = line.substr(in + 4);
  const std::size_t bracket = place.find('[');
  if (!address || bracket == std::string_view::npos || bracket == 0) return false;
  const std::string module(place.substr(0, bracket));
  place.remove_prefix(bracket + 1);
  if (const std::size_t comma = place.find(','); comma < place.find(']')) place.remove_prefix(comma + 1);
  const auto start = take_digits(place);
  if (!start || !place.starts_with('+')) return false;
  place.remove_prefix(1);
  const auto size = take_digits(place);
  if (!size || *start + *size < *start) return false;
  log.maps.push_back({*start, *start + *size, 0, true, module});
  log.addresses.push_back({number, AddressKind::absolute, *address, module, {}, {}, false});
  return true;
}

// "#1 0x55d0 in main /src/a.cpp:3 (/var/task/bootstrap+0x1139) (BuildId: …)": the sanitizers subtract from return
// addresses themselves. gdb: "#1  0x55d0 in ?? () from /var/task/lib/liba.so".
bool read_frame_line(std::string_view line, std::size_t number, CrashLog& log) {
  std::string_view rest = trimmed(line);
  const auto frame = take_frame_number(rest);
  if (!frame) return false;
  const auto address = take_hex(rest);
  if (!address) return false;
  for (std::size_t open = rest.rfind('('); open != std::string_view::npos;
       open = open == 0 ? open : rest.rfind('(', open - 1)) {
    const std::string_view inner = rest.substr(open + 1, rest.find(')', open) - open - 1);
    const std::size_t plus = inner.rfind("+0x");
    if (plus != std::string_view::npos && plus > 0) {
      std::string_view digits = inner.substr(plus + 1);
      if (const auto offset = take_hex(digits)) {
        log.addresses.push_back({number,
                                 AddressKind::in_module,
                                 *offset,
                                 std::string(inner.substr(0, plus)),
                                 {},
                                 build_id_in(line),
                                 false});
        return true;
      }
    }
    if (open == 0) break;
  }
  const std::size_t from = rest.rfind(" from ");
  const std::string module(from == std::string_view::npos ? std::string_view() : trimmed(rest.substr(from + 6)));
  log.addresses.push_back({number, AddressKind::absolute, *address, module, {}, {}, *frame > 0});
  return true;
}

// glibc: "/var/task/bootstrap(main+0x1d)[0x55d0]", "./lib.so(+0x1139) [0x7f]", "./bootstrap() [0x401139]",
// "./bootstrap[0x401139]".
bool read_backtrace_line(std::string_view line, std::size_t number, CrashLog& log) {
  const std::string_view rest = trimmed(line);
  const std::size_t bracket = rest.rfind("[0x");
  if (bracket == std::string_view::npos || !rest.ends_with(']')) return false;
  std::string_view digits = rest.substr(bracket + 1);
  const auto absolute = take_hex(digits);
  std::string_view module = trimmed(rest.substr(0, bracket)), inner;
  if (!absolute || digits != "]") return false;
  if (module.ends_with(')')) {
    const std::size_t open = module.rfind('(');
    if (open == std::string_view::npos) return false;
    inner = module.substr(open + 1, module.size() - open - 2);
    module = module.substr(0, open);
  }
  module.remove_prefix(std::min(module.find_last_of(" \t") + 1, module.size()));
  if (module.empty()) return false;
  LogAddress address{number, AddressKind::absolute, *absolute, std::string(module), {}, {}, true};
  if (const std::size_t plus = inner.rfind("+0x"); plus != std::string_view::npos) {
    std::string_view offset = inner.substr(plus + 1);
    const auto value = take_hex(offset);
    if (!value) return false;
    address.kind = plus == 0 ? AddressKind::in_module : AddressKind::in_symbol;
    address.value = *value;
    address.symbol = inner.substr(0, plus);
  }
  log.addresses.push_back(std::move(address));
  return true;
}

// Rust, RUST_BACKTRACE=full: "   3:     0x55d0a1 - core::panicking::panic::h0123".
bool read_rust_line(std::string_view line, std::size_t number, CrashLog& log) {
  std::string_view rest = trimmed(line);
  std::size_t digits = 0;
  while (digits < rest.size() && digits < 7 && is_digit(rest[digits])) ++digits;
  if (digits == 0 || digits >= rest.size() || rest[digits] != ':') return false;
  rest = trimmed(rest.substr(digits + 1));
  const auto address = take_hex(rest);
  // The last frame of a stack is often 0.
  if (!address || *address == 0 || !trimmed(rest).starts_with('-')) return false;
  log.addresses.push_back({number, AddressKind::absolute, *address, {}, {}, {}, true});
  return true;
}

// "module+0x12" anywhere: hs_err's "C  [libfoo.so+0x1234]  name+0x12", and what programs print themselves. Only names
// that look like files: "main+0x12" is a symbol of an unknown module.
bool read_module_offset(std::string_view line, std::size_t number, CrashLog& log) {
  for (std::size_t plus = line.find("+0x"); plus != std::string_view::npos; plus = line.find("+0x", plus + 1)) {
    std::string_view digits = line.substr(plus + 1);
    const auto value = take_hex(digits);
    if (!value) continue;
    std::size_t start = plus;
    while (start > 0 && !ends_name(line[start - 1])) --start;
    const std::string_view module = line.substr(start, plus - start);
    const bool is_file = module.find('/') != std::string_view::npos || module.find(".so") != std::string_view::npos ||
                         module.ends_with(".node") || module == "bootstrap" || (start > 0 && line[start - 1] == '[');
    if (module.empty() || !is_file) continue;
    // The first native frame of hs_err is where it happened, the others are callers.
    const bool first = std::ranges::none_of(log.addresses, [&](const LogAddress& a) { return a.line + 1 == number; });
    log.addresses.push_back(
        {number, AddressKind::in_module, *value, std::string(module), {}, build_id_in(line), !first});
    return true;
  }
  return false;
}

// "pc=0x12" of Go's "[signal SIGSEGV: … pc=0x12]", "PC=0x12", and a line that is just an address.
bool read_lone_address(std::string_view line, std::size_t number, CrashLog& log) {
  auto address = hex_behind(line, "pc=");
  if (!address) address = hex_behind(line, "PC=");
  if (!address) {
    std::string_view rest = trimmed(line);
    address = take_hex(rest);
    if (!rest.empty() && rest.front() != ' ' && rest.front() != '\t') return false;
  }
  if (!address) return false;
  log.addresses.push_back({number, AddressKind::absolute, *address, {}, {}, {}, false});
  return true;
}

}  // namespace

CrashLog read_crash_log(std::string_view text) {
  constexpr std::array readers = {read_kernel_line, read_frame_line,    read_backtrace_line,
                                  read_rust_line,   read_module_offset, read_lone_address};
  CrashLog log;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    log.lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!log.lines.back().empty() && log.lines.back().back() == '\r') log.lines.back().remove_suffix(1);
    const std::string_view line = log.lines.back().substr(0, kLongestLine);
    const std::size_t number = log.lines.size() - 1;
    if (log.maps.size() < kMostMaps) {
      if (auto map = read_map(line)) {
        log.maps.push_back(*std::move(map));
        continue;
      }
    }
    if (log.addresses.size() >= kMostAddresses) continue;
    for (const auto reader : readers)
      if (reader(line, number, log)) break;
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
