// One decision per file, in order of precedence; see plan.h. What is found out elsewhere (reach, foreign binaries, SDK
// sets) is only turned into decisions here, so that all of "why is this file gone" stands on one page.
#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/glob.h"
#include "elf/drop_section_headers.h"
#include "elf/strip_elf.h"
#include "languages/package_paths.h"
#include "plan/alias_sets.h"
#include "plan/plan.h"
#include "plan/roots.h"
#include "rules/rule_finder.h"

namespace lambdapack {
namespace {

constexpr const char* kDropJarNatives = "drop-jar-natives";
constexpr const char* kStoreJar = "store-jar";

class Planner {
 public:
  Planner(const PlanInput& input, const PlanOptions& options) : input_(input), options_(options) {
    plan_.decisions.resize(input.package.files.size());
    fixed_.resize(plan_.decisions.size());
    for (std::size_t i = 0; i < plan_.decisions.size(); ++i) {
      plan_.decisions[i].file = i;
      fixed_[i] = is_layer_file(file(i).path);
    }
  }

  Result<Plan> run() {
    keep_what_user_and_rules_say();
    drop_sdks();
    drop_other_platforms();
    drop_not_loadable();
    drop_unused();
    drop_layer_copies();
    drop_runtime_copies();
    drop_proposed();
    drop_by_rules();
    drop_companions();
    drop_links_to_dropped();
    LP_CHECK(link_aliases());
    rewrite();
    strip();
    drop_needed_entries();
    return std::move(plan_);
  }

 private:
  bool enabled(std::string_view rule) const { return is_enabled(input_.rules, options_, rule); }

  const PackageFile& file(std::size_t i) const { return input_.package.files[i]; }

  void keep(std::size_t i, std::string rule, std::string reason) {
    Decision& decision = plan_.decisions[i];
    decision.rule = std::move(rule);
    decision.reason = std::move(reason);
    decision.confidence = Confidence::proven;
    fixed_[i] = true;
  }

  // A drop that the level allows settles the file; one that it does not only waits, and the file goes on to links and
  // strip.
  void drop(std::size_t i, const std::string& rule, std::string reason, Confidence confidence) {
    if (fixed_[i] || !enabled(rule) || is_given_file(input_.package, i)) return;
    Decision& decision = plan_.decisions[i];
    const std::uint64_t saved = file(i).size();
    if (confidence > options_.level) {
      if (!decision.waiting) decision.waiting = Waiting{rule, std::move(reason), confidence, saved, {}};
      return;
    }
    decision.action = Action::drop;
    decision.rule = rule;
    decision.reason = std::move(reason);
    decision.confidence = confidence;
    decision.saved = saved;
    decision.waiting.reset();
    fixed_[i] = true;
  }

  void keep_what_user_and_rules_say() {
    for (const std::string& glob : options_.keep) {
      bool matched = false;
      for (std::size_t i = 0; i < plan_.decisions.size(); ++i) {
        if (is_layer_file(file(i).path) || !glob_match(glob, file(i).path)) continue;
        matched = true;
        if (!fixed_[i]) keep(i, "keep-user", fmt::format("--keep {}", glob));
      }
      if (!matched) plan_.unmatched_keeps.push_back(glob);
    }
    const RuleFinder keeps(input_.rules, RuleKind::keep, input_.target.runtime.family);
    for (std::size_t i = 0; i < plan_.decisions.size(); ++i) {
      for (const Rule* rule : keeps.find(file(i).path)) {
        if (!fixed_[i] && enabled(rule->id)) keep(i, rule->id, rule->why);
      }
    }
  }

  void drop_sdks() {
    if (!options_.drop_sdk || input_.target.is_layer) return;
    for (const SdkSet& sdk : input_.sdk_sets) {
      // A mixed set is what breaks, so one file that must stay keeps all of it.
      const bool part_stays = std::ranges::any_of(sdk.files, [&](std::size_t i) { return fixed_[i]; });
      if (!sdk.droppable || part_stays) continue;
      for (const std::size_t i : sdk.files) drop(i, "drop-runtime-sdk", sdk.reason, Confidence::likely);
    }
  }

  void drop_other_platforms() {
    for (std::size_t i = 0; i < plan_.decisions.size(); ++i) {
      if (const auto& foreign = input_.reach.foreign[i]; foreign && foreign->alternative) {
        if (foreign->sole || (foreign->wrong_machine && !input_.target.arch_is_sure())) continue;
        drop(i, "drop-other-platform", fmt::format("{}; {}", foreign->what, foreign->alternative_why),
             foreign->confidence);
        continue;
      }
      const auto owner = input_.languages.node_package_of[i];
      if (!owner) continue;
      const NodePackage& npm = input_.languages.node_packages[*owner];
      const std::string excluded = npm_excludes(npm, input_.target.arch);
      if (!excluded.empty() && (input_.target.arch_is_sure() || !excluded.starts_with("cpu ")))
        drop(i, "drop-other-platform", fmt::format("npm package {} is for {}", npm.name, excluded), Confidence::likely);
    }
  }

