// The larger sections of the text report. Each returns "" when it has nothing to say.
#pragma once

#include <string>
#include <vector>

#include "report/render.h"

namespace lambdapack {

// "2 errors, 1 warning, 3 notes", without what there is none of.
std::string tally(const std::vector<Finding>& findings);

std::string findings_section(const std::vector<Finding>& findings, const TextStyle& style);
std::string idle_section(const Report& report, const TextStyle& style);
std::string reached_section(const Report& report, const TextStyle& style);
std::string layers_section(const Report& report, const TextStyle& style);
std::string limits_section(const Report& report, const TextStyle& style);
std::string cold_start_section(const Report& report, const TextStyle& style);

}  // namespace lambdapack
