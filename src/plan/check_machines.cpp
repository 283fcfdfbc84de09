// Native code for another machine, and what to install in its stead.
//
// One finding per distribution, npm package or jar, because that is what is installed anew: "numpy 2.1.0 is the x86_64
// build" says more than 19 lines with paths. Files that no package manager brought have one each.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "languages/package_paths.h"
#include "languages/python_extension.h"
#include "plan/check_package.h"
#include "plan/platform_build.h"

namespace lambdapack {
namespace {

// Files of one owner that are for another machine or C library.
struct Build {
  std::string path;  // of the finding
  std::string name, version;
  std::optional<std::size_t> distribution, npm;
  std::vector<std::size_t> files;
  bool musl = false, only_by_name = true;  // only_by_name: each lies under a name for its platform
};

// An extension module of another platform is what an import would have found; a prebuilt binary in a folder for a
// platform may be one of several ways to do the same.
bool is_named_only(const CheckInput& input, std::size_t file) {
  return input.reach.foreign[file]->sole && !parse_python_extension(base_name(input.package.files[file].path));
}

std::vector<Build> wrong_builds(const CheckInput& input) {
  std::map<std::pair<int, std::size_t>, Build> builds;
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const auto& foreign = input.reach.foreign[i];
    // What a layer has is judged as a whole: check_layers.
    if (!foreign || !foreign->is_wrong_build() || is_layer_file(input.package.files[i].path)) continue;
    std::optional<std::size_t> distribution, npm;
    if (i < input.languages.distribution_of.size()) distribution = input.languages.distribution_of[i];
    if (i < input.languages.node_package_of.size()) npm = input.languages.node_package_of[i];
    const auto key = distribution ? std::pair(0, *distribution) : npm ? std::pair(1, *npm) : std::pair(2, i);
    Build& build = builds[key];
    if (build.files.empty()) {
      build.path = input.package.files[i].path;
      build.musl = foreign->musl;
      build.distribution = distribution;
      build.npm = npm;
      if (distribution) {
        const Distribution& owner = input.languages.distributions[*distribution];
        std::tie(build.path, build.name, build.version) = std::tie(owner.info, owner.name, owner.version);
      } else if (npm) {
        const NodePackage& owner = input.languages.node_packages[*npm];
        std::tie(build.path, build.name, build.version) = std::tie(owner.folder, owner.name, owner.version);
      }
    }
    build.files.push_back(i);
    build.only_by_name = build.only_by_name && is_named_only(input, i);
  }
  std::vector<Build> list;
  for (auto& [key, build] : builds) list.push_back(std::move(build));
  return list;
}

std::string what_is_wrong(const CheckInput& input, const Build& build) {
  const ForeignBinary& foreign = *input.reach.foreign[build.files.front()];
  const std::string function = std::string(to_string(input.target.arch));
  if (build.name.empty())
    return build.musl ? foreign.what : fmt::format("is {}, the function is {}", foreign.what, function);
  const std::string what = build.files.size() == 1
                               ? fmt::format("its native file {} is", input.package.files[build.files.front()].path)
                               : fmt::format("its {} native files, such as {}, are", build.files.size(),
                                             input.package.files[build.files.front()].path);
  const std::string end = build.musl ? "" : fmt::format(", the function is {}", function);
  const std::string none = build.only_by_name ? fmt::format(", and it has none for {}", function) : "";
  return fmt::format("{} {}: {} {}{}{}", build.name, build.version, what, foreign.what, end, none);
}

std::string what_to_do(const CheckInput& input, const Build& build) {
  if (build.distribution)
    return python_build_hint(input.languages.distributions[*build.distribution], input.target, input.rules);
  if (build.npm) return npm_build_hint(input.languages.node_packages[*build.npm], input.target, input.rules);
  if (build.musl) return "bundle the glibc build of it (manylinux wheel, -gnu or glibc npm package)";
  return program_build_hint(*input.inventory.files[build.files.front()].elf, input.target.arch);
}

// Packages without native code are fine, which is half of the answer when the architecture is changed.
std::optional<Finding> independent_packages(const CheckInput& input, const std::vector<Build>& builds) {
  if (builds.empty()) return std::nullopt;
  std::set<std::size_t> native_distributions, native_npm;
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const FileRecord& record = input.inventory.files[i];
    if (!record.elf && record.type != FileType::mach_o && record.type != FileType::pe) continue;
    if (const auto owner = input.languages.distribution_of[i]) native_distributions.insert(*owner);
    if (const auto owner = input.languages.node_package_of[i]) native_npm.insert(*owner);
  }
  const std::size_t python = input.languages.distributions.size() - native_distributions.size();
  const std::size_t npm = input.languages.node_packages.size() - native_npm.size();
  if (python + npm == 0) return std::nullopt;
  std::string who;
  if (python > 0) who = fmt::format("{} Python distribution{}", python, python == 1 ? "" : "s");
  if (npm > 0) who += fmt::format("{}{} npm package{}", who.empty() ? "" : " and ", npm, npm == 1 ? "" : "s");
  return Finding{
      "no-native-code",         Severity::info, {}, {}, who + " have no native code and work on both architectures",
      "nothing to do for these"};
}

}  // namespace

