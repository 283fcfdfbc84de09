// Do the libraries exist that ELF files say they open while they run (.note.dlopen)? Nothing else in a package tells of
// them before the code that opens them runs.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "languages/package_paths.h"
#include "plan/check_package.h"

namespace lambdapack {
namespace {

// Names of all files and links of the package: a program may open its library by path, or find it loaded already.
std::set<std::string_view> names_in(const Package& package) {
  std::set<std::string_view> names;
  for (const PackageFile& file : package.files)
    if (file.kind != FileKind::directory) names.insert(base_name(file.path));
  return names;
}

bool is_found(EdgeState state) {
  return state != EdgeState::missing && state != EdgeState::fatal;
}

Finding missing_library(const CheckInput& input, std::size_t file, const DlopenNote& note) {
  const std::string sonames = fmt::format("{}", fmt::join(note.sonames, " or "));
  const bool required = note.priority == "required";
  Finding finding;
  finding.code = "dlopen-library-missing";
  finding.severity = required && input.reach.reached(file) ? Severity::warning : Severity::info;
  finding.path = input.package.files[file].path;
  finding.detail = sonames;
  finding.message =
      fmt::format("says that it opens {} while it runs ({}{}), which neither the package nor {} has", sonames,
                  note.priority, note.feature.empty() ? "" : " for " + note.feature, input.target.runtime.id);
  finding.help = required
                     ? fmt::format("put {} into lib/ of the package", note.sonames.front())
                     : fmt::format("put {} into lib/ of the package if the function uses that", note.sonames.front());
  return finding;
}

}  // namespace

std::vector<Finding> check_opens(const CheckInput& input) {
  std::vector<Finding> findings;
  const auto& opens = input.links.opens;
  if (opens.empty()) return findings;
  const std::set<std::string_view> names = names_in(input.package);
  for (std::size_t i = 0; i < opens.size();) {
    // Any one of a note's sonames will do.
    const std::size_t file = opens[i].from, note = opens[i].note;
    bool found = false;
    for (; i < opens.size() && opens[i].from == file && opens[i].note == note; ++i)
      found = found || is_found(opens[i].state) || names.contains(base_name(opens[i].soname));
    if (!found && !input.reach.foreign[file])
      findings.push_back(missing_library(input, file, input.inventory.files[file].elf->dlopen_notes[note]));
  }
  // Two notes may say the same.
  std::ranges::sort(findings);
  const auto repeats = std::ranges::unique(findings);
  findings.erase(repeats.begin(), repeats.end());
  return findings;
}

}  // namespace lambdapack
