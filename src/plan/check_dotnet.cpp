// What .NET's host refuses when it starts, and native libraries that are there for other platforms only. The machine
// of those that are there for Lambda's is checked as for any ELF file.
#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "languages/dotnet_app.h"
#include "languages/package_paths.h"
#include "plan/check_package.h"

namespace lambdapack {
namespace {

std::optional<int> major_of(std::string_view version) {
  int major = 0;
  const auto parsed = std::from_chars(version.data(), version.data() + version.size(), major);
  return parsed.ec == std::errc{} ? std::optional(major) : std::nullopt;
}

class DotnetCheck {
 public:
  DotnetCheck(const CheckInput& input, const DotnetApp& app) : input_(input), app_(app) {}

  std::vector<Finding> run() {
    if (input_.target.runtime.family == "dotnet")
      for (const DotnetConfig& config : app_.configs) check_frameworks(config);
    for (const DotnetPublish& publish : app_.publishes) check_rid(publish);
    check_natives();
    return std::move(findings_);
  }

 private:
  // "Minor", what holds when nothing is said, stays within a major version; only "Major" and "LatestMajor" leave it,
  // and never for an older one (learn.microsoft.com/dotnet/core/versions/selection).
  void check_frameworks(const DotnetConfig& config) {
    const Runtime& runtime = input_.target.runtime;
    const auto has = major_of(runtime.version);
    const bool rolls_on = config.roll_forward == "Major" || config.roll_forward == "LatestMajor";
    for (const DotnetFramework& framework : config.frameworks) {
      const bool is_there = framework.name == "Microsoft.NETCore.App" || framework.name == "Microsoft.AspNetCore.App";
      const auto asks = major_of(framework.version);
      if (!has || !asks || (is_there && (*asks == *has || (*asks < *has && rolls_on)))) continue;
      findings_.push_back({"dotnet-framework-missing", Severity::error, input_.package.files[config.file].path,
                           fmt::format("{} {}", framework.name, framework.version),
                           is_there ? fmt::format("asks for {} {}, {} has {}", framework.name, framework.version,
                                                  runtime.id, runtime.version)
                                    : fmt::format("asks for {}, which {} does not have", framework.name, runtime.id),
                           is_there ? fmt::format("build it for net{}.0, or choose the runtime dotnet{}", *has, *asks)
                                    : std::string("publish it self-contained for a provided runtime")});
    }
  }

  void check_rid(const DotnetPublish& publish) {
    if (publish.rid.empty()) return;
    const std::vector<std::string> fitting = rids_on_lambda(input_.target.arch);
    if (std::ranges::find(fitting, publish.rid) != fitting.end()) return;
    findings_.push_back({"dotnet-wrong-rid", Severity::warning, input_.package.files[publish.file].path, publish.rid,
                         fmt::format("was published for {}, and Lambda is {}: only the libraries for that are in it",
                                     publish.rid, fitting.front()),
                         fmt::format("dotnet publish -r {} --self-contained false", fitting.front())});
  }

  // A library for Windows or macOS alone is one that the program does without elsewhere.
  void check_natives() {
    if (app_.natives.empty()) return;
    const std::vector<std::string> fitting = rids_on_lambda(input_.target.arch);
    std::set<std::string_view> elsewhere;  // as in a program published for one platform
    for (const PackageFile& file : input_.package.files)
      if (!native_rid(file.path)) elsewhere.insert(base_name(file.path));
    for (const auto& [library, rids] : app_.natives) {
      const auto other = std::ranges::find_if(rids, [](const std::string& rid) { return rid.starts_with("linux"); });
      const bool fits = std::ranges::any_of(fitting, [&](const std::string& rid) { return rids.contains(rid); });
      if (other == rids.end() || fits || elsewhere.contains(library)) continue;
      findings_.push_back(
          {"dotnet-native-missing", Severity::warning, fmt::format("runtimes/{}/native/{}", *other, library),
           fitting.front(),
           fmt::format("{} is there for {}, and not for {}", library, fmt::join(rids, ", "), fitting.front()),
           fmt::format("take a version of the NuGet package that has {}, or add its package with the "
                       "native assets for Linux",
                       fitting.front())});
    }
  }

  const CheckInput& input_;
  const DotnetApp& app_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_dotnet(const CheckInput& input) {
  const std::string& family = input.target.runtime.family;
  if (family != "dotnet" && family != "provided") return {};
  const auto app = read_dotnet_app(input.package);
  return app ? DotnetCheck(input, *app).run() : std::vector<Finding>();  // whoever needs a file says that it is damaged
}

}  // namespace lambdapack
