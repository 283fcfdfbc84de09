// The Report of a run, from what its stages found out.
#pragma once

#include "pipeline_stages.h"
#include "plan/bundle_program.h"
#include "report/report.h"

namespace lambdapack {

struct Sizes {
  PackageSize before;
  std::optional<PackageSize> after;
};

// applied: the plan as it was carried out (pack), or as it would be (analyze, dry-run).
// after: the packed result, when there is one.
Report make_report(const Frame& frame, const Package& package, const Examined& examined,
                   const std::vector<SdkSet>& sdk_sets, const Plan& plan, const Package* after_package,
                   const Examined* after, const Sizes& sizes);

// With the bundle that was written beside the package, and what was noticed meanwhile.
void add_debug_out(const DebugBundleLine& line, const std::vector<Finding>& findings, Report& report);
void add_bundle(const Bundle& bundle, Report& report);

}  // namespace lambdapack