  void drop_unused() {
    for (const UnusedFile& unused : input_.reach.unused)
      drop(unused.file, unused.rule, unused.reason, unused.confidence);
  }

  void drop_not_loadable() {
    for (const NotLoadable& dead : input_.reach.not_loadable)
      drop(dead.file, "drop-not-loadable", dead.reason, dead.confidence);
  }

  void drop_layer_copies() {
    for (const LayerCopy& copy : input_.layer_copies) {
      if (fixed_[copy.file]) continue;
      drop(copy.file, "drop-layer-copy", copy.reason, copy.confidence);
      if (plan_.decisions[copy.file].action == Action::drop) plan_.decisions[copy.file].replaced_by = copy.layer_file;
    }
  }

  void drop_runtime_copies() {
    for (const RuntimeCopy& copy : input_.runtime_copies) {
      Decision& decision = plan_.decisions[copy.file];
      if (fixed_[copy.file]) continue;
      if (options_.prefer_runtime) {
        drop(copy.file, "prefer-runtime", copy.reason, copy.confidence);
        if (decision.action == Action::drop) decision.stand_in = copy.stand_in;
      } else if (enabled("prefer-runtime") && !decision.waiting) {
        decision.waiting =
            Waiting{"prefer-runtime", copy.reason, copy.confidence, file(copy.file).size(), "--prefer-runtime"};
      }
    }
  }

  void drop_proposed() {
    for (const ProposedDrop& proposed : input_.proposed)
      drop(proposed.file, proposed.rule, proposed.reason, proposed.confidence);
  }

  void drop_by_rules() {
    const RuleFinder drops(input_.rules, RuleKind::drop, input_.target.runtime.family);
    for (std::size_t i = 0; i < plan_.decisions.size(); ++i) {
      for (const Rule* rule : drops.find(file(i).path)) drop(i, rule->id, rule->why, rule->confidence);
    }
  }

  void drop_companions() {
    for (const Companion& companion : input_.companions) {
      const Decision& other = plan_.decisions[companion.of];
      if (other.action != Action::drop) continue;
      drop(companion.file, other.rule,
           fmt::format("of use only with {}, which goes", base_name(file(companion.of).path)), other.confidence);
    }
  }

  // A link whose file goes would dangle.
  void drop_links_to_dropped() {
    for (std::size_t i = 0; i < plan_.decisions.size(); ++i) {
      if (fixed_[i] || file(i).kind != FileKind::symlink) continue;
      const auto real = resolve_path(input_.package, file(i).path);
      if (!real || plan_.decisions[*real].action != Action::drop) continue;
      const Decision& target = plan_.decisions[*real];
      drop(i, target.rule, fmt::format("a link to {}, which goes", file(*real).path), target.confidence);
    }
  }

  Result<void> link_aliases() {
    if (!enabled("link-alias") || Confidence::likely > options_.level) return {};
    std::vector<std::size_t> libraries;
    for (std::size_t i = 0; i < plan_.decisions.size(); ++i) {
      if (!fixed_[i] && input_.inventory.files[i].elf) libraries.push_back(i);
    }
    LP_TRY(const auto sets, find_alias_sets(input_.package, libraries));
    for (const AliasSet& set : sets) {
      const std::string_view target = base_name(file(set.real).path);
      for (const std::size_t alias : set.aliases) {
        Decision& decision = plan_.decisions[alias];
        decision.action = Action::link;
        decision.rule = "link-alias";
        decision.reason = fmt::format("the same bytes as {} beside it", target);
        decision.link_target = std::string(target);
        decision.saved = file(alias).size();
        fixed_[alias] = true;
      }
    }
    return {};
  }

  // What the rules allow of a change to a jar; nothing when that is nothing.
  std::optional<JarChange> allowed_change(const JarChange& change) const {
    JarChange allowed = change;
    if (!enabled(kDropJarNatives)) allowed.left_out.clear();
    allowed.store = change.store && enabled(kStoreJar);
    return allowed.store || !allowed.left_out.empty() ? std::optional(std::move(allowed)) : std::nullopt;
  }

  void rewrite_jar(const ProposedRewrite& proposed, Decision& decision) const {
    auto change = allowed_change(*proposed.jar);
    if (!change || !sealed_by(proposed.file).empty()) return;
    decision.action = Action::rewrite;
    decision.rule = change->left_out.empty() ? kStoreJar : kDropJarNatives;
    decision.reason = change->left_out.empty() ? "stored, where that makes the zip smaller" : proposed.reason;
    decision.confidence = proposed.confidence;
    decision.applied = proposed.confidence <= options_.level;
    decision.saved = change->left_out.empty() ? 0 : proposed.saved;
    decision.jar = std::move(change);
  }

