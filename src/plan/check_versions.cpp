// Does every file find the symbol versions it needs in the library that the loader gives it?
//
// The loader asks by name (glibc elf/dl-version.c, match_symbol): a library that defines versions, but not this one,
// stops the load, unless the need is weak. A library that defines none at all is taken, with "no version information
// available" on standard error when a program starts and silently in dlopen. Then the lookup of a symbol with that
// version accepts any definition, but it asserts that the library has a version table (elf/dl-lookup.c, check_match):
// one that needs nothing versioned itself has none, and the loader aborts.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "links/file_view.h"
#include "package/layers.h"
#include "plan/check_package.h"
#include "plan/symbol_version.h"
#include "plan/version_misfit.h"

namespace lambdapack {
namespace {

constexpr std::size_t kSymbolsNamed = 3;
constexpr std::string_view kRelrVersion = "GLIBC_ABI_DT_RELR";

bool uses_version(const ElfInfo& elf, const std::string& version) {
  return std::ranges::any_of(elf.undefined_symbols,
                             [&](const std::string& symbol) { return symbol.ends_with("@" + version); });
}

// The versioned symbols of this version that the file imports: "memcpy, fstat and 3 more".
std::string symbols_with_version(const ElfInfo& elf, const std::string& version) {
  std::vector<std::string> names;
  const std::string suffix = "@" + version;
  for (const std::string& symbol : elf.undefined_symbols) {
    if (symbol.ends_with(suffix)) names.push_back(symbol.substr(0, symbol.size() - suffix.size()));
  }
  if (names.empty()) return {};
  const std::size_t more = names.size() > kSymbolsNamed ? names.size() - kSymbolsNamed : 0;
  names.resize(std::min(names.size(), kSymbolsNamed));
  std::string text = fmt::format("{}", fmt::join(names, ", "));
  if (more > 0) text += fmt::format(" and {} more", more);
  return text;
}

bool is_cxx_library(std::string_view version) {
  return version.starts_with("GLIBCXX") || version.starts_with("CXXABI");
}

class VersionCheck {
 public:
  explicit VersionCheck(const CheckInput& input) : input_(input), others_(input.rules, input.target, input.today) {}

  std::vector<Finding> run() {
    for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
      const auto& elf = input_.inventory.files[i].elf;
      if (!elf || input_.reach.foreign[i] || elf->versions_needed.empty()) continue;
      for (const Edge& edge : edges_of(input_.links, i)) {
        if (edge.state == EdgeState::bundled) check_bundled(edge, *elf);
        if (edge.state == EdgeState::runtime || edge.state == EdgeState::shadowed) check_runtime(edge, *elf);
      }
    }
    // Two edges of one need (loaders with different RPATHs) say the same thing twice.
    std::ranges::sort(findings_);
    const auto repeats = std::ranges::unique(findings_);
    findings_.erase(repeats.begin(), repeats.end());
    return std::move(findings_);
  }

 private:
  const std::string& path_of(const Edge& edge) const { return input_.package.files[edge.from].path; }
  const std::string& runtime_id() const { return input_.target.runtime.id; }

  Finding make(std::string code, Severity severity, const Edge& edge, const VersionNeed& need) const {
    return {std::move(code), severity, path_of(edge), need.version + " of " + need.library, {}, {}};
  }

  // "; the need is weak, so it loads with a warning"
  static void say_weak(const VersionNeed& need, Finding& finding) {
    if (need.weak) finding.message += "; the need is weak, so it loads with a warning";
  }

  // The package has a library of that name, and another order of folders might let it win.
  void say_doubt(Finding& finding) const {
    if (input_.reach.search_path_doubt.empty() || finding.severity != Severity::error) return;
    finding.severity = Severity::warning;
    finding.message += "; but " + input_.reach.search_path_doubt;
  }

