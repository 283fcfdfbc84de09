// A Report as text for people, or as JSON for programs (schema: docs/report.schema.json).
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "report/report.h"
#include "rules/rules.h"

namespace lambdapack {

struct TextStyle {
  bool colour = false;
  bool verbose = false;  // every file, not the largest few
  int width = 100;       // columns; below 72 counts as 72
};

std::string render_text(const Report& report, const TextStyle& style);
std::string render_json(const Report& report);  // ends with a newline; keys in fixed order

// `lambdapack runtimes [NAME]` and `lambdapack rules [ID]`, in both forms.
// Errors: those of Rules::runtime.
Result<std::string> render_runtimes_text(const Rules& rules, const std::string& today);
Result<std::string> render_runtime_text(const Runtime& x86_64, const Runtime& arm64);
Result<std::string> render_runtimes_json(const Rules& rules);
std::string render_runtime_json(const Runtime& x86_64, const Runtime& arm64);
std::string render_rules_text(const Rules& rules);
std::string render_rule_text(const Rule& rule);
std::string render_rules_json(const std::vector<Rule>& rules);

}  // namespace lambdapack
