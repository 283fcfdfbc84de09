// Order and names of findings; see finding.h.
#include "base/finding.h"

#include <algorithm>
#include <tuple>

namespace lambdapack {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::error: return "error";
  }
  return "error";
}

void sort_findings(std::vector<Finding>& findings) {
  std::ranges::sort(findings, [](const Finding& a, const Finding& b) {
    return std::tie(b.severity, a.code, a.path, a.detail, a.message) <
           std::tie(a.severity, b.code, b.path, b.detail, b.message);
  });
}

}  // namespace lambdapack
