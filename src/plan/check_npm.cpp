// Version 2 of the SDK for JavaScript is one package of about 98 MB with every service in it, and there is no part to
// leave out. Up to nodejs16.x the runtime has it. AWS ended its support on 8 September 2025:
// aws.amazon.com/blogs/developer/announcing-end-of-support-for-aws-sdk-for-javascript-v2
#include "plan/check_npm.h"

#include <charconv>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/units.h"

namespace lambdapack {

std::vector<Finding> check_npm_packages(const CheckInput& input) {
  std::vector<Finding> findings;
  const Runtime& runtime = input.target.runtime;
  int major = 0;
  std::from_chars(runtime.version.data(), runtime.version.data() + runtime.version.size(), major);
  if (runtime.family != "nodejs" || major < 18) return findings;
  for (const NodePackage& npm : input.languages.node_packages) {
    if (npm.name != "aws-sdk" || !npm.version.starts_with("2.") || is_layer_file(npm.folder)) continue;
    std::uint64_t bytes = 0;
    for (const std::size_t file : npm.files) bytes += input.package.files[file].size();
    findings.push_back(
        {"aws-sdk-v2", Severity::info, npm.folder, printable(npm.version),
         fmt::format("aws-sdk {} brings every service, {} unpacked; AWS ended its support in September 2025",
                     printable(npm.version), format_bytes(bytes)),
         fmt::format("use the clients of @aws-sdk, which {} has, or bundle the function", runtime.id)});
  }
  return findings;
}

}  // namespace lambdapack
