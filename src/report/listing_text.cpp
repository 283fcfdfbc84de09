// `lambdapack rules` and `lambdapack runtimes` for people: what the tool knows of the world, with sources, so that a
// surprising decision can be checked against its facts.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "base/units.h"
#include "report/render.h"
#include "report/text_layout.h"

namespace lambdapack {
namespace {

constexpr TextStyle kPlain{};
constexpr std::size_t kWidth = 100;

std::string field(std::string_view name, const std::string& value) {
  if (value.empty()) return "";
  const std::string lines = wrap_text(printable(value), kWidth, 19);
  return fmt::format("  {:<15}  {}", name, lines.substr(19));
}

std::string joined(const std::vector<std::string>& values, std::string_view separator = " ") {
  return fmt::format("{}", fmt::join(values, separator));
}

std::string dated(const std::string& date, const std::string& today) {
  if (date.empty()) return "not scheduled";
  return !today.empty() && date <= today ? date + " (past)" : date;
}

// One value when both architectures agree, else both.
std::string both(const std::string& x86_64, const std::string& arm64) {
  return x86_64 == arm64 ? x86_64 : x86_64 + " (x86_64), " + arm64 + " (arm64)";
}

std::string init_range(const Range& range) {
  return fmt::format("{} (p10 {}, p90 {})", format_ms(range.typical), format_ms(range.low), format_ms(range.high));
}

std::vector<std::string> missing_in(const std::vector<std::string>& from, const std::vector<std::string>& in) {
  std::vector<std::string> out;
  std::ranges::set_difference(from, in, std::back_inserter(out));
  return out;
}

// Both lists are sorted. What both have, then what only one has.
std::string both_lists(const std::string& title, const std::vector<std::string>& x86_64,
                       const std::vector<std::string>& arm64) {
  std::vector<std::string> common;
  std::ranges::set_intersection(x86_64, arm64, std::back_inserter(common));
  std::string out = heading(kPlain, fmt::format("{} ({})", title, common.size()));
  if (!common.empty()) out += wrap_text(printable(joined(common)), kWidth, 2);
  const auto only = [&](std::string_view name, const std::vector<std::string>& names) {
    if (!names.empty()) out += wrap_text(fmt::format("only {}: {}", name, printable(joined(names))), kWidth, 2);
  };
  only("x86_64", missing_in(x86_64, arm64));
  only("arm64", missing_in(arm64, x86_64));
  return out;
}

std::string ceiling_lines(const Runtime& runtime) {
  if (runtime.ceilings.empty()) return "";
  Table table{
      .alignment = "llll", .flexible = 3, .rows = {{"versions", "up to", "at first", "source"}}, .titled = true};
  for (const Ceiling& ceiling : runtime.ceilings) {
    table.rows.push_back({ceiling.prefix, ceiling.now, ceiling.floor == ceiling.now ? "same" : ceiling.floor,
                          printable(ceiling.source)});
  }
  return heading(kPlain, "Symbol versions its libraries define") + lay_out_table(table, kPlain);
}

// "/bin (187), /sbin (12)": hundreds of names help nobody; JSON has them.
std::string programs_by_folder(const Runtime& runtime) {
  std::map<std::string, std::size_t> counts;
  for (const std::string& program : runtime.programs) ++counts[program.substr(0, program.rfind('/'))];
  std::string out;
  for (const auto& [folder, count] : counts) out += fmt::format("{}{} ({})", out.empty() ? "" : ", ", folder, count);
  return out;
}

std::vector<std::string> package_names(const Runtime& runtime) {
  std::vector<std::string> names;
  for (const LanguagePackage& package : runtime.packages) {
    names.push_back(package.version.empty() ? package.name : package.name + "=" + package.version);
  }
  std::ranges::sort(names);
  return names;
}

std::string library_lines(const Runtime& x86_64, const Runtime& arm64) {
  std::vector<std::string> folders;
  for (const auto& [folder, names] : x86_64.libraries) folders.push_back(folder);
  for (const auto& [folder, names] : arm64.libraries) {
    if (!x86_64.libraries.contains(folder)) folders.push_back(folder);
  }
  std::ranges::sort(folders);
  const auto names_in = [](const Runtime& runtime, const std::string& folder) {
    const auto found = runtime.libraries.find(folder);
    return found == runtime.libraries.end() ? std::vector<std::string>{} : found->second;
  };
  std::string out;
  for (const std::string& folder : folders) {
    out += both_lists("Libraries in " + folder, names_in(x86_64, folder), names_in(arm64, folder));
  }
  return out;
}

bool decides(RuleKind kind) {
  return kind == RuleKind::drop || kind == RuleKind::unread || kind == RuleKind::built_in;
}

std::string_view purpose(RuleKind kind) {
  switch (kind) {
    case RuleKind::drop: return "drops files that match";
    case RuleKind::unread: return "drops files of installed packages that match and that no code reads";
    case RuleKind::keep: return "keeps files that match, whatever other rules say";
    case RuleKind::opener: return "says what a library opens while it runs";
    case RuleKind::plugin_entry: return "exported names that mark a plugin";
    case RuleKind::built_in: return "decided by the program";
  }
  return "";
}

}  // namespace

Result<std::string> render_runtimes_text(const Rules& rules, const std::string& today) {
  Table table{.alignment = "llllll",
              .flexible = 3,
              .rows = {{"runtime", "system", "glibc", "architectures", "deprecation", "init, median x86_64 / arm64"}},
              .titled = true};
  for (const std::string& id : rules.runtime_ids) {
    LP_TRY(const Runtime x86_64, rules.runtime(id, Arch::x86_64));
    LP_TRY(const Runtime arm64, rules.runtime(id, Arch::arm64));
    const auto median = [](const Range& range) {
      return range.typical > 0 ? format_ms(range.typical) : std::string("?");
    };
    table.rows.push_back({x86_64.id, x86_64.os, x86_64.glibc, "x86_64, arm64", dated(x86_64.deprecation, today),
                          median(x86_64.init_ms) + " / " + median(arm64.init_ms)});
  }
  return lay_out_table(table, kPlain) +
         "\n  lambdapack runtimes NAME shows one in full: libraries, versions, packages, sources\n";
}

Result<std::string> render_runtime_text(const Runtime& x86_64, const Runtime& arm64) {
  if (x86_64.id != arm64.id) return fail(x86_64.id, "is not the same runtime as " + arm64.id);
  std::string out = x86_64.id + "\n";
  out += field("system", x86_64.os + ", glibc " + both(x86_64.glibc, arm64.glibc));
  out += field("released", x86_64.released);
  out += field("deprecation", dated(x86_64.deprecation, ""));
  out += field("updates blocked", dated(x86_64.block_update, ""));
  out += field("init, x86_64", init_range(x86_64.init_ms));
  out += field("init, arm64", init_range(arm64.init_ms));
  out += field("wheels up to", x86_64.manylinux.empty() ? "" : "manylinux_" + x86_64.manylinux);
  out += field("python", x86_64.python_tag);
  out += field("node modules",
               x86_64.node_module_version == 0 ? "" : fmt::format("version {}", x86_64.node_module_version));
  out += field("loader", both(x86_64.loader, arm64.loader));
  out += field("library path", both(joined(x86_64.library_path, ":"), joined(arm64.library_path, ":")));
  out += field("program path", both(joined(x86_64.program_path, ":"), joined(arm64.program_path, ":")));
  out += field("loaded already", both(joined(x86_64.preloaded), joined(arm64.preloaded)));
  out += field("programs", both(programs_by_folder(x86_64), programs_by_folder(arm64)));
  out += field("as of", x86_64.as_of);
  out += field("source", x86_64.source);
  out += ceiling_lines(x86_64) + library_lines(x86_64, arm64);
  if (!x86_64.packages.empty() || !arm64.packages.empty()) {
    out += both_lists("Language packages", package_names(x86_64), package_names(arm64));
  }
  return out;
}

std::string render_rules_text(const Rules& rules) {
  Table table{.alignment = "lll", .flexible = 2, .rows = {{"rule", "sure", "what"}}, .titled = true};
  for (const Rule& rule : rules.rules) {
    table.rows.push_back({rule.id, decides(rule.kind) ? std::string(to_string(rule.confidence)) : "",
                          printable(rule.title) + (rule.enabled ? "" : " (disabled)")});
  }
  std::string out = lay_out_table(table, kPlain);
  out += "\n  lambdapack rules ID shows one in full; --rules DIR adds rules or replaces them by id\n";
  return out;
}

std::string render_rule_text(const Rule& rule) {
  std::string out = rule.id + "\n";
  out += field("what", rule.title);
  out += field("kind", std::string(purpose(rule.kind)) + (rule.enabled ? "" : "; disabled"));
  if (decides(rule.kind)) out += field("sure", std::string(to_string(rule.confidence)));
  out += field("why", rule.why);
  out += field("source", rule.source);
  out += field("paths", joined(rule.paths));
  out += field("except", joined(rule.except));
  out += field("runtimes", joined(rule.runtimes));
  out += field("words", joined(rule.words));
  out += field("words anywhere", joined(rule.words_anywhere));
  out += field("opens", joined(rule.opens));
  out += field("symbols", joined(rule.symbols));
  for (const RuleExample& example : rule.examples) {
    out += field(example.matches ? "matches" : "does not match", example.path);
  }
  return out;
}

}  // namespace lambdapack
