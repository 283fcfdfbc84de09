// From the error in production back to the rule that dropped the file, and to the option that cures it.
#pragma once

#include <string>
#include <vector>

#include "report/error_text.h"
#include "report/report.h"

namespace lambdapack {

struct RuleCause {  // what one rule dropped of what the error looks for
  std::string rule, reason, confidence;
  bool applied = true;                // false: only --aggressive, or a lower --safe, would drop it
  std::vector<std::string> paths;     // sorted
  std::vector<std::string> patterns;  // --keep 'PATTERN' for each brings them back; whole folders end in "/"
  std::uint64_t bytes = 0;
};

struct Explanation {
  Complaint complaint;
  std::vector<RuleCause> causes;  // by rule
  std::vector<std::string> kept;  // files of this name that were kept; at most ten, sorted
  std::vector<Finding> findings;  // that the report already had about it
};

std::vector<Explanation> explain_error(const Report& report, std::string_view error);

// Whether something in the report is behind it: a drop that was applied, or a finding.
bool is_explained(const Explanation& explanation);

std::string render_explanations(const std::vector<Explanation>& explanations, const Report& report);

}  // namespace lambdapack