  void check_runtime(const Edge& edge, const ElfInfo& elf) {
    std::vector<VersionNeed> untagged;
    for (const VersionNeed& need : elf.versions_needed) {
      if (need.library != edge.needed) continue;
      const VersionVerdict verdict = judge_version(need.version, edge.outside, input_.target.runtime);
      switch (verdict.state) {
        case VersionState::present:
          if (need.version == "GLIBC_PRIVATE" && input_.reach.reached(edge.from)) say_private(edge, elf, need);
          break;
        case VersionState::above_floor: say_above_floor(edge, elf, need, verdict); break;
        case VersionState::too_new:
          if (!say_shadowed(edge, elf, need)) say_too_new(edge, elf, need, verdict);
          break;
        case VersionState::untagged: untagged.push_back(need); break;
        case VersionState::unlisted:
          if (!say_shadowed(edge, elf, need)) say_unlisted(edge, elf, need);
          break;
        case VersionState::unknown: break;
      }
    }
    say_untagged(edge, untagged, edge.outside);
  }

  void say_private(const Edge& edge, const ElfInfo& elf, const VersionNeed& need) {
    Finding finding = make("glibc-private-symbols", Severity::warning, edge, need);
    finding.message = fmt::format("needs what {} of {} keeps private to its own build", need.library, runtime_id());
    if (const std::string symbols = symbols_with_version(elf, need.version); !symbols.empty())
      finding.message += fmt::format(" ({})", symbols);
    finding.help = "leave it out: it is a part of another C library, and the runtime has its own";
    findings_.push_back(std::move(finding));
  }

  void say_above_floor(const Edge& edge, const ElfInfo& elf, const VersionNeed& need, const VersionVerdict& verdict) {
    Finding finding = make("symbol-version-above-floor", Severity::warning, edge, need);
    finding.message =
        fmt::format("needs {} of {}, which {} has only since a later update", need.version, need.library, runtime_id());
    if (!verdict.ceiling.empty()) finding.message += fmt::format(" (first it had {})", verdict.ceiling);
    add_symbols(elf, need, finding);
    say_weak(need, finding);
    finding.help = ways_out(need, edge.outside);
    findings_.push_back(std::move(finding));
  }

  void say_too_new(const Edge& edge, const ElfInfo& elf, const VersionNeed& need, const VersionVerdict& verdict) {
    Finding finding =
        make("symbol-version-too-new", need.weak ? Severity::warning : severity_of(input_, edge.from), edge, need);
    finding.message = fmt::format("needs {} of {}, ", need.version, need.library);
    finding.message += verdict.ceiling.empty() ? fmt::format("which {} does not define", runtime_id())
                                               : fmt::format("{} has nothing above {}", runtime_id(), verdict.ceiling);
    if (edge.outside.starts_with("/var/lang/"))
      finding.message += fmt::format(" in {}, which comes before the system's", edge.outside);
    add_symbols(elf, need, finding);
    say_weak(need, finding);
    // The emulator's code (rapidcore/env, AgentExecEnv) gives an extension the function's variables, credentials and
    // region, and does not name LD_LIBRARY_PATH: without that it gets the system's copy, which may have it.
    const std::string system = "/lib64/" + edge.needed;
    if (is_extension(path_of(edge), input_.target.is_layer) && elf.is_executable() && edge.outside != system &&
        judge_version(need.version, system, input_.target.runtime).state != VersionState::too_new) {
      finding.severity = Severity::warning;
      finding.message += "; an extension may be started without that folder, and then it gets the system's";
    }
    if (!input_.target.search_path_doubt.empty() && is_bundled(input_, need.library)) say_doubt(finding);
    finding.help = ways_out(need, edge.outside);
    findings_.push_back(std::move(finding));
  }

  void say_unlisted(const Edge& edge, const ElfInfo& elf, const VersionNeed& need) {
    Finding finding = make("symbol-version-unlisted", Severity::warning, edge, need);
    finding.message = fmt::format("needs {} of {}, which is not among those that {} is known to define", need.version,
                                  need.library, edge.outside);
    add_symbols(elf, need, finding);
    say_weak(need, finding);
    finding.help = "try it on Lambda; or link that library statically, or bundle it under another soname";
    findings_.push_back(std::move(finding));
  }

