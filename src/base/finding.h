// What lambdapack noticed about the user's package. A finding is data: it is reported, counted against --fail-on, and
// compared before and after packing; it never stops a stage. Codes are listed in docs/findings.md.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace lambdapack {

enum class Severity { info, warning, error };

std::string_view to_string(Severity severity);  // "info", "warning", "error"

struct Finding {
  std::string code;  // stable, kebab-case: "missing-library", "wrong-machine"
  Severity severity = Severity::info;
  std::string path;     // path in the package; empty when it is about the whole package
  std::string detail;   // what identifies this finding beside code and path: the needed name, the symbol version
  std::string message;  // what is wrong: "needs libfoo.so.1, which neither the package nor python3.12 has"
  std::string help;     // what to do

  auto operator<=>(const Finding&) const = default;
};

// Worst first, then code, path, detail: the order in which people read them.
void sort_findings(std::vector<Finding>& findings);

}  // namespace lambdapack
