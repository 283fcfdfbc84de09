// Each form of line has a function of its own; the first that recognises a line has it.
//
// Logs come through collectors that put a time, a request id or a container's name in front, so forms that begin a line
// are looked for behind every space too; they are distinct enough for that.
#include "elf/crash_log_lines.h"

#include <algorithm>
#include <array>
#include <string>

namespace lambdapack {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string_view without_margins(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

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

namespace {

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
  text = without_margins(text.substr(end));
  return number;
}

// /proc/PID/maps: "55d0-55d1 r-xp 00001000 fd:00 123   /var/task/bootstrap".
std::optional<LogMap> read_map(std::string_view line) {
  LogMap map;
  std::string_view rest = without_margins(line);
  const auto start = take_digits(rest);
  if (!start || !rest.starts_with('-')) return std::nullopt;
  rest.remove_prefix(1);
  const auto end = take_digits(rest);
  if (!end || *end <= *start || rest.size() < 6 || rest[0] != ' ' || rest[5] != ' ') return std::nullopt;
  const std::string_view rights = rest.substr(1, 4);
  if ((rights[0] != 'r' && rights[0] != '-') || (rights[3] != 'p' && rights[3] != 's')) return std::nullopt;
  rest = without_margins(rest.substr(5));
  const auto offset = take_digits(rest);
  const std::size_t slash = rest.find(" /");
  if (!offset || slash == std::string_view::npos) return std::nullopt;
  map.start = *start;
  map.end = *end;
  map.offset = *offset;
  map.path = without_margins(rest.substr(slash));
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
  if (!size || *start + *size <= *start) return false;
  log.maps.push_back({*start, *start + *size, 0, true, module});
  log.addresses.push_back({number, AddressKind::absolute, *address, module, {}, {}, false});
  return true;
}

// "Object "/var/task/bootstrap", at 0x55d0, in main"
bool read_object_frame(std::string_view rest, std::size_t number, CrashLog& log) {
  const std::size_t start = rest.find('"') + 1, end = rest.find('"', start);
  const auto address = hex_behind(rest, "\", at ");
  if (end == std::string_view::npos || !address || *address == 0) return false;
  log.addresses.push_back(
      {number, AddressKind::absolute, *address, std::string(rest.substr(start, end - start)), {}, {}, true});
  return true;
}

// "#1 0x55d0 in main /src/a.cpp:3 (/var/task/bootstrap+0x1139) (BuildId: …)": the sanitizers subtract from return
// addresses themselves. gdb: "#1  0x55d0 in ?? () from /var/task/lib/liba.so".
bool read_frame_line(std::string_view line, std::size_t number, CrashLog& log) {
  std::string_view rest = without_margins(line);
  const auto frame = take_frame_number(rest);
  if (!frame) return false;
  // backward-cpp: "#3    Object "/var/task/bootstrap", at 0x55d0, in main"; it counts from the oldest frame.
  if (rest.starts_with("Object \"")) return read_object_frame(rest, number, log);
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
  const std::string module(from == std::string_view::npos ? std::string_view()
                                                          : without_margins(rest.substr(from + 6)));
  log.addresses.push_back({number, AddressKind::absolute, *address, module, {}, {}, *frame > 0});
  return true;
}

// glibc: "/var/task/bootstrap(main+0x1d)[0x55d0]", "./lib.so(+0x1139) [0x7f]", "./bootstrap() [0x401139]",
// "./bootstrap[0x401139]". Ruby puts a file and line behind.
bool read_backtrace_line(std::string_view line, std::size_t number, CrashLog& log) {
  std::string_view rest = without_margins(line);
  const std::size_t bracket = rest.rfind("[0x");
  if (bracket == std::string_view::npos) return false;
  const std::size_t close = rest.find(']', bracket);
  if (close == std::string_view::npos) return false;
  const std::string_view before = without_margins(rest.substr(0, bracket));
  if (close + 1 < rest.size() && (rest[close + 1] != ' ' || !before.ends_with(')'))) return false;
  rest = rest.substr(0, close + 1);
  std::string_view digits = rest.substr(bracket + 1);
  const auto absolute = take_hex(digits);
  std::string_view module = without_margins(rest.substr(0, bracket)), inner;
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

// Rust, RUST_BACKTRACE=full: "   3:     0x55d0a1 - core::panicking::panic::h0123". Node:
// " 5: 0x7f01 napi_throw [/var/task/shop.node]", " 1: 0xb8d0a3 node::Abort() [node]". Boost: " 0# 0x55d0 in
// ./bootstrap".
bool read_numbered_line(std::string_view line, std::size_t number, CrashLog& log) {
  std::string_view rest = without_margins(line);
  std::size_t digits = 0;
  while (digits < rest.size() && digits < 7 && is_digit(rest[digits])) ++digits;
  if (digits == 0 || digits >= rest.size() || (rest[digits] != ':' && rest[digits] != '#')) return false;
  const bool boost = rest[digits] == '#';
  rest = without_margins(rest.substr(digits + 1));
  const auto address = take_hex(rest);
  rest = without_margins(rest);
  // The last frame of a stack is often 0.
  if (!address || *address == 0) return false;
  std::string_view module;
  if (boost) {
    if (!rest.starts_with("in ")) return false;
    module = without_margins(rest.substr(3));
  } else if (!rest.starts_with('-')) {
    const std::size_t open = rest.rfind('[');
    if (open == std::string_view::npos || !rest.ends_with(']')) return false;
    module = rest.substr(open + 1, rest.size() - open - 2);
  }
  log.addresses.push_back({number, AddressKind::absolute, *address, std::string(module), {}, {}, true});
  return true;
}

// Python 3.14's faulthandler: 'Binary file "/var/task/shop.so", at shop_total+0x1d [0x7f01]', "at +0x1139 [0x7f01]".
bool read_binary_file_line(std::string_view line, std::size_t number, CrashLog& log) {
  constexpr std::string_view mark = "Binary file \"";
  const std::size_t at = line.find(mark);
  if (at == std::string_view::npos) return false;
  const std::size_t start = at + mark.size(), end = line.find('"', start);
  if (end == std::string_view::npos) return false;
  const std::string_view rest = line.substr(end);
  LogAddress address{number, AddressKind::absolute, 0, std::string(line.substr(start, end - start)), {}, {}, true};
  constexpr std::string_view place = ", at ";
  const std::size_t plus = rest.find("+0x");
  if (const std::size_t from = rest.find(place); from != std::string_view::npos && plus != std::string_view::npos) {
    std::string_view digits = rest.substr(plus + 1);
    const auto offset = take_hex(digits);
    if (!offset || plus < from + place.size()) return false;
    address.symbol = rest.substr(from + place.size(), plus - from - place.size());
    address.kind = address.symbol.empty() ? AddressKind::in_module : AddressKind::in_symbol;
    address.value = *offset;
  } else {
    std::string_view digits = rest.substr(std::min(rest.find("[0x") + 1, rest.size()));
    const auto absolute = take_hex(digits);
    if (!absolute) return false;
    address.value = *absolute;
  }
  log.addresses.push_back(std::move(address));
  return true;
}

// glog and abseil: "    @     0x55d0  main", "PC: @ 0x55d0 main", "@ 0x7f01 (unknown)".
bool read_at_line(std::string_view line, std::size_t number, CrashLog& log) {
  std::string_view rest = without_margins(line);
  const bool exact = rest.starts_with("PC: @");
  if (exact) rest.remove_prefix(4);
  if (!rest.starts_with("@ ")) return false;
  rest = without_margins(rest.substr(1));
  const auto address = take_hex(rest);
  if (!address || *address == 0) return false;
  log.addresses.push_back({number, AddressKind::absolute, *address, {}, {}, {}, !exact});
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
    const bool first = std::ranges::none_of(
        log.addresses, [&](const LogAddress& a) { return a.line + 1 == number || a.line == number; });
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
    std::string_view rest = without_margins(line);
    address = take_hex(rest);
    if (!rest.empty() && rest.front() != ' ' && rest.front() != '\t') return false;
    // Lists of threads and registers have several.
    if (rest.find("0x") != std::string_view::npos) return false;
  }
  if (!address) return false;
  log.addresses.push_back({number, AddressKind::absolute, *address, {}, {}, {}, false});
  return true;
}

// A time, a level or a request id, as collectors put them in front of a line.
bool is_prefix_word(std::string_view word) {
  constexpr std::array<std::string_view, 7> levels = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "stderr"};
  if (std::ranges::find(levels, word) != levels.end()) return true;
  return word.size() >= 5 && !word.starts_with("0x") && std::ranges::any_of(word, is_digit) &&
         word.find_first_of(":-/[|") != word.npos && word.find('=') == word.npos;
}

// Calls read(rest of the line) for the line and for what is behind each of its first words, until one is true.
template <class Read>
bool at_words(std::string_view line, bool only_prefixes, Read read) {
  constexpr int kMostWords = 16;
  std::string_view rest = without_margins(line);
  for (int i = 0; i < kMostWords && !rest.empty(); ++i) {
    if (read(rest)) return true;
    const std::size_t end = rest.find_first_of(" \t|");
    if (end == std::string_view::npos || (only_prefixes && !is_prefix_word(rest.substr(0, end)))) return false;
    rest = without_margins(rest.substr(end + 1));
  }
  return false;
}

}  // namespace

std::optional<LogMap> read_map_line(std::string_view line) {
  std::optional<LogMap> map;
  at_words(line, false, [&](std::string_view rest) { return (map = read_map(rest)).has_value(); });
  return map;
}

bool read_address_line(std::string_view line, std::size_t number, CrashLog& log) {
  if (read_kernel_line(line, number, log) || read_binary_file_line(line, number, log)) return true;
  constexpr std::array begin_a_line = {read_frame_line, read_numbered_line, read_at_line};
  for (const auto reader : begin_a_line)
    if (at_words(line, false, [&](std::string_view rest) { return reader(rest, number, log); })) return true;
  if (read_backtrace_line(line, number, log) || read_module_offset(line, number, log)) return true;
  return at_words(line, true, [&](std::string_view rest) { return read_lone_address(rest, number, log); });
}

}  // namespace lambdapack
