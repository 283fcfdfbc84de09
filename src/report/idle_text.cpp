// Libraries that cost every cold start something and give nothing.
#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/units.h"
#include "report/text_layout.h"
#include "report/text_sections.h"

namespace lambdapack {
namespace {

constexpr std::size_t kShown = 10;

}  // namespace

std::string idle_section(const Report& report, const TextStyle& style) {
  if (report.idle_libraries.empty()) return "";
  Table table{.alignment = "rlll", .flexible = 1, .rows = {}};
  const std::size_t count = report.idle_libraries.size();
  const std::size_t shown = style.verbose || count <= kShown + 1 ? count : kShown;
  const auto going = std::ranges::count(report.idle_libraries, "", &IdleLine::entries_stay);
  for (std::size_t i = 0; i < shown; ++i) {
    const IdleLine& idle = report.idle_libraries[i];
    std::string by = "needed by " + printable(idle.needed_by.front());
    if (idle.needed_by.size() > 1) by += fmt::format(" and {} more", idle.needed_by.size() - 1);
    table.rows.push_back({format_bytes(idle.bytes), printable(idle.path),
                          idle.drags_in.empty() ? "" : "brings " + count_of(idle.drags_in.size(), "library"), by});
  }
  std::string out = heading(style, "Needed, but used by nothing") + lay_out_table(table, style);
  if (shown < count) out += fmt::format("    and {} more (-v shows all)\n", format_count(count - shown));
  std::string advice =
      "No symbol is bound to these libraries, and they run no code when they are loaded. Link with -Wl,--as-needed to "
      "be rid of them.";
  advice += fmt::format(" pack --aggressive takes out what needs {} of them; -v says why others stay.",
                        going == 0 ? "none" : format_count(static_cast<std::uint64_t>(going)));
  out += wrap_text(advice, static_cast<std::size_t>(style.width), 2);
  if (!style.verbose) return out;
  for (const IdleLine& idle : report.idle_libraries) {
    if (idle.entries_stay.empty()) continue;
    const std::string line = fmt::format("{} stays: {}", printable(idle.path), printable(idle.entries_stay));
    out += wrap_text(line, static_cast<std::size_t>(style.width), 2);
  }
  return out;
}

}  // namespace lambdapack
