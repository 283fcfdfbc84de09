// Checks of ELF files: can the function's loader load them, and does it find what they need. Versions:
// check_versions.cpp.
#include <algorithm>

#include <fmt/format.h>

#include "links/file_view.h"
#include "plan/check_package.h"

namespace lambdapack {

Severity severity_of(const CheckInput& input, std::size_t file) {
  // Which of a layer's files this function uses is not known.
  if (is_layer_file(input.package.files[file].path)) return Severity::warning;
  return input.reach.reached(file) ? Severity::error : Severity::warning;
}

bool is_bundled(const CheckInput& input, std::string_view library) {
  return std::ranges::any_of(input.package.files, [&](const PackageFile& file) {
    return file.kind != FileKind::directory && file_name_of(file.path) == library;
  });
}

std::vector<Finding> check_links(const CheckInput& input) {
  std::vector<Finding> findings;
  const Arch other_arch = input.target.arch == Arch::arm64 ? Arch::x86_64 : Arch::arm64;
  std::optional<Result<Runtime>> other;  // read when something is missing
  for (const Edge& edge : input.links.edges) {
    if (input.reach.foreign[edge.from]) continue;
    const std::string& path = input.package.files[edge.from].path;
    if (edge.state == EdgeState::missing && !edge.optional) {
      Finding finding{"missing-library", severity_of(input, edge.from), path, edge.needed, {}, {}};
      finding.message =
          fmt::format("needs {}, which neither the package nor {} has", edge.needed, input.target.runtime.id);
      if (!other) other.emplace(input.rules.runtime(input.target.runtime.id, other_arch));
      if (*other && (*other)->folder_of(edge.needed))
        finding.message += fmt::format("; on {} the runtime has it", to_string(other_arch));
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
