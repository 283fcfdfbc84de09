// Jars whose native code is not for this function, and classes that are there twice. The JVM starts all the same, and
// the library fails when it is first used ("no native library found"), so none of this can be seen in a log of the
// deploy.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "plan/check_package.h"
#include "plan/judge_jars.h"
#include "plan/platform_build.h"
#include "plan/version_misfit.h"

namespace lambdapack {
namespace {

using NativesByArch = std::map<Arch, std::vector<std::size_t>>;  // indices into JavaArchive::natives

NativesByArch natives_by_name(const JavaArchive& jar) {
  NativesByArch natives;
  for (std::size_t i = 0; i < jar.natives.files.size(); ++i)
    if (const auto arch = native_linux_arch(jar.natives.files[i].path)) natives[*arch].push_back(i);
  return natives;
}

std::string and_more(std::size_t more) {
  return more > 0 ? fmt::format(" and {} more", more) : "";
}

Finding missing_native(const CheckInput& input, const JavaArchive& jar, const NativesByArch& natives) {
  const auto& [other, members] = *natives.begin();
  const std::string arch(to_string(input.target.arch));
  Finding finding{"jar-native-missing", Severity::warning, input.package.files[jar.file].path, "linux-" + arch, {}, {}};
  finding.message = fmt::format("has native code for Linux on {} ({}{}) and none for {}", to_string(other),
                                printable(jar.natives.files[members.front()].path), and_more(members.size() - 1), arch);
  finding.help = fmt::format("take a release, or the jar with the classifier, that has linux-{}",
                             input.target.arch == Arch::arm64 ? "aarch64" : "x86_64");
  if (input.target.arch == Arch::arm64)
    if (const std::string first = first_arm64_release(input.rules, "maven", jar.artifact, jar.version); !first.empty())
      finding.help = fmt::format("move to {} {} or later, the first with native code for arm64", jar.artifact, first);
  return finding;
}

// What lies under a name for this function's platform, and is for another.
void check_content(const CheckInput& input, const JavaArchive& jar, const std::vector<std::size_t>& named,
                   std::vector<Finding>& findings) {
  const std::string& path = input.package.files[jar.file].path;
  const auto foreign_ones = foreign_natives(jar, input.target);
  for (const std::size_t i : named) {
    const auto& elf = jar.native_inventory.files[i].elf;
    const std::string& member = jar.natives.files[i].path;
    if (const auto& foreign = foreign_ones[i]) {
      findings.push_back({"jar-native-wrong", Severity::warning, path, member,
                          fmt::format("{} in it is named for Linux on {} and is {}", printable(member),
                                      to_string(input.target.arch), foreign->what),
                          "take another release of it, and report it to its makers"});
      continue;
    }
    if (!elf) continue;
    const auto misfits = version_misfits(member, *elf, input.target.runtime);
    if (misfits.empty()) continue;
    findings.push_back({"jar-native-too-new", Severity::warning, path,
                        fmt::format("{}: {} of {}", member, misfits.front().version, misfits.front().library),
                        printable(misfit_text(misfits, input.target.runtime)),
                        "take a release that was built against an older C library, or a newer runtime"});
  }
}

// Classes of one name with other bytes in two jars: the class path decides, which sorts jars by name.
void check_duplicates(const CheckInput& input, std::vector<Finding>& findings) {
  struct Pair {
    std::size_t classes = 0;
    std::string first;
  };
  std::map<std::pair<std::size_t, std::size_t>, Pair> pairs;
  std::map<std::string_view, std::pair<std::size_t, const JavaClass*>> seen;  // by class: the jar that wins
  for (const JavaArchive& jar : input.languages.jars) {
    for (const JavaClass& each : jar.classes) {
      if (each.name == "module-info.class" || each.name.ends_with("/package-info.class")) continue;
      const auto [at, is_new] = seen.try_emplace(each.name, jar.file, &each);
      if (is_new || at->second.first == jar.file) continue;
      if (at->second.second->crc == each.crc && at->second.second->size == each.size) continue;
      Pair& pair = pairs[{at->second.first, jar.file}];
      if (pair.classes++ == 0) pair.first = each.name;
    }
  }
  for (const auto& [jars, pair] : pairs) {
    const std::string& wins = input.package.files[jars.first].path;
    findings.push_back(
        {"duplicate-class", Severity::info, input.package.files[jars.second].path, wins,
         fmt::format("has {} class{} that {} has too, with other bytes ({}{}); the first by name is loaded",
                     pair.classes, pair.classes == 1 ? "" : "es", printable(wins), printable(pair.first),
                     and_more(pair.classes - 1)),
         "leave one of the two out of the build, or move both to one release"});
  }
}

}  // namespace

std::vector<Finding> check_jars(const CheckInput& input) {
  std::vector<Finding> findings;
  // "netty-…-linux-x86_64.jar" beside "netty-…-linux-aarch_64.jar": one artifact in several jars.
  std::set<std::string> complete;
  std::vector<NativesByArch> natives_of;  // parallel to the jars
  for (const JavaArchive& jar : input.languages.jars) {
    natives_of.push_back(natives_by_name(jar));
    if (natives_of.back().contains(input.target.arch)) complete.insert(jar.artifact);
  }
  for (std::size_t i = 0; i < natives_of.size(); ++i) {
    const JavaArchive& jar = input.languages.jars[i];
    const NativesByArch& natives = natives_of[i];
    if (natives.empty() || is_layer_file(input.package.files[jar.file].path)) continue;
    if (!complete.contains(jar.artifact)) findings.push_back(missing_native(input, jar, natives));
    if (const auto own = natives.find(input.target.arch); own != natives.end())
      check_content(input, jar, own->second, findings);
  }
  check_duplicates(input, findings);
  return findings;
}

}  // namespace lambdapack
