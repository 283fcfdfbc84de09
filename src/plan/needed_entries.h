// Needed entries that may go: the libraries behind them give nothing to anybody.
//
// The libraries themselves stay in the package when anything else names them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "languages/function_target.h"
#include "links/bindings.h"
#include "plan/plan.h"
#include "plan/reach.h"

namespace lambdapack {

struct NeededEntryInput {
  const BindingInput& loads;  // package, inventory, loader and all starts
  const LinkGraph& links;
  const Reach& reach;
  const FunctionTarget& target;
  const Bindings& bindings;
  const Rules& rules;
  const Plan& plan;                  // what happens to each file while every entry stays
  bool wants_unused = true;          // false: NeededEntries::unused stays empty, which spares a search of every text
  bool unknown_search_path = false;  // the configuration sets LD_LIBRARY_PATH or LD_PRELOAD to something not known
};

struct KeptEntries {
  std::size_t library = 0;
  std::string reason;  // why the entries that need this library stay: "a.so runs code when it is loaded"
};

struct NeededEntries {
  std::vector<DroppedNeeds> drops;    // sorted by file
  std::vector<std::size_t> unloaded;  // sorted: the libraries that no load maps any more
  std::vector<std::size_t> unused;    // of them, sorted: those that nothing else names, so that they may go too
  std::vector<KeptEntries> kept;      // sorted by library: those that bind nothing and are loaded all the same
};

// A set of libraries goes as a whole when, in every load that maps any of them:
// - no object outside the set has a symbol that is bound to one of them, or that is bound to nothing known and is
//   called like one of theirs; what the C library and GCC's libraries, of which only names are known, may look up is
//   none of them; nothing else that is unknown is loaded with them;
// - loading them does nothing (effect_of_loading), and everything else is still loaded, in the same order, and its
//   constructors run in the same order;
// and when no other file asks for one of them by any of its names, each file that needs them may be changed and is
// proven not to be damaged (drop_needed_entries), nothing reached opens libraries while it runs or changes the search
// path, and the package is no layer.
// Errors: a file that cannot be read.
Result<NeededEntries> find_needed_entries(const NeededEntryInput& input);

// What the loader would read of the files once the entries are gone: everything else of the inventory is the same.
Inventory without_entries(const Inventory& inventory, const std::vector<DroppedNeeds>& drops);

}  // namespace lambdapack
