// Collects what the stages found into one Report; see pipeline_report.h. Decides nothing.
#include "pipeline_report.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "elf/elf_format.h"
#include "elf/strip_elf.h"
#include "package/debug_bundle.h"
#include "pipeline_layers.h"

namespace lambdapack {
namespace {

constexpr std::size_t kLargest = 15;

ColdStartInput cold_start_input(const Package& package, const Examined& examined, const PackageSize& size) {
  ColdStartInput input;
  input.zip_bytes = size.zip_bytes;
  input.unpacked_bytes = size.unpacked_bytes;
  // Of a layer, only what something is known to need: which of its modules the function imports is not.
  std::set<std::size_t> needed;
  for (const Edge& edge : examined.links.edges)
    if (edge.target) needed.insert(*edge.target);
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    if (is_layer_file(package.files[i].path) && !needed.contains(i)) continue;
    const auto& elf = examined.inventory.files[i].elf;
    const ReachKind kind = examined.reach.steps[i].kind;
    if (!elf || examined.reach.foreign[i] || kind == ReachKind::none) continue;
    for (const ElfSegment& segment : elf->segments) {
      if (segment.type == elf_format::kPtLoad)
        input.touched_bytes += std::min(segment.file_size, package.files[i].size());
    }
    if (elf->type == ElfType::shared && !elf->is_executable()) ++input.libraries;
  }
  return input;
}

std::vector<RuleSaving> savings_of(const Rules& rules, const std::vector<FileDecision>& decisions) {
  std::map<std::pair<std::string, bool>, RuleSaving> by_rule;
  for (const FileDecision& decision : decisions) {
    if (decision.action == "keep") continue;
    RuleSaving& saving = by_rule[{decision.rule, decision.applied}];
    if (saving.files == 0) {
      const Rule* rule = rules.find(decision.rule);
      saving.rule = decision.rule;
      saving.title = rule != nullptr ? rule->title : decision.rule;
      saving.confidence = decision.confidence;
      saving.applied = decision.applied;
      saving.option = decision.option;
    }
    ++saving.files;
    saving.bytes += decision.saved;
  }
  std::vector<RuleSaving> savings;
  for (auto& [key, saving] : by_rule) savings.push_back(std::move(saving));
  std::ranges::sort(savings, [](const RuleSaving& a, const RuleSaving& b) {
    return std::tuple(!a.applied, b.bytes, a.rule) < std::tuple(!b.applied, a.bytes, b.rule);
  });
  return savings;
}

void add_decisions(const Package& package, const Plan& plan, Report& report) {
  std::vector<FileDecision> staying;
  for (const Decision& decision : plan.decisions) {
    const PackageFile& file = package.files[decision.file];
    if (is_layer_file(file.path)) continue;
    FileDecision line{file.path,
                      std::string(to_string(decision.action)),
                      decision.rule,
                      decision.reason,
                      std::string(to_string(decision.confidence)),
                      file.size(),
                      decision.saved,
                      decision.applied};
    if (decision.action != Action::keep || !decision.reason.empty()) report.decisions.push_back(line);
    if (!decision.drop_needed.empty() && !decision.sections_stay)
      report.decisions.push_back({file.path, "strip", "drop-needed-entry",
                                  needed_text({decision.file, decision.drop_needed}),
                                  std::string(to_string(Confidence::possible)), file.size(), 0, true});
    if (decision.waiting) {
      const Waiting& waiting = *decision.waiting;
      report.decisions.push_back({file.path, "drop", waiting.rule, waiting.reason,
                                  std::string(to_string(waiting.confidence)), file.size(), waiting.saved, false,
                                  waiting.option});
    }
    const bool gone = decision.applied && (decision.action == Action::drop || decision.action == Action::link);
    if (!gone && file.kind == FileKind::regular) staying.push_back(std::move(line));
  }
  std::ranges::sort(staying, [](const FileDecision& a, const FileDecision& b) {
    const auto left = [](const FileDecision& file) { return file.size - (file.applied ? file.saved : 0); };
    return left(a) != left(b) ? left(a) > left(b) : a.path < b.path;
  });
  staying.resize(std::min(staying.size(), kLargest));
  report.largest = std::move(staying);
}

void add_sdks(const Package& package, const std::vector<SdkSet>& sdk_sets, const Plan& plan, Report& report) {
  for (const SdkSet& sdk : sdk_sets) {
    SdkLine line{sdk.name, sdk.reason, 0, false, {}};
    for (const std::size_t file : sdk.files) {
      line.bytes += package.files[file].size();
      line.dropped |= plan.decisions[file].rule == "drop-runtime-sdk";
    }
    if (!line.dropped && sdk.droppable) line.reason = "kept: asked for, or part of it is kept";
    for (const SdkMember& member : sdk.members) {
      line.members.push_back(member.provided.empty()
                                 ? fmt::format("{} {}", member.name, member.shipped)
                                 : fmt::format("{} {} (runtime has {})", member.name, member.shipped, member.provided));
    }
    report.sdks.push_back(std::move(line));
  }
}

std::vector<LimitBar> limit_bars(const Frame& frame, const PackageSize& size) {
  const Limits& limits = frame.rules.limits;
  return {{"unzipped, function and layers", size.unpacked_bytes + frame.layers.bytes, limits.unzipped, false},
          {"zip, direct upload", size.zip_bytes, limits.zip_direct_upload, size.zip_error > 0}};
}

std::vector<FileLine> file_lines(const Package& package, const LanguageView& languages) {
  std::vector<FileLine> lines;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const PackageFile& file = package.files[i];
    if (is_layer_file(file.path) || file.kind == FileKind::directory) continue;
    FileLine line{file.path, {}, {}, file.size()};
    if (const auto d = languages.distribution_of[i]) {
      line.owner = "pypi:" + languages.distributions[*d].name;
      line.owner_version = languages.distributions[*d].version;
    } else if (const auto n = languages.node_package_of[i]) {
      line.owner = "npm:" + languages.node_packages[*n].name;
      line.owner_version = languages.node_packages[*n].version;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string language_of(const ElfInfo& elf, std::string_view path) {
  if (elf.is_go) return "Go";
  if (elf.is_rust) return "Rust";
  if (path.ends_with(".node")) return "Node addon";
  if (std::ranges::any_of(elf.entry_points, [](const std::string& name) { return name.starts_with("PyInit_"); }))
    return "Python extension";
  return "";
}

std::string type_name(const ElfInfo& elf) {
  switch (elf.type) {
    case ElfType::executable: return "executable";
    case ElfType::shared: return elf.is_executable() ? "executable (PIE)" : "shared object";
    case ElfType::relocatable: return "relocatable";
    case ElfType::core: return "core dump";
    default: return "other";
  }
}

std::vector<OpenedLibrary> opens_of(const Package& package, const Examined& examined, std::size_t file) {
  std::vector<OpenedLibrary> libraries;
  const auto& opens = examined.links.opens;
  for (auto opened = std::ranges::lower_bound(opens, file, {}, &OpenedName::from);
       opened != opens.end() && opened->from == file; ++opened) {
    const DlopenNote& note = examined.inventory.files[file].elf->dlopen_notes[opened->note];
    libraries.push_back({opened->soname, note.priority, note.feature, std::string(to_string(opened->state)),
                         opened->target ? package.files[*opened->target].path : opened->outside});
  }
  return libraries;
}

// What cannot be read has no record; whoever needs the file says so.
std::optional<GoBuild> go_build_of(const PackageFile& file, const ElfInfo& elf) {
  if (!elf.is_go) return std::nullopt;
  const auto bytes = file.content.read();
  if (!bytes) return std::nullopt;
  auto build = read_go_build(*bytes, elf);
  file.content.release();
  return build;
}

std::optional<std::vector<RustCrate>> crates_of(const PackageFile& file, const ElfInfo& elf) {
  auto crates = read_rust_crates(file.content, elf);
  return crates ? *std::move(crates) : std::nullopt;
}

void add_elf_files(const Package& package, const Examined& examined, Report& report) {
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const auto& elf = examined.inventory.files[i].elf;
    if (!elf || is_layer_file(package.files[i].path)) continue;
    const std::string& path = package.files[i].path;
    const ReachStep& step = examined.reach.steps[i];
    report.elf_files.push_back(
        {path, machine_name(elf->machine), type_name(*elf), elf->soname, elf->build_id, language_of(*elf, path),
         package.files[i].size(), elf->debug_bytes, elf->symtab_bytes, elf->needed, elf->rpath, elf->runpath,
         std::string(to_string(step.kind)), step.from ? package.files[*step.from].path : "", step.why,
         opens_of(package, examined, i), go_build_of(package.files[i], *elf), crates_of(package.files[i], *elf)});
  }
  for (const Edge& edge : examined.links.edges) {
    const bool in_layer = edge.target && is_layer_file(package.files[*edge.target].path);
    report.edges.push_back({package.files[edge.from].path, edge.needed,
                            in_layer && edge.state == EdgeState::bundled ? "layer" : std::string(to_string(edge.state)),
                            std::string(to_string(edge.how)),
                            edge.target ? package.files[*edge.target].path : edge.outside});
  }
}

TemplateReport template_report(const CommandLine& command_line) {
  const TemplateFunction& function = *command_line.from_template;
  TemplateReport report{command_line.template_file, function.name, {}, {}, {}};
  for (const std::string& layer : function.layers)
    if (std::ranges::find(command_line.layers, layer) != command_line.layers.end()) report.layers.push_back(layer);
  for (const auto& [name, value] : function.variables)
    if (command_line.env.at(name) == value) report.variables.push_back(name);
  for (const UnknownProperty& each : function.unknown) report.unknown.push_back({each.name, each.why});
  for (const std::string& name : function.unknown_variables)
    report.unknown.push_back({"variable " + name, "it is known only at deployment"});
  return report;
}

std::string with_version(const Bindings& bindings, const BoundSymbol& symbol) {
  std::string name(bindings.text(symbol.name));
  if (symbol.version != 0) name.append("@").append(bindings.text(symbol.version));
  return name;
}

void add_symbols(const Package& package, const Examined& examined, Report& report) {
  const auto paths = [&](const std::vector<std::size_t>& files) {
    std::vector<std::string> names;
    for (const std::size_t file : files) names.push_back(package.files[file].path);
    return names;
  };
  for (const FileBindings& file : examined.bindings.files) {
    SymbolSummary summary;
    summary.path = package.files[file.file].path;
    for (const BoundSymbol& symbol : file.symbols) {
      switch (symbol.to) {
        case BoundTo::file: ++summary.from_package; break;
        case BoundTo::outside: ++summary.outside; break;
        case BoundTo::unknown: ++summary.unknown; break;
        case BoundTo::weak: summary.weak_null.push_back(with_version(examined.bindings, symbol)); break;
        case BoundTo::nothing: summary.unresolved.push_back(with_version(examined.bindings, symbol)); break;
      }
    }
    for (auto* names : {&summary.weak_null, &summary.unresolved}) {
      std::ranges::sort(*names);
      const auto repeated = std::ranges::unique(*names);
      names->erase(repeated.begin(), repeated.end());
    }
    report.symbols.push_back(std::move(summary));
  }
  for (const IdleLibrary& idle : examined.idle)
    report.idle_libraries.push_back(
        {package.files[idle.file].path, paths(idle.needed_by), paths(idle.drags_in), idle.bytes, idle.entries_stay});
  std::ranges::sort(report.idle_libraries, [](const IdleLine& a, const IdleLine& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.path < b.path;
  });
}

}  // namespace

Report make_report(const Frame& frame, const Package& package, const Examined& examined,
                   const std::vector<SdkSet>& sdk_sets, const Plan& plan, const Package* after_package,
                   const Examined* after, const Sizes& sizes) {
  const CommandLine& command_line = frame.command_line;
  Report report;
  report.command = command_line.command == Command::pack ? "pack" : "analyze";
  report.source = package.source;
  report.input_kind = to_string(package.kind);
  report.dry_run = command_line.dry_run;
  if (!command_line.dry_run) report.output = command_line.output;
  report.runtime = frame.target.runtime.id;
  report.runtime_from = frame.target.runtime_from;
  report.arch = to_string(frame.target.arch);
  report.arch_from = frame.target.arch_from;
  report.handlers = frame.target.handlers;
  report.handler_from = frame.target.handler_from;
  report.is_layer = frame.target.is_layer;
  report.layers = layer_lines(frame, package, examined.languages, plan);
  report.before = sizes.before;
  report.after = sizes.after;
  add_decisions(package, plan, report);
  report.savings = savings_of(frame.rules, report.decisions);
  add_sdks(package, sdk_sets, plan, report);
  for (const std::size_t opener : examined.reach.unknown_openers)
    report.unknown_openers.push_back(package.files[opener].path);
  report.waiting_bytes = examined.reach.waiting_bytes;
  report.findings = examined.findings;
  // Those about the zip's size, which is known only now.
  for (Finding& finding : check_limits(check_input(package, examined, frame, sizes.before.zip_bytes)))
    if (std::ranges::find(report.findings, finding) == report.findings.end())
      report.findings.push_back(std::move(finding));
  sort_findings(report.findings);
  report.limits_before = limit_bars(frame, sizes.before);
  report.cold_before = estimate_cold_start(cold_start_input(package, examined, sizes.before), frame.target.runtime,
                                           frame.rules, command_line.memory_mb);
  if (sizes.after) {
    report.limits_after = limit_bars(frame, *sizes.after);
    ColdStartInput input = after != nullptr ? cold_start_input(*after_package, *after, *sizes.after)
                                            : cold_start_input(package, examined, *sizes.after);
    report.cold_after = estimate_cold_start(input, frame.target.runtime, frame.rules, command_line.memory_mb);
  }
  if (command_line.from_template) report.from_template = template_report(command_line);
  report.files =
      after != nullptr ? file_lines(*after_package, after->languages) : file_lines(package, examined.languages);
  add_elf_files(package, examined, report);
  add_symbols(package, examined, report);
  report.versions = {"lambdapack " LAMBDAPACK_VERSION, zip_library_version(), strip_library_version()};
  return report;
}

void add_debug_out(const DebugBundleLine& line, const std::vector<Finding>& findings, Report& report) {
  report.debug_out = line;
  report.versions.push_back(archive_library_version());
  report.findings.insert(report.findings.end(), findings.begin(), findings.end());
  sort_findings(report.findings);
}

void add_bundle(const Bundle& bundle, Report& report) {
  BundleReport part{bundle.own_libc ? "own-libc" : "runtime-libc", bundle.reason, {}, bundle.missing};
  for (const BundledLibrary& library : bundle.libraries)
    part.libraries.push_back({library.path, library.from, library.needed_by, library.bytes});
  report.bundle = std::move(part);
}

}  // namespace lambdapack
