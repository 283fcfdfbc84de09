// Names of symbol versions ("GLIBC_2.34", "GLIBCXX_3.4.30", "GLIBC_ABI_DT_RELR") against what a runtime has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/rules.h"

namespace lambdapack {

// Numbers between dots compared as numbers: <0, 0, >0. "2.4" is below "2.34".
int compare_versions(std::string_view a, std::string_view b);

enum class VersionState {
  present,      // the runtime has had it since its first day
  above_floor,  // it has it now, and did not at first: old environments and images lack it
  too_new,      // no copy of the runtime has it
  unknown,      // no ceiling for this prefix
};

struct VersionVerdict {
  VersionState state = VersionState::unknown;
  std::string ceiling;  // "GLIBC_2.34"
};

VersionVerdict judge_version(std::string_view version, const std::vector<Ceiling>& ceilings);

}  // namespace lambdapack
