// Numbers as people read them; see units.h. Never in the user's locale: output is the same everywhere.
#include "base/units.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>

namespace lambdapack {

std::string format_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  constexpr std::array<std::string_view, 6> units = {"KB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // 1023.95 would be printed as 1024.0.
  while (value >= 1023.95 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string format_count(std::uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

std::string format_ms(double milliseconds) {
  if (std::abs(milliseconds) >= 999.5) return fmt::format("{:.1f} s", milliseconds / 1000);
  if (milliseconds != 0 && std::abs(milliseconds) < 9.95) return fmt::format("{:.1f} ms", milliseconds);
  return fmt::format("{:.0f} ms", milliseconds);
}

std::string format_percent(double part, double whole) {
  if (whole == 0) return "0 %";
  const double percent = 100 * part / whole;
  // "-0.0 %" is not a number that people know.
  return fmt::format("{:.1f} %", std::abs(percent) < 0.05 ? 0.0 : percent);
}

}  // namespace lambdapack