  // The package has the library that the function was built for, and the loader passes it over. True when it is so.
  bool say_shadowed(const Edge& edge, const ElfInfo& elf, const VersionNeed& need) {
    if (!needs_shadowed(input_.inventory, edge, need, input_.target.runtime)) return false;
    const std::string& bundled = input_.package.files[*edge.shadows].path;
    Finding finding =
        make("shadowed-library-needed", need.weak ? Severity::warning : severity_of(input_, edge.from), edge, need);
    finding.message = fmt::format("needs {} of {}, which {} defines, but the loader takes {} before it", need.version,
                                  need.library, bundled, edge.outside);
    add_symbols(elf, need, finding);
    say_weak(need, finding);
    say_doubt(finding);
    const auto& loaded = input_.target.runtime.preloaded;
    const bool in_process = std::ranges::find(loaded, need.library) != loaded.end();
    finding.help =
        fmt::format("give {} another soname (patchelf --set-soname, and --replace-needed in what needs it)", bundled);
    if (!elf.is_executable() && in_process)
      finding.help += fmt::format(" or link it statically; an RPATH does not help, the runtime has {} loaded already",
                                  need.library);
    else
      finding.help += ", link it statically, or give what needs it an RPATH (not a RUNPATH) to its folder";
    findings_.push_back(std::move(finding));
    return true;
  }

  void say_untagged(const Edge& edge, const std::vector<VersionNeed>& needs, const std::string& provider) {
    if (needs.empty() || !input_.reach.reached(edge.from)) return;
    const VersionNeed& first = needs.front();
    Finding finding = make("symbol-version-untagged", Severity::info, edge, first);
    finding.message = fmt::format("needs {} of {}", first.version, first.library);
    if (needs.size() > 1) finding.message += fmt::format(" (and {} more)", needs.size() - 1);
    finding.message += fmt::format(", and {} defines no versions: it binds by name alone", provider);
    finding.help = "nothing, if it works; a program prints \"no version information available\" when it starts";
    findings_.push_back(std::move(finding));
  }

  void check_bundled(const Edge& edge, const ElfInfo& elf) {
    const MissingVersions missing = missing_versions(input_.inventory, edge);
    const std::string& provider = input_.package.files[*edge.target].path;
    const auto& library = input_.inventory.files[*edge.target].elf;
    std::vector<VersionNeed> untagged;
    for (const VersionNeed& need : missing.versions) {
      if (missing.untagged) {
        const bool has_version_table = !library->versions_needed.empty();
        if (has_version_table || !uses_version(elf, need.version))
          untagged.push_back(need);
        else
          say_no_table(edge, elf, need, provider);
        continue;
      }
      // The base definition bears the soname, and the loader compares that too; symbols it does not find so.
      if (need.version == library->soname && !uses_version(elf, need.version)) continue;
      Finding finding =
          make("symbol-version-missing", need.weak ? Severity::warning : severity_of(input_, edge.from), edge, need);
      finding.message =
          fmt::format("needs {} of {}, and the bundled {} does not define it", need.version, need.library, provider);
      add_symbols(elf, need, finding);
      say_weak(need, finding);
      finding.help = "bundle the version of the library that it was linked against";
      findings_.push_back(std::move(finding));
    }
    say_untagged(edge, untagged, provider);
  }

  void say_no_table(const Edge& edge, const ElfInfo& elf, const VersionNeed& need, const std::string& provider) {
    Finding finding = make("symbol-version-missing", severity_of(input_, edge.from), edge, need);
    finding.message = fmt::format("needs {} of {}, and {} has no version table at all, which the loader stops at",
                                  need.version, need.library, provider);
    add_symbols(elf, need, finding);
    finding.help = "bundle the version of the library that it was linked against";
    findings_.push_back(std::move(finding));
  }

