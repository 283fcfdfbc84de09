// Checks of ELF files: can the function's loader load them, and does it find what they need. Versions:
// check_versions.cpp.
#include <algorithm>

#include <fmt/format.h>

#include "links/file_view.h"
#include "plan/check_package.h"

namespace lambdapack {
namespace {

std::string rebuild_hint(Arch arch) {
  if (arch == Arch::arm64)
    return "bundle the arm64 build of it (pip --platform manylinux2014_aarch64, npm --cpu=arm64, or a cross build), or "
           "pass --arch x86_64";
  return "bundle the x86_64 build of it (pip --platform manylinux2014_x86_64, npm --cpu=x64), or pass --arch arm64";
}

}  // namespace

Severity severity_of(const CheckInput& input, std::size_t file) {
  return input.reach.reached(file) ? Severity::error : Severity::warning;
}

bool is_bundled(const CheckInput& input, std::string_view library) {
  return std::ranges::any_of(input.package.files, [&](const PackageFile& file) {
    return file.kind != FileKind::directory && file_name_of(file.path) == library;
  });
}

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
    if (!input.inventory.files[i].elf->is64) finding.help = "Lambda runs 64-bit code only: " + finding.help;
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
      if (const std::string& doubt = input.target.search_path_doubt;
          !doubt.empty() && is_bundled(input, file_name_of(edge.needed))) {
        finding.severity = Severity::warning;
        finding.message += "; but " + doubt;
      }
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

}  // namespace lambdapack
