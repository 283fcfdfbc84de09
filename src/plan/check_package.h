// What would fail on Lambda, found before the deploy. docs/findings.md lists every code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.h"
#include "languages/function_target.h"
#include "links/link_graph.h"
#include "plan/reach.h"

namespace lambdapack {

struct CheckInput {
  const Package& package;
  const Inventory& inventory;
  const LanguageView& languages;
  const LinkGraph& links;
  const Reach& reach;
  const FunctionTarget& target;
  const Rules& rules;
  std::uint64_t layers_bytes = 0;  // unpacked bytes of the --layer packages
  bool layers_have_bootstrap = false;
  std::uint64_t zip_bytes = 0;  // size of the zip, estimated or exact; 0: not known
  std::string today;            // "2026-11-23", for deprecation dates
};

// Sorted with sort_findings; includes what reading and the inventory noticed. Pure: same input, same findings.
std::vector<Finding> check_package(const CheckInput& input);

// zip-too-large as an error, when zip_bytes is more than the user allows (--max-zip-size); Lambda's own limit is
// check_limits's.
std::optional<Finding> check_zip_budget(std::uint64_t zip_bytes, std::optional<std::uint64_t> most);

// Only files that something would load are errors; for the rest it is good to know.
Severity severity_of(const CheckInput& input, std::size_t file);

// Whether some folder of the package has a library of this name.
bool is_bundled(const CheckInput& input, std::string_view library);

// The parts, each by the question it answers.
std::vector<Finding> check_machines(const CheckInput& input);              // wrong-machine, musl-binary, no-native-code
std::vector<Finding> check_platform_packages(const CheckInput& input);     // platform-package-missing
std::vector<Finding> check_other_arch_libraries(const CheckInput& input);  // library-on-other-arch
std::vector<Finding> check_jars(const CheckInput& input);                  // jar-native-missing
std::vector<Finding> check_links(const CheckInput& input);                 // missing-library, unloadable-library
std::vector<Finding> check_opens(const CheckInput& input);                 // dlopen-library-missing
std::vector<Finding> check_versions(const CheckInput& input);  // symbol-version-…, shadowed-library-needed, …
std::vector<Finding> check_relr(const CheckInput& input);      // relative-relocations-ignored, …-refused
std::vector<Finding> check_python_extensions(
    const CheckInput& input);  // python-extension-wrong-version, -wrong-platform, python-abi3-too-new
// wheel-wrong-tag, wheel-glibc-too-new: for distributions of which so_far says nothing of the kind
std::vector<Finding> check_wheels(const CheckInput& input, const std::vector<Finding>& so_far);
std::vector<Finding> check_node_addons(const CheckInput& input);  // node-addon-wrong-version, node-api-too-new
std::vector<Finding> check_gems(const CheckInput& input);    // gems-wrong-version, gem-wrong-platform, gem-extension-…
std::vector<Finding> check_dotnet(const CheckInput& input);  // dotnet-framework-missing, -wrong-rid, -native-missing
std::vector<Finding> check_go(const CheckInput& input);      // go-symbols
std::vector<Finding> check_processor(const CheckInput& input);  // processor-level-too-high, processor-instructions
std::vector<Finding> check_bootstrap(
    const CheckInput& input);  // bootstrap-missing, bootstrap-not-executable, bad-interpreter
std::vector<Finding> check_modes(const CheckInput& input);   // not-world-readable
std::vector<Finding> check_limits(const CheckInput& input);  // zip-too-large, unzipped-too-large, deprecated-runtime

}  // namespace lambdapack
