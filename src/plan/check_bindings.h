// What the symbols of a package say: those that nothing defines, and the libraries that are needed for nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/finding.h"
#include "base/result.h"
#include "languages/function_target.h"
#include "links/bindings.h"
#include "plan/reach.h"

namespace lambdapack {

// What is started, imported or opened by itself; libraries that are only needed are bound in the loads of those.
std::vector<BindingStart> binding_starts(const Inventory& inventory, const Reach& reach);

struct BindingCheckInput {
  const Package& package;
  const Inventory& inventory;
  const LinkGraph& links;
  const Reach& reach;
  const FunctionTarget& target;
  const Bindings& bindings;
};

// symbol-unresolved: strong references that nothing defines. An error where the loader surely stops; a warning where
// only a call would fail, or where the runtime's own process would have to define the symbol and is known not to
// export such names. Where something unknown may have it, nothing is said. Sorted.
std::vector<Finding> check_unresolved(const BindingCheckInput& input);

// A library of the package that something needs, and that neither defines a symbol which anything is bound to nor runs
// code when it is loaded.
struct IdleLibrary {
  std::size_t file = 0;
  std::vector<std::size_t> needed_by;  // sorted
  std::vector<std::size_t> drags_in;   // what is loaded only because of it; sorted, without itself
  std::uint64_t bytes = 0;             // of it and of those
  std::string entries_stay = {};  // why what needs it goes on to need it, even with --aggressive; empty: it does not
};

// Sorted by file. Errors: a file that cannot be read.
Result<std::vector<IdleLibrary>> find_idle_libraries(const BindingCheckInput& input);

std::string entries_text(const IdleLibrary& library);  // what becomes of the entries, for people

// What `explain` says of a file's symbols, line by line: how many come from where, which weak ones are null, which are
// unresolved.
std::vector<std::string> explain_bindings(const Package& package, const Bindings& bindings, std::size_t file);

}  // namespace lambdapack
