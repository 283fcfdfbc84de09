// Names of symbol versions ("GLIBC_2.34", "GLIBCXX_3.4.30", "GLIBC_ABI_DT_RELR") against what a runtime has.
//
// The loader compares names, not numbers: libm of glibc 2.34 lacks GLIBC_2.34, and GLIBC_ABI_DT_RELR has no number. So
// the library's own list decides where rules/ has one. Ceilings by number are for libraries without a list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/rules.h"

namespace lambdapack {

// Numbers between dots (or underscores) compared as numbers: <0, 0, >0. "2.4" is below "2.34".
int compare_versions(std::string_view a, std::string_view b);

enum class VersionState {
  present,      // the runtime has had it since its first day
  above_floor,  // it has it now, and did not at first: old environments and images lack it
  too_new,      // no copy of the runtime has it
  untagged,     // the library defines no versions at all: it binds, with a warning when a program starts
  unlisted,     // the library's list does not have it, and the list may be short
  unknown,      // nothing is known of the library, and no ceiling is for this prefix
};

struct VersionVerdict {
  VersionState state = VersionState::unknown;
  std::string ceiling;  // the newest of the same kind: "GLIBC_2.34"; empty when there is none
};

VersionVerdict judge_version(std::string_view version, const std::vector<Ceiling>& ceilings);

// What becomes of a need of `version` when the library at the absolute path `provider` is loaded for it.
VersionVerdict judge_version(std::string_view version, std::string_view provider, const Runtime& runtime);

}  // namespace lambdapack
