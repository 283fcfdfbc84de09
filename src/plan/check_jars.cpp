// Jars that carry native code for several platforms, and not for the function's. The JVM starts all the same and the
// library fails when it is first used ("no native library found"), so this cannot be seen in a log of the deploy.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "languages/package_paths.h"
#include "package/zip_directory.h"
#include "plan/check_package.h"
#include "plan/foreign_binary.h"
#include "plan/platform_build.h"

namespace lambdapack {
namespace {

struct JarNatives {
  std::size_t file = 0;
  std::string artifact, version;                     // "sqlite-jdbc", "3.45.1.0"
  std::map<Arch, std::vector<std::string>> members;  // native libraries for glibc Linux
};

// "lib/sqlite-jdbc-3.45.1.0.jar" -> {"sqlite-jdbc", "3.45.1.0"}
void name_jar(JarNatives& jar, std::string_view path) {
  std::string_view stem = base_name(path);
  stem.remove_suffix(4);
  for (std::size_t dash = stem.find('-'); dash != std::string_view::npos; dash = stem.find('-', dash + 1)) {
    if (dash + 1 == stem.size() || stem[dash + 1] < '0' || stem[dash + 1] > '9') continue;
    jar.artifact = stem.substr(0, dash);
    const std::string_view rest = stem.substr(dash + 1);
    jar.version = rest.substr(0, rest.find('-'));
    return;
  }
  jar.artifact = stem;
}

// A jar that cannot be read as a zip is the JVM's to refuse: then it has no natives that we know of.
JarNatives read_jar(const PackageFile& file, std::size_t index) {
  JarNatives jar;
  jar.file = index;
  name_jar(jar, file.path);
  const auto bytes = file.content.read();
  if (!bytes) return jar;
  const auto directory = read_zip_directory(file.path, *bytes);
  if (directory)
    for (const ZipMember& member : directory->members)
      if (const auto arch = native_linux_arch(member.name)) jar.members[*arch].emplace_back(member.name);
  file.content.release();
  return jar;
}

}  // namespace

std::vector<Finding> check_jars(const CheckInput& input) {
  std::vector<Finding> findings;
  std::vector<JarNatives> jars;
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const PackageFile& file = input.package.files[i];
    if (file.path.ends_with(".jar") && input.inventory.files[i].type == FileType::archive)
      if (JarNatives jar = read_jar(file, i); !jar.members.empty()) jars.push_back(std::move(jar));
  }
  // "netty-…-linux-x86_64.jar" beside "netty-…-linux-aarch_64.jar": one artifact in several jars.
  std::set<std::string> complete;
  for (const JarNatives& jar : jars)
    if (jar.members.contains(input.target.arch)) complete.insert(jar.artifact);
  const std::string arch(to_string(input.target.arch));
  for (const JarNatives& jar : jars) {
    if (complete.contains(jar.artifact)) continue;
    const auto& [other, members] = *jar.members.begin();
    Finding finding{
        "jar-native-missing", Severity::warning, input.package.files[jar.file].path, "linux-" + arch, {}, {}};
    finding.message = fmt::format("has native code for Linux on {} ({}{}) and none for {}", to_string(other),
                                  printable(members.front()),
                                  members.size() > 1 ? fmt::format(" and {} more", members.size() - 1) : "", arch);
    finding.help = fmt::format("take a release, or the jar with the classifier, that has linux-{}",
                               input.target.arch == Arch::arm64 ? "aarch64" : "x86_64");
    if (input.target.arch == Arch::arm64)
      if (const std::string first = first_arm64_release(input.rules, "maven", jar.artifact, jar.version);
          !first.empty())
        finding.help = fmt::format("move to {} {} or later, the first with native code for arm64", jar.artifact, first);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace lambdapack