std::vector<Finding> check_machines(const CheckInput& input) {
  std::vector<Finding> findings;
  const std::vector<Build> builds = wrong_builds(input);
  for (const Build& build : builds) {
    Finding finding;
    finding.code = build.musl ? "musl-binary" : "wrong-machine";
    // A fallback without native code is common among packages that bring a folder per platform.
    finding.severity = build.only_by_name ? Severity::warning : Severity::error;
    finding.path = build.path;
    finding.detail = build.name;
    finding.message = what_is_wrong(input, build);
    finding.help = what_to_do(input, build);
    const auto& elf = input.inventory.files[build.files.front()].elf;
    if (elf && !elf->is64) finding.help = "Lambda runs 64-bit code only: " + finding.help;
    findings.push_back(std::move(finding));
  }
  if (auto fine = independent_packages(input, builds)) findings.push_back(*std::move(fine));
  return findings;
}

// A package whose native code comes in one package per platform, of which only others' are there.
std::vector<Finding> check_platform_packages(const CheckInput& input) {
  std::vector<Finding> findings;
  const auto& packages = input.languages.node_packages;
  std::map<std::string_view, std::vector<const NodePackage*>> by_name;
  for (const NodePackage& package : packages) by_name[package.name].push_back(&package);
  for (const NodePackage& package : packages) {
    if (is_layer_file(package.folder)) continue;
    std::vector<std::string> lacking, others;
    bool complete = false;
    for (const auto& [name, range] : package.optional) {
      const auto found = by_name.find(name);
      if (is_platform_package(name, input.target.arch)) {
        complete = complete || found != by_name.end();
        lacking.push_back(name + (range.empty() ? "" : "@" + range));
      } else if (found != by_name.end() && !npm_excludes(*found->second.front(), input.target.arch).empty()) {
        others.push_back(name);
      }
    }
    if (complete || lacking.empty() || others.empty()) continue;
    const std::string cpu = input.target.arch == Arch::arm64 ? "arm64" : "x64";
    findings.push_back({"platform-package-missing", Severity::warning, package.folder, package.name,
                        fmt::format("{} {} has its native code in {}, and only {} is there", package.name,
                                    package.version, fmt::join(lacking, " and "), fmt::join(others, ", ")),
                        fmt::format("npm install --os=linux --cpu={} --libc=glibc, or add it alone: npm install "
                                    "--no-save --force --os=linux --cpu={} {}",
                                    cpu, cpu, fmt::join(lacking, " "))});
  }
  return findings;
}

// Libraries that the runtime has on the other architecture only, of files that are to be built anew.
std::vector<Finding> check_other_arch_libraries(const CheckInput& input) {
  std::vector<Finding> findings;
  const Arch other_arch = input.target.arch == Arch::arm64 ? Arch::x86_64 : Arch::arm64;
  std::map<std::string, std::vector<std::size_t>> asked;  // needed name -> files built for the other architecture
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const auto& elf = input.inventory.files[i].elf;
    names.insert(base_name(input.package.files[i].path));
    if (!elf || elf->machine != elf_machine(other_arch) || !elf->is64 || is_layer_file(input.package.files[i].path))
      continue;
    if (!input.reach.foreign[i] || !input.reach.foreign[i]->is_wrong_build()) continue;
    for (const std::string& needed : elf->needed) asked[needed].push_back(i);
  }
  if (asked.empty()) return findings;
  const auto other = input.rules.runtime(input.target.runtime.id, other_arch);
  if (!other) return findings;
  for (const auto& [needed, files] : asked) {
    if (names.contains(needed) || input.target.runtime.folder_of(needed) || !other->folder_of(needed)) continue;
    if (needed.starts_with("ld-linux")) continue;  // the loader: each architecture has its own
    findings.push_back(
        {"library-on-other-arch",
         Severity::info,
         {},
         needed,
         fmt::format("{} is in {} on {} and not on {}; {} needs it", needed, input.target.runtime.id,
                     to_string(other_arch), to_string(input.target.arch), input.package.files[files.front()].path),
         "look whether the new build needs it too, and bundle it then"});
  }
  return findings;
}

}  // namespace lambdapack
