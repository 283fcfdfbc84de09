// Which of Lambda's runtimes a package was made for, when the user does not say.
#pragma once

#include <string>
#include <vector>

#include "languages/language_view.h"
#include "rules/rules.h"

namespace lambdapack {

struct DetectedRuntime {
  std::string id;        // one of Rules::runtime_ids
  std::string from;      // "cpython-312 in the names of 41 extension modules"
  bool guessed = false;  // nothing names a version, or a language
};

Result<DetectedRuntime> detect_runtime(const Package& package, const Inventory& inventory,
                                       const LanguageView& languages, const Rules& rules);

}  // namespace lambdapack
