// The function's layers, and for a layer: where it works.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/units.h"
#include "report/text_layout.h"
#include "report/text_sections.h"

namespace lambdapack {
namespace {

constexpr std::size_t kFewContents = 4;

std::string some_of(const std::vector<std::string>& words, bool all) {
  const std::size_t shown = all || words.size() <= kFewContents + 1 ? words.size() : kFewContents;
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) out += (i > 0 ? ", " : "") + printable(words[i]);
  if (shown < words.size()) out += fmt::format(" and {} more", words.size() - shown);
  return out;
}

// "python3.12 (x86_64), python3.13 (both)" of what fits, and with -v the others with their reason.
std::string fits_lines(const Report& report, const TextStyle& style) {
  if (report.layer_fits.empty()) return "";
  std::map<std::string, std::vector<std::string>> arches;
  std::vector<std::string> order;
  for (const LayerFit& fit : report.layer_fits) {
    if (!fit.obstacle.empty()) continue;
    if (!arches.contains(fit.runtime)) order.push_back(fit.runtime);
    arches[fit.runtime].push_back(fit.arch);
  }
  std::string text;
  for (const std::string& runtime : order)
    text += (text.empty() ? "" : ", ") + runtime +
            (arches[runtime].size() == 2 ? " (x86_64, arm64)" : " (" + arches[runtime].front() + ")");
  const auto width = static_cast<std::size_t>(style.width);
  std::string out = wrap_text("works on " + (text.empty() ? "none of the runtimes of its kind" : text), width, 2);
  std::size_t others = 0;
  for (const LayerFit& fit : report.layer_fits) {
    if (fit.obstacle.empty()) continue;
    ++others;
    if (style.verbose)
      out += wrap_text(fmt::format("not {} ({}): {}", fit.runtime, fit.arch, printable(fit.obstacle)), width, 4);
  }
  if (others > 0 && !style.verbose)
    out += fmt::format("  not on {} more combination{} of runtime and architecture (-v says why)\n", others,
                       others == 1 ? "" : "s");
  return out;
}

}  // namespace

std::string layers_section(const Report& report, const TextStyle& style) {
  std::string out = fits_lines(report, style);
  if (report.layers.empty()) return out;
  out += heading(style, "Layers, in order");
  Table table{.alignment = "lrll", .flexible = 3, .rows = {}};
  for (const LayerLine& layer : report.layers)
    table.rows.push_back({printable(layer.source), format_bytes(layer.bytes), layer.arch == "any" ? "" : layer.arch,
                          some_of(layer.brings, style.verbose)});
  out += lay_out_table(table, style);
  const auto width = static_cast<std::size_t>(style.width);
  for (const LayerLine& layer : report.layers) {
    if (layer.hidden > 0)
      out += wrap_text(
          fmt::format("A later layer replaces {} of {}.", count_of(layer.hidden, "file"), printable(layer.source)),
          width, 2);
    if (layer.copies > 0)
      out += wrap_text(
          fmt::format("{} of the function, {}, left to {}: a layer changes on its own, so pin its version.",
                      count_of(layer.copies, "file"), format_bytes(layer.copy_bytes), printable(layer.source)),
          width, 2);
  }
  return out;
}

}  // namespace lambdapack
