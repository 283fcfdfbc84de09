// The words of `lambdapack explain`; see explain.h.
#include "plan/explain.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/units.h"
#include "plan/check_bindings.h"
#include "plan/named_by.h"

namespace lambdapack {
namespace {

constexpr std::size_t kListed = 10;

std::string what_it_is(const PlanInput& input, std::size_t file) {
  const PackageFile& entry = input.package.files[file];
  if (entry.kind == FileKind::symlink) return fmt::format("a link to {}", printable(entry.link_target));
  if (entry.kind == FileKind::directory) return "an empty folder";
  const auto& elf = input.inventory.files[file].elf;
  if (!elf) return format_bytes(entry.size());
  return fmt::format("{}, ELF {}{}", format_bytes(entry.size()), machine_name(elf->machine),
                     elf->soname.empty() ? "" : ", soname " + elf->soname);
}

std::string what_happens(const Decision& decision) {
  if (decision.action == Action::keep) return decision.reason.empty() ? "kept" : "kept: " + decision.reason;
  std::string text =
      fmt::format("{} by rule {} ({}), {}: {}",
                  decision.action == Action::drop      ? "dropped"
                  : decision.action == Action::strip   ? "stripped"
                  : decision.action == Action::rewrite ? "rewritten"
                                                       : "replaced by a link",
                  decision.rule, to_string(decision.confidence), format_bytes(decision.saved), decision.reason);
  if (!decision.applied) text = "not at this level: " + text;
  return text;
}

void add_chain(const PlanInput& input, std::size_t file, std::vector<std::string>& lines) {
  std::vector<bool> seen(input.package.files.size());
  std::size_t at = file;
  while (!seen[at]) {
    seen[at] = true;
    const ReachStep& step = input.reach.steps[at];
    const std::string path = printable(input.package.files[at].path);
    if (step.kind == ReachKind::none) {
      lines.push_back(fmt::format("  {}: nothing reaches it", path));
      return;
    }
    if (!step.from) {
      lines.push_back(fmt::format("  {}: {}", path, step.why));
      return;
    }
    lines.push_back(fmt::format("  {}: reached from {}, which {}", path,
                                printable(input.package.files[*step.from].path), step.why));
    at = *step.from;
  }
}

// By what the distribution that a file belongs to is used.
void add_distribution(const PlanInput& input, std::size_t file, std::vector<std::string>& lines) {
  const auto owner = input.languages.distribution_of[file];
  if (!owner || input.distribution_evidence.empty()) return;
  const std::string& evidence = input.distribution_evidence[*owner];
  lines.push_back(fmt::format("  {} {}: {}", input.languages.distributions[*owner].name,
                              input.languages.distributions[*owner].version,
                              evidence.empty() ? "nothing that is kept imports, requires or names it" : evidence));
}

void add_edges(const PlanInput& input, std::size_t file, std::vector<std::string>& lines) {
  for (std::size_t e = input.links.first[file]; e < input.links.first[file + 1]; ++e) {
    const Edge& edge = input.links.edges[e];
    const std::string target = edge.target ? printable(input.package.files[*edge.target].path) : edge.outside;
    const bool in_layer = edge.state == EdgeState::bundled && is_layer_file(target);
    lines.push_back(fmt::format("  needs {}: {}{}{}", edge.needed,
                                in_layer ? "bundled in a layer" : to_string(edge.state),
                                target.empty() ? "" : ", " + target,
                                edge.how == FoundBy::none ? "" : fmt::format(" (by {})", to_string(edge.how))));
  }
  for (const Edge& edge : input.links.edges) {
    if (edge.target == file)
      lines.push_back(fmt::format("  needed by {} as {}", printable(input.package.files[edge.from].path), edge.needed));
    if (edge.shadows == file)
      lines.push_back(fmt::format("  {} needs {}, and gets {} instead", printable(input.package.files[edge.from].path),
                                  edge.needed, edge.outside));
  }
}

}  // namespace

Result<std::size_t> find_explained_file(const Package& package, const std::string& path) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    if (package.files[i].path == path) return i;
    if (package.files[i].path.ends_with("/" + path)) ends.push_back(i);
  }
  if (ends.size() == 1) return ends.front();
  if (ends.empty())
    return fail(path, "no such file in " + package.source, "give its path inside the package, as the report prints it");
  std::string which;
  for (std::size_t i = 0; i < std::min(ends.size(), kListed); ++i)
    which += (i > 0 ? ", " : "") + printable(package.files[ends[i]].path);
  return fail(path, fmt::format("{} files of {} have this name", ends.size(), package.source),
              "give the whole path: " + which);
}

Result<std::vector<std::string>> explain_file(const PlanInput& input, const Plan& plan, std::size_t file,
                                              const Bindings* bindings) {
  const Decision& decision = plan.decisions[file];
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{} ({})", printable(input.package.files[file].path), what_it_is(input, file)));
  lines.push_back(what_happens(decision));
  if (decision.waiting)
    lines.push_back(fmt::format("{} would drop it by rule {} ({}): {}",
                                decision.waiting->option.empty() ? "--aggressive" : decision.waiting->option,
                                decision.waiting->rule, to_string(decision.waiting->confidence),
                                decision.waiting->reason));
  if (const Rule* rule = input.rules.find(decision.rule); rule != nullptr) {
    lines.push_back(fmt::format("why the rule: {}", rule->why));
    lines.push_back(fmt::format("to keep it: --keep '{}'", printable(input.package.files[file].path)));
  }
  lines.emplace_back("reached by");
  add_chain(input, file, lines);
  add_distribution(input, file, lines);
  const std::size_t before = lines.size();
  add_edges(input, file, lines);
  LP_TRY(const auto names, named_by(input, file));
  for (const std::string& line : names) lines.push_back("  " + line);
  if (lines.size() > before) lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(before), "links");
  if (bindings == nullptr) return lines;
  const std::vector<std::string> symbols = explain_bindings(input.package, *bindings, file);
  if (!symbols.empty()) lines.emplace_back("symbols");
  for (const std::string& line : symbols) lines.push_back("  " + line);
  return lines;
}

}  // namespace lambdapack
