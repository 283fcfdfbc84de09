// The service models of a botocore that stays in the package: most of its bytes, of which a function uses a few.
//
// A service stays when a string constant of kept code has its name. While all that make clients say the service in
// plain text, the rest cannot be asked for. docs/decisions/0039.
#pragma once

#include <vector>

#include "plan/unscanned_code.h"

namespace lambdapack {

// The words of string constants that matter for this.
void add_service_words(const Package& package, const LanguageView& languages, WordSet& words);

// Files of botocore/data/SERVICE/, sorted; never those directly in data/. `likely`, and `possible` when a service's
// name may be computed, or layers that are not known may ask for more. Errors: a file cannot be read.
Result<std::vector<ProposedDrop>> drop_unused_services(const PythonCode& code);

}  // namespace lambdapack
