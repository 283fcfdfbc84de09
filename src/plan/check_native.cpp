// Checks of ELF files: can the function's loader load them, and does it find what they need with the versions they
// need.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "plan/check_package.h"
#include "plan/symbol_version.h"

namespace lambdapack {
namespace {

constexpr std::size_t kSymbolsNamed = 3;

std::string rebuild_hint(Arch arch) {
  if (arch == Arch::arm64)
    return "bundle the arm64 build of it (pip --platform manylinux2014_aarch64, npm --cpu=arm64, or a cross build), or "
           "pass --arch x86_64";
  return "bundle the x86_64 build of it (pip --platform manylinux2014_x86_64, npm --cpu=x64), or pass --arch arm64";
}

// Only files that something would load are errors; for the rest it is good to know.
Severity severity_of(const CheckInput& input, std::size_t file) {
  return input.reach.reached(file) ? Severity::error : Severity::warning;
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

std::string newer_runtime_hint(const CheckInput& input, const std::string& version) {
  const bool standard_library = version.starts_with("GLIBCXX") || version.starts_with("CXXABI");
  std::string hint = input.target.runtime.os == "al2"
                         ? "build on Amazon Linux 2 or with an older sysroot, or move to a runtime on Amazon Linux 2023"
                         : "build on Amazon Linux 2023 or with an older sysroot";
  if (standard_library) hint += ", or link with -static-libstdc++";
  if (input.target.runtime.family == "python")
    hint += fmt::format("; wheels up to manylinux_{} load", input.target.runtime.manylinux);
  return hint;
}

void check_runtime_versions(const CheckInput& input, std::size_t file, const ElfInfo& elf,
                            std::vector<Finding>& findings) {
  // Needs of libraries that the package itself supplies are met, or not, by the package: only the runtime's have
  // ceilings.
  std::set<std::string> from_runtime;
  for (std::size_t e = input.links.first[file]; e < input.links.first[file + 1]; ++e) {
    const Edge& edge = input.links.edges[e];
    if (edge.state == EdgeState::runtime || edge.state == EdgeState::shadowed) from_runtime.insert(edge.needed);
  }
  for (const VersionNeed& need : elf.versions_needed) {
    if (!from_runtime.contains(need.library)) continue;
    const VersionVerdict verdict = judge_version(need.version, input.target.runtime.ceilings);
    if (verdict.state != VersionState::too_new && verdict.state != VersionState::above_floor) continue;
    const bool too_new = verdict.state == VersionState::too_new;
    Finding finding;
    finding.code = too_new ? "symbol-version-too-new" : "symbol-version-above-floor";
    finding.severity = too_new && !need.weak ? severity_of(input, file) : Severity::warning;
    finding.path = input.package.files[file].path;
    finding.detail = need.version + " of " + need.library;
    const std::string symbols = symbols_with_version(elf, need.version);
    finding.message = too_new ? fmt::format("needs {} of {}, {} has nothing above {}", need.version, need.library,
                                            input.target.runtime.id, verdict.ceiling)
                              : fmt::format("needs {} of {}, which {} has only since a later update (first it had {})",
                                            need.version, need.library, input.target.runtime.id, verdict.ceiling);
    if (!symbols.empty()) finding.message += fmt::format(" (for {})", symbols);
    if (need.weak) finding.message += "; the need is weak, so it loads with a warning";
    finding.help = newer_runtime_hint(input, need.version);
    findings.push_back(std::move(finding));
  }
}

void check_bundled_versions(const CheckInput& input, const Edge& edge, const ElfInfo& elf,
                            std::vector<Finding>& findings) {
  const auto& provider = input.inventory.files[*edge.target].elf;
  if (!provider || provider->versions_defined.empty()) return;  // without definitions the loader binds by name alone
  for (const VersionNeed& need : elf.versions_needed) {
    if (need.library != edge.needed || std::ranges::binary_search(provider->versions_defined, need.version)) continue;
    Finding finding{"symbol-version-missing",
                    need.weak ? Severity::warning : severity_of(input, edge.from),
                    input.package.files[edge.from].path,
                    need.version + " of " + need.library,
                    {},
                    {}};
    finding.message = fmt::format("needs {} of {}, and the bundled {} does not define it", need.version, need.library,
                                  input.package.files[*edge.target].path);
    finding.help = "bundle the version of the library that it was linked against";
    findings.push_back(std::move(finding));
  }
}

}  // namespace

std::vector<Finding> check_machines(const CheckInput& input) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const auto& foreign = input.reach.foreign[i];
    if (!foreign || foreign->alternative || (!foreign->wrong_machine && !foreign->musl)) continue;
    Finding finding;
    finding.code = foreign->musl ? "musl-binary" : "wrong-machine";
    finding.severity = Severity::error;
    finding.path = input.package.files[i].path;
    finding.message = foreign->musl
                          ? foreign->what
                          : fmt::format("is {}, the function is {}", foreign->what, to_string(input.target.arch));
    finding.help = foreign->musl ? "bundle the glibc build of it (manylinux wheel, -gnu or glibc npm package)"
                                 : rebuild_hint(input.target.arch);
    findings.push_back(std::move(finding));
  }
  return findings;
}

std::vector<Finding> check_links(const CheckInput& input) {
  std::vector<Finding> findings;
  for (const Edge& edge : input.links.edges) {
    if (input.reach.foreign[edge.from]) continue;
    const std::string& path = input.package.files[edge.from].path;
    if (edge.state == EdgeState::missing && !edge.optional) {
      Finding finding{"missing-library", severity_of(input, edge.from), path, edge.needed, {}, {}};
      finding.message =
          fmt::format("needs {}, which neither the package nor {} has", edge.needed, input.target.runtime.id);
      if (!edge.skipped.empty()) finding.message += fmt::format(" ({} is for another machine)", edge.skipped.front());
      finding.help = fmt::format("put {} into lib/ of the package, or link it statically", edge.needed);
      findings.push_back(std::move(finding));
    } else if (edge.state == EdgeState::fatal) {
      Finding finding{"unloadable-library", severity_of(input, edge.from), path, edge.needed, {}, {}};
      const std::string candidate = edge.target ? input.package.files[*edge.target].path : edge.outside;
      finding.message =
          fmt::format("needs {}, and the loader stops at {}, which is no loadable ELF library", edge.needed, candidate);
      finding.help = "replace that file by the real library (a Git LFS pointer, a linker script or a truncated copy)";
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

std::vector<Finding> check_versions(const CheckInput& input) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const auto& elf = input.inventory.files[i].elf;
    if (!elf || input.reach.foreign[i] || elf->versions_needed.empty()) continue;
    check_runtime_versions(input, i, *elf, findings);
    for (std::size_t e = input.links.first[i]; e < input.links.first[i + 1]; ++e) {
      if (input.links.edges[e].state == EdgeState::bundled)
        check_bundled_versions(input, input.links.edges[e], *elf, findings);
    }
  }
  // Two edges of one need (loaders with different RPATHs) say the same thing twice.
  std::ranges::sort(findings);
  const auto repeats = std::ranges::unique(findings);
  findings.erase(repeats.begin(), repeats.end());
  return findings;
}

}  // namespace lambdapack
