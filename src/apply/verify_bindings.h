// Is every symbol of every kept file bound to the same definition as before?
#pragma once

#include <string>
#include <vector>

#include "apply/apply_plan.h"
#include "links/bindings.h"

namespace lambdapack {

struct ChangedSymbol {
  std::string path, symbol, version;
  std::string before, after;  // what it was and is bound to: a path, or "nothing", "unknown", "weak"
};

// (kept file, symbol, version) -> target, before and after. The same file counts as the same target, whether stripped
// or become a link to another name of itself; so does a copy with the same bytes. What only a load from a file that
// went, or became a link, had caused is not missed: an answer may go, unless it was the only one, and none may come. A
// symbol that Decision::stand_in names may be the runtime's. Sorted.
std::vector<ChangedSymbol> changed_symbols(const Package& before, const Bindings& before_bindings,
                                           const Bindings& after_bindings, const Applied& applied);

}  // namespace lambdapack
