// A complaint names a module, a package, a library or a file. Which files of the report could be it? Names are looked
// for wherever a package may lie ("", "python/", site-packages/), and the place nearest to the top counts, as it would
// for the interpreter. The answer is by rule, since a rule is what the user can switch off.

#include "report/explain_error.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "languages/node_modules.h"
#include "languages/package_paths.h"
#include "languages/python_metadata.h"

namespace lambdapack {
namespace {

constexpr std::size_t kKeptListed = 10;

struct Match {
  std::size_t depth = 0;  // where the name begins in the path; the smallest counts
  std::string unit;       // what to keep: the file, or the folder of a package with "/" behind
};

using Matcher = std::optional<Match> (*)(const Complaint&, std::string_view path);

// The first match that `accept(place, rest)` makes of the places where `name` begins as a whole part of the path; rest
// is what follows the name there.
template <class Accept>
std::optional<Match> match_name(std::string_view path, std::string_view name, const Accept& accept) {
  for (std::size_t at = path.find(name); at != std::string_view::npos; at = path.find(name, at + 1)) {
    if (at > 0 && path[at - 1] != '/') continue;
    if (std::optional<Match> match = accept(at, path.substr(at + name.size()))) return match;
  }
  return std::nullopt;
}

std::optional<Match> match_module(const Complaint& complaint, std::string_view path) {
  std::string name = complaint.name;
  std::ranges::replace(name, '.', '/');
  return match_name(path, name, [&](std::size_t at, std::string_view rest) -> std::optional<Match> {
    if (rest.starts_with("/")) return Match{at, std::string(path.substr(0, at + name.size() + 1))};
    const bool is_file = rest.ends_with(".py") || rest.ends_with(".pyc") || rest.ends_with(".so");
    if (!is_file || !rest.starts_with(".") || rest.contains('/')) return std::nullopt;
    return Match{at, std::string(path)};
  });
}

std::optional<Match> match_distribution(const Complaint& complaint, std::string_view path) {
  const std::size_t end = std::min(path.find(".dist-info/"), path.find(".egg-info/"));
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view folder = base_name(path.substr(0, end));
  if (normalise_distribution_name(folder.substr(0, folder.find('-'))) != normalise_distribution_name(complaint.name))
    return std::nullopt;
  return Match{end - folder.size(), std::string(path.substr(0, path.find('/', end) + 1))};
}

std::optional<Match> match_file(const Complaint& complaint, std::string_view path) {
  for (const std::string_view ending : {"", ".js", ".json", ".node", ".mjs", ".cjs", "/index.js"}) {
    if (path == complaint.name + std::string(ending)) return Match{0, std::string(path)};
  }
  if (path.starts_with(complaint.name + "/")) return Match{0, complaint.name + "/"};
  return std::nullopt;
}

std::optional<Match> match_npm(const Complaint& complaint, std::string_view path) {
  const std::string& name = complaint.name;
  if (name.starts_with("./") || name.starts_with("../")) {  // relative to the file that asks
    auto file = normalise_path(join_path(parent_folder(complaint.by), name));
    return file ? match_file({Sought::file, *std::move(file), {}, {}}, path) : std::nullopt;
  }
  const std::string_view package = package_of_specifier(name);
  if (package.empty()) return std::nullopt;
  const std::string folder = fmt::format("node_modules/{}/", package);
  return match_name(path, folder, [&](std::size_t at, std::string_view) {
    return std::optional(Match{at, std::string(path.substr(0, at + folder.size()))});
  });
}

// Also the provider of a version: the library that would have had it.
std::optional<Match> match_library(const Complaint& complaint, std::string_view path) {
  const std::string_view wanted =
      base_name(complaint.sought == Sought::symbol_version ? complaint.provider : complaint.name);
  if (wanted.empty() || base_name(path) != wanted) return std::nullopt;
  return Match{path.size() - wanted.size(), std::string(path)};
}

std::optional<Match> match_service(const Complaint& complaint, std::string_view path) {
  const std::string folder = "botocore/data/" + complaint.name.substr(0, complaint.name.find('/'));
  return match_name(path, folder, [&](std::size_t at, std::string_view rest) -> std::optional<Match> {
    if (rest.starts_with("/")) return Match{at, std::string(path.substr(0, at + folder.size() + 1))};
    return rest.starts_with(".") ? std::optional(Match{at, std::string(path)}) : std::nullopt;
  });
}

Matcher matcher_for(Sought sought) {
  switch (sought) {
    case Sought::python_module: return match_module;
    case Sought::python_distribution: return match_distribution;
    case Sought::npm_package: return match_npm;
    case Sought::aws_service: return match_service;
    case Sought::file: return match_file;
    case Sought::library:
    case Sought::symbol_version: return match_library;
    case Sought::symbol: break;  // no file has the name of a symbol
  }
  return nullptr;
}

using CauseKey = std::tuple<bool, std::string, std::string>;  // not applied, rule, reason

void find_causes(const Report& report, Explanation& explanation) {
  const Matcher matches = matcher_for(explanation.complaint.sought);
  if (matches == nullptr) return;
  std::vector<std::pair<const FileDecision*, Match>> gone;
  for (const FileDecision& decision : report.decisions) {
    if (decision.action != "drop") continue;
    if (auto match = matches(explanation.complaint, decision.path)) gone.emplace_back(&decision, *std::move(match));
  }
  std::size_t depth = std::string::npos;
  for (const auto& [decision, match] : gone) depth = std::min(depth, match.depth);
  std::map<CauseKey, RuleCause> causes;
  for (auto& [decision, match] : gone) {
    if (match.depth != depth && explanation.complaint.sought != Sought::library) continue;
    RuleCause& cause = causes[{!decision->applied, decision->rule, decision->reason}];
    cause.rule = decision->rule;
    cause.reason = decision->reason;
    cause.confidence = decision->confidence;
    cause.applied = decision->applied;
    cause.bytes += decision->saved;
    cause.paths.push_back(decision->path);
    if (std::ranges::find(cause.patterns, match.unit) == cause.patterns.end()) cause.patterns.push_back(match.unit);
  }
  for (auto& [key, cause] : causes) explanation.causes.push_back(std::move(cause));
  for (const FileLine& file : report.files) {
    if (explanation.kept.size() == kKeptListed) break;
    if (matches(explanation.complaint, file.path)) explanation.kept.push_back(file.path);
  }
}

bool concerns(const Finding& finding, const Complaint& complaint) {
  const bool names_it = finding.detail == complaint.name || finding.message.find(complaint.name) != std::string::npos;
  switch (complaint.sought) {
    case Sought::symbol_version:
      return names_it && (complaint.by.empty() || finding.path.empty() || finding.path == complaint.by);
    case Sought::library:
    case Sought::file: return finding.path == complaint.name || (names_it && complaint.name.size() > 3);
    default: return names_it && complaint.name.size() > 3;
  }
}

// The whole distribution comes back only with its dist-info, which lies beside its modules.
void add_metadata(const Report& report, RuleCause& cause, const Complaint& complaint) {
  if (complaint.sought != Sought::python_module || !cause.reason.size()) return;
  std::set<std::string> folders;
  for (const FileDecision& decision : report.decisions) {
    if (decision.action != "drop" || decision.rule != cause.rule || decision.reason != cause.reason) continue;
    const std::size_t end = std::min(decision.path.find(".dist-info/"), decision.path.find(".egg-info/"));
    if (end != std::string::npos) folders.insert(decision.path.substr(0, decision.path.find('/', end) + 1));
  }
  if (folders.size() == 1) cause.patterns.push_back(*folders.begin());
}

}  // namespace

std::vector<Explanation> explain_error(const Report& report, std::string_view error) {
  std::vector<Explanation> explanations;
  for (Complaint& complaint : read_error_text(error)) {
    Explanation explanation{std::move(complaint), {}, {}, {}};
    find_causes(report, explanation);
    for (RuleCause& cause : explanation.causes) add_metadata(report, cause, explanation.complaint);
    for (const Finding& finding : report.findings) {
      if (concerns(finding, explanation.complaint)) explanation.findings.push_back(finding);
    }
    explanations.push_back(std::move(explanation));
  }
  return explanations;
}

bool is_explained(const Explanation& explanation) {
  return !explanation.findings.empty() || std::ranges::any_of(explanation.causes, &RuleCause::applied);
}

}  // namespace lambdapack
