// Does what the plan says to a copy of the package. The input is never touched.
#pragma once

#include "elf/inventory.h"
#include "plan/plan.h"

namespace lambdapack {

struct Applied {
  Package package;
  Plan plan;                           // with exact `saved`, and strips that were not possible turned into keeps
  std::vector<std::size_t> old_index;  // per file of the new package: its index in the old one
};

Result<Applied> apply_plan(const Package& package, const Inventory& inventory, Plan plan, unsigned threads,
                           Progress& progress);

}  // namespace lambdapack
