// What a published .NET program asks of its host: frameworks, and native libraries for each platform.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "package/package.h"
#include "rules/arch.h"

namespace lambdapack {

struct DotnetFramework {
  std::string name, version;  // "Microsoft.NETCore.App", "8.0.0"
};

struct DotnetConfig {  // NAME.runtimeconfig.json at the top
  std::size_t file = 0;
  std::vector<DotnetFramework> frameworks;  // that must be installed; none for a program that brings its own
  std::string roll_forward;                 // "Major", "LatestMinor", …; empty: not said, which is "Minor"
};

struct DotnetPublish {  // NAME.deps.json at the top
  std::size_t file = 0;
  std::string rid;  // "linux-x64" of a program published for one platform; empty for any
};

struct DotnetApp {
  std::vector<DotnetConfig> configs;
  std::vector<DotnetPublish> publishes;
  // By the name of a library in runtimes/RID/native: the RIDs that have it.
  std::map<std::string, std::set<std::string>> natives;
};

// Files that are no JSON of that form are left out. Errors: a file cannot be read.
Result<DotnetApp> read_dotnet_app(const Package& package);

// The RIDs whose native files .NET takes on Lambda, the nearest first: "linux-x64", "unix-x64", "linux", "unix", "any".
std::vector<std::string> rids_on_lambda(Arch arch);

// "linux-x64" of "runtimes/linux-x64/native/libx.so", also further down; nothing for other paths.
std::optional<std::string> native_rid(std::string_view path);

}  // namespace lambdapack