  static void add_symbols(const ElfInfo& elf, const VersionNeed& need, Finding& finding) {
    if (const std::string symbols = symbols_with_version(elf, need.version); !symbols.empty())
      finding.message += fmt::format(" (for {})", symbols);
  }

  std::string ways_out(const VersionNeed& need, const std::string& provider) {
    const FunctionTarget& target = input_.target;
    std::string hint = target.runtime.os == "al2" ? "build on Amazon Linux 2 or with an older sysroot"
                                                  : "build on Amazon Linux 2023 or with an older sysroot";
    if (need.version == kRelrVersion) hint += ", or link with -Wl,-z,nopack-relative-relocs";
    if (is_cxx_library(need.version)) hint += ", or link with -static-libstdc++";
    if (target.runtime.family == "python")
      hint += fmt::format("; wheels up to manylinux_{} load", target.runtime.manylinux);
    if (const std::string others = others_.that_have(need, file_name_of(provider)); !others.empty())
      hint += fmt::format("; {} {} it", others, others.contains(',') ? "have" : "has");
    return hint;
  }

  const CheckInput& input_;
  OtherRuntimes others_;
  std::vector<Finding> findings_;
};

bool needs_relr_version(const ElfInfo& elf) {
  return std::ranges::any_of(elf.versions_needed, [](const VersionNeed& n) { return n.version == kRelrVersion; });
}

// Whether the loader of the function knows DT_RELR: glibc 2.36 and later. The package's own C library says so itself.
bool loader_knows_relr(const CheckInput& input) {
  if (!input.target.brings_libc) return compare_versions(input.target.runtime.glibc, "2.36") >= 0;
  bool has_glibc = false;
  for (const FileRecord& record : input.inventory.files) {
    if (!record.elf || record.elf->soname != "libc.so.6") continue;
    if (std::ranges::binary_search(record.elf->versions_defined, kRelrVersion)) return true;
    has_glibc = true;
  }
  return !has_glibc;  // musl has known it since 1.2.4
}

}  // namespace

std::vector<Finding> check_versions(const CheckInput& input) {
  return VersionCheck(input).run();
}

// DT_RELR holds relocations that an older loader does not see: it leaves them out, and the first use of a pointer that
// they would have set crashes. Linkers add a need of GLIBC_ABI_DT_RELR, so that such a loader refuses the file instead,
// and newer loaders insist on that (elf/dl-version.c of 2.36); some linkers and options leave it out.
std::vector<Finding> check_relr(const CheckInput& input) {
  std::vector<Finding> findings;
  std::optional<bool> known;
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const auto& elf = input.inventory.files[i].elf;
    if (!elf || !elf->has_dt_relr || elf->is_static || input.reach.foreign[i] || needs_relr_version(*elf)) continue;
    // The loader itself, and static-pie programs, relocate themselves.
    if (elf->needed.empty() && (elf->is_executable() || elf->soname.starts_with("ld-"))) continue;
    if (!known) known = loader_knows_relr(input);
    const bool needs_libc =
        std::ranges::any_of(elf->versions_needed, [](const VersionNeed& need) { return need.library == "libc.so.6"; });
    if (*known && !needs_libc) continue;
    Finding finding{*known ? "relative-relocations-refused" : "relative-relocations-ignored",
                    severity_of(input, i),
                    input.package.files[i].path,
                    "DT_RELR",
                    {},
                    "link it with -Wl,-z,nopack-relative-relocs (lld: --pack-dyn-relocs=none)"};
    finding.message =
        *known ? "has relocations in DT_RELR without needing GLIBC_ABI_DT_RELR, which the bundled loader refuses"
               : fmt::format("has relocations in DT_RELR, which the loader of {} (glibc {}) does not apply: it crashes",
                             input.target.runtime.id, input.target.runtime.glibc);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace lambdapack
