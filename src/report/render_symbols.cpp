#include "report/render_symbols.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "report/json_text.h"

namespace lambdapack {
namespace {

using Json = nlohmann::ordered_json;

std::string place_of(const SourceFrame& frame) {
  if (frame.file.empty()) return {};
  std::string place = " at " + printable(frame.file);
  if (frame.line > 0) place += fmt::format(":{}", frame.line);
  if (frame.line > 0 && frame.column > 0) place += fmt::format(":{}", frame.column);
  return place;
}

std::string resolved_text(const ResolvedAddress& resolved) {
  if (resolved.frames.empty()) return fmt::format("    ?? ({})\n", printable(resolved.reason));
  std::string text;
  for (std::size_t i = 0; i < resolved.frames.size(); ++i) {
    const SourceFrame& frame = resolved.frames[i];
    // What stands above was inlined into this one: addr2line -i says it the same way.
    text += fmt::format("    {}{}{}\n", i == 0 ? "" : "(inlined by) ",
                        frame.function.empty() ? "??" : printable(frame.function), place_of(frame));
  }
  return text;
}

}  // namespace

std::string render_symbols_text(const std::vector<std::string_view>& lines,
                                const std::vector<ResolvedAddress>& addresses) {
  std::string text;
  auto next = addresses.begin();
  for (std::size_t line = 0; line < lines.size(); ++line) {
    text += lines[line];
    text += '\n';
    for (; next != addresses.end() && next->address.line == line; ++next) {
      if (!next->address.excerpt.empty()) text += fmt::format("  in: {}\n", printable(next->address.excerpt));
      text += resolved_text(*next);
    }
  }
  return text;
}

std::string render_symbols_json(const std::vector<ResolvedAddress>& addresses) {
  Json json;
  json["schema"] = "lambdapack-symbols/1";
  json["addresses"] = Json::array();
  for (const ResolvedAddress& resolved : addresses) {
    Json entry;
    entry["line"] = resolved.address.line + 1;
    entry["address"] = fmt::format("{:#x}", resolved.address.value);
    if (!resolved.address.excerpt.empty()) entry["excerpt"] = json_text(resolved.address.excerpt);
    entry["module"] = json_text(resolved.address.module);
    entry["path"] = resolved.path.empty() ? Json(nullptr) : Json(json_text(resolved.path));
    entry["linked_address"] =
        resolved.path.empty() ? Json(nullptr) : Json(fmt::format("{:#x}", resolved.linked_address));
    entry["reason"] = resolved.reason.empty() ? Json(nullptr) : Json(json_text(resolved.reason));
    entry["frames"] = Json::array();
    for (const SourceFrame& frame : resolved.frames) {
      Json one;
      one["function"] = frame.function.empty() ? Json(nullptr) : Json(json_text(frame.function));
      one["file"] = frame.file.empty() ? Json(nullptr) : Json(json_text(frame.file));
      one["line"] = frame.line;
      one["column"] = frame.column;
      entry["frames"].push_back(std::move(one));
    }
    json["addresses"].push_back(std::move(entry));
  }
  return json.dump(2) + "\n";
}

}  // namespace lambdapack
