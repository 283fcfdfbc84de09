// Limits as bars, and the cold start phase by phase. The numbers are a model's: the text says so, shows ranges, and
// names where the coefficients come from, so that nobody quotes a median as a measurement.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/bytes.h"
#include "base/units.h"
#include "report/text_layout.h"
#include "report/text_sections.h"

namespace lambdapack {
namespace {

constexpr std::size_t kBarColumns = 10;

// "84 ms (80–98 ms)"
std::string ms_range(const Range& range) {
  std::string low = format_ms(range.low);
  const std::string high = format_ms(range.high);
  if (low == high) return format_ms(range.typical);
  const auto unit = [](const std::string& text) { return text.substr(text.find(' ')); };
  if (unit(low) == unit(high)) low.erase(low.find(' '));
  return fmt::format("{} ({}–{})", format_ms(range.typical), low, high);
}

// "$1.23 ($0.80–$2.10)"
std::string dollar_range(const Range& range) {
  if (range.low == range.high) return fmt::format("${:.2f}", range.typical);
  return fmt::format("${:.2f} (${:.2f}–${:.2f})", range.typical, range.low, range.high);
}

const Phase* find_phase(const ColdStart& start, const std::string& name) {
  const auto found = std::ranges::find(start.phases, name, &Phase::name);
  return found == start.phases.end() ? nullptr : &*found;
}

// Position of source in sources, counted from 1; added when new, 0 when empty.
std::size_t number_of(std::vector<std::string>& sources, const std::string& source) {
  if (source.empty()) return 0;
  const auto found = std::ranges::find(sources, source);
  const auto index = static_cast<std::size_t>(found - sources.begin());
  if (found == sources.end()) sources.push_back(source);
  return index + 1;
}

struct Row {
  std::string name, before, after, mark;
};

void add_row(Table& table, const Row& row, bool both) {
  table.rows.push_back(both ? std::vector{row.name, row.before, row.after, row.mark}
                            : std::vector{row.name, row.before, row.mark});
}

}  // namespace

std::string limits_section(const Report& report, const TextStyle& style) {
  const bool both = report.after.has_value() && !report.limits_after.empty();
  const std::vector<LimitBar>& limits = both ? report.limits_after : report.limits_before;
  if (limits.empty()) return "";
  Table table{.alignment = "llll", .flexible = 0, .rows = {}};
  const auto percent = [](const LimitBar& limit) {
    return format_percent(static_cast<double>(limit.used), static_cast<double>(limit.limit));
  };
  for (const LimitBar& limit : limits) {
    std::string use = (limit.estimated ? "about " : "") + format_bytes(limit.used) + " of " + format_bytes(limit.limit);
    if (limit.used > limit.limit) use += " (" + format_bytes(limit.used - limit.limit) + " over)";
    std::string share = percent(limit);
    const auto before = std::ranges::find(report.limits_before, limit.name, &LimitBar::name);
    if (both && before != report.limits_before.end() && before->used != limit.used) {
      share = percent(*before) + " → " + share;
    }
    table.rows.push_back({limit.name, bar(limit.used, limit.limit, kBarColumns), share, use});
  }
  return heading(style, "Lambda's limits") + lay_out_table(table, style);
}

std::string cold_start_section(const Report& report, const TextStyle& style) {
  const ColdStart& before = report.cold_before;
  if (before.phases.empty()) return "";
  const ColdStart* after = report.cold_after ? &*report.cold_after : nullptr;
  Table table{.alignment = after != nullptr ? "llll" : "lll", .flexible = 0, .rows = {}, .titled = true};
  add_row(table, {"phase", after != nullptr ? "before" : "now", "after", ""}, after != nullptr);
  std::vector<std::string> sources;
  const auto add_phase = [&](const Phase& phase, const Phase* was, const Phase* is) {
    const std::size_t number = number_of(sources, phase.source);
    add_row(table,
            {phase.name, was != nullptr ? ms_range(was->ms) : "", is != nullptr ? ms_range(is->ms) : "",
             number == 0 ? "" : fmt::format("[{}]", number)},
            after != nullptr);
  };
  for (const Phase& phase : before.phases) {
    add_phase(phase, &phase, after != nullptr ? find_phase(*after, phase.name) : nullptr);
  }
  if (after != nullptr) {
    for (const Phase& phase : after->phases) {
      if (find_phase(before, phase.name) == nullptr) add_phase(phase, nullptr, &phase);
    }
  }
  const auto total = [&](std::string name, const Range ColdStart::* field, std::string (*text)(const Range&)) {
    add_row(table, {std::move(name), text(before.*field), after != nullptr ? text(after->*field) : "", ""},
            after != nullptr);
  };
  total("total", &ColdStart::total_ms, ms_range);
  total("billed as INIT", &ColdStart::billed_init_ms, ms_range);
  total("cost per million", &ColdStart::dollars_per_million, dollar_range);
  const auto width = static_cast<std::size_t>(style.width);
  std::string out = heading(style, fmt::format("Cold start with {} MB of memory",
                                               format_count(static_cast<std::uint64_t>(before.memory_mb))));
  out += wrap_text("A model, not a measurement: typical values, with the range in which most functions lie.", width, 2);
  out += lay_out_table(table, style);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    out += wrap_text(fmt::format("[{}] {}", i + 1, printable(sources[i])), width, 2);
  }
  return out;
}

}  // namespace lambdapack