  void rewrite() {
    for (const ProposedRewrite& proposed : input_.rewrites) {
      if (fixed_[proposed.file] || is_given_file(input_.package, proposed.file)) continue;
      Decision& decision = plan_.decisions[proposed.file];
      if (proposed.jar) rewrite_jar(proposed, decision);
      if (proposed.jar || !enabled(proposed.rule)) continue;
      decision.action = Action::rewrite;
      decision.rule = proposed.rule;
      decision.reason = proposed.reason;
      decision.confidence = proposed.confidence;
      decision.applied = proposed.confidence <= options_.level;
      decision.head = proposed.head;
      fixed_[proposed.file] = true;
    }
  }

  // Libraries that check their own file, or that are checked by another: any change makes them refuse to work.
  std::string sealed_by(std::size_t i) const {
    const std::string& path = file(i).path;
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    const std::string name(base_name(path));
    const std::string stem = name.substr(0, name.find(".so"));
    for (const std::string& companion :
         {path + ".hmac", folder + "." + name + ".hmac", folder + "fipscheck/" + name + ".hmac", folder + stem + ".chk",
          path + ".sig", path + ".asc", path + ".minisig", path + ".sigstore"}) {
      if (input_.package.find(companion) != nullptr) return companion;
    }
    if (name.find("fips") != std::string::npos) return "a FIPS module's own integrity check";
    return {};
  }

  // A file that has nothing else to lose.
  static void drop_headers_only(const ElfInfo& elf, Decision& decision) {
    decision.action = Action::strip;
    decision.rule = "drop-section-headers";
    decision.reason = "section headers, which nothing at run time reads";
    decision.saved = elf.sections.size() * (elf.is64 ? 64 : 40);
    decision.confidence = Confidence::possible;
    decision.applied = true;
  }

  void strip() {
    for (std::size_t i = 0; i < plan_.decisions.size(); ++i) {
      const auto& elf = input_.inventory.files[i].elf;
      if (fixed_[i] || !elf || file(i).kind != FileKind::regular) continue;
      Decision& decision = plan_.decisions[i];
      const Holes holes = enabled("close-holes") ? Holes::close : Holes::keep;
      if (const std::string seal = sealed_by(i); !seal.empty() && enabled("keep-sealed")) {
        keep(i, "keep-sealed", "not stripped: its bytes are sealed by " + seal);
        continue;
      }
      const bool may_strip = options_.strip && enabled("strip");
      decision.may_move_segments = holes == Holes::close;
      decision.drop_headers = may_strip && options_.level == Confidence::possible && enabled("drop-section-headers") &&
                              can_drop_section_headers(*elf);
      if (const std::string reason = why_not_strip(*elf, holes); !reason.empty()) {
        decision.reason = reason == kAlreadyStripped ? reason : "not stripped: " + reason;
        if (decision.drop_headers) drop_headers_only(*elf, decision);
      } else if (!may_strip) {
        decision.reason = "not stripped: --no-strip";
      } else {
        strip(decision, *elf);
      }
    }
  }

  // Of files that are stripped, or that have nothing else to lose; what stays as it is was not asked for.
  void drop_needed_entries() {
    for (const DroppedNeeds& dropped : input_.dropped_needs) {
      Decision& decision = plan_.decisions[dropped.file];
      if (fixed_[dropped.file]) continue;
      decision.drop_needed = dropped.names;
      plan_.dropped_needs.push_back(dropped);
      if (decision.action == Action::strip && decision.applied) continue;
      decision.action = Action::strip;
      decision.rule = "drop-needed-entry";
      decision.reason = needed_text(dropped);
      decision.saved = 0;
      decision.confidence = Confidence::possible;
      decision.applied = true;
      decision.sections_stay = true;
    }
  }

  void strip(Decision& decision, const ElfInfo& elf) const {
    decision.action = Action::strip;
    decision.rule = "strip";
    decision.reason = what_strip_removes(elf);
    if (elf.is_rust) decision.reason += "; its own backtraces lose function names";
    decision.saved = elf.debug_bytes + elf.symtab_bytes;
    decision.confidence = Confidence::likely;
    decision.applied = Confidence::likely <= options_.level;
  }

  const PlanInput& input_;
  const PlanOptions& options_;
  Plan plan_;
  std::vector<bool> fixed_;  // settled: later rules leave the file alone
};

}  // namespace

bool is_enabled(const Rules& rules, const PlanOptions& options, std::string_view rule) {
  if (std::ranges::find(options.disabled_rules, rule) != options.disabled_rules.end()) return false;
  const Rule* known = rules.find(rule);
  return known == nullptr || known->enabled;
}

std::string_view to_string(Action action) {
  switch (action) {
    case Action::keep: return "keep";
    case Action::strip: return "strip";
    case Action::drop: return "drop";
    case Action::link: return "link";
    case Action::rewrite: return "rewrite";
  }
  return "keep";
}

std::string needed_text(const DroppedNeeds& dropped) {
  std::vector<std::string> names;
  for (const std::string& name : dropped.names) names.push_back(printable(name));
  return fmt::format("needs {}, of which nothing uses anything", fmt::join(names, ", "));
}

Result<Plan> make_plan(const PlanInput& input, const PlanOptions& options) {
  return Planner(input, options).run();
}

}  // namespace lambdapack
