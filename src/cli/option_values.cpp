// Values of options, and the nearest of several words for a misspelled one.
#include "cli/option_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "base/bytes.h"

namespace lambdapack {
namespace {

// What a value looks like in a message: whatever the shell passed, as printable text in quotes.
std::string quoted(std::string_view text) {
  return "\"" + printable(text) + "\"";
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// "", "b", "k", "kb", "kib" … as a power of 1024; negative when it is no unit.
int unit_power(std::string_view unit) {
  std::string name;
  for (const char c : unit) name += lower(c);
  if (name.empty() || name == "b") return 0;
  const std::size_t power = std::string_view("kmgt").find(name.front());
  const std::string_view rest = std::string_view(name).substr(1);
  if (power == std::string_view::npos || !(rest.empty() || rest == "b" || rest == "ib")) return -1;
  return static_cast<int>(power) + 1;
}

// Edits (insert, remove, replace) from a to b; words of the command line, so the quadratic table is small.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view option, std::string_view text) {
  const auto wrong = [&] {
    return fail(std::string(option), quoted(text) + " is no size", "write bytes, or a number with KB, MB or GB: 500MB");
  };
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number) || number < 0) return wrong();
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  const int power = unit_power(unit);
  const double bytes = std::round(number * std::pow(1024.0, power));
  if (power < 0 || bytes >= 9.0e18) return wrong();
  return static_cast<std::uint64_t>(bytes);
}

Result<std::uint64_t> parse_number(std::string_view option, std::string_view text, std::uint64_t least,
                                   std::uint64_t most) {
  std::uint64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (error != std::errc{} || end != last || text.empty() || number < least || number > most) {
    return fail(std::string(option), fmt::format("{} is no whole number from {} to {}", quoted(text), least, most));
  }
  return number;
}

Result<std::map<std::string, std::string>> parse_settings(std::string_view option,
                                                          const std::vector<std::string>& settings) {
  std::map<std::string, std::string> values;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(std::string(option), quoted(setting) + " is not NAME=VALUE",
                  "write it as in the function's configuration: LD_LIBRARY_PATH=/var/task/lib");
    }
    values[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  return values;
}

Result<std::vector<AddedFiles>> parse_added(std::string_view option, const std::vector<std::string>& values) {
  std::vector<AddedFiles> added;
  for (const std::string& value : values) {
    const std::size_t colon = value.rfind(':');
    if (colon == std::string::npos || colon == 0)
      return fail(std::string(option), fmt::format("'{}' does not say what and where to", printable(value)),
                  "write SRC:DEST, such as data/:share/data; 'SRC:' for the top of the package");
    added.push_back({value.substr(0, colon), value.substr(colon + 1)});
  }
  return added;
}

Result<std::size_t> parse_choice(std::string_view option, std::string_view text,
                                 const std::vector<std::string_view>& choices) {
  const auto found = std::ranges::find(choices, text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  return fail(std::string(option), fmt::format("{} is none of {}", quoted(text), fmt::join(choices, ", ")));
}

std::string nearest(std::string_view typed, const std::vector<std::string>& candidates) {
  std::string best;
  // A third of the letters may be wrong: enough for a slip, too little to turn one option into another.
  std::size_t best_distance = std::max<std::size_t>(typed.size() / 3, 1) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(typed, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace lambdapack
