// The argument for trusting the tool: after applying, the stages run again, and anything new stops the write.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "apply/apply_plan.h"
#include "base/finding.h"
#include "links/link_graph.h"

namespace lambdapack {

// Old path -> new path of every file that became a link to another name of itself: what was true of it is true of that.
using LinkedPaths = std::map<std::string, std::string>;
LinkedPaths linked_paths(const Package& before, const Applied& applied);

// Findings (warning or worse; by code, path and detail) that are in `after` and not in `before`.
std::vector<Finding> new_findings(const std::vector<Finding>& before, const std::vector<Finding>& after,
                                  const LinkedPaths& linked = {});

struct ChangedBinding {
  std::string path, needed, before, after;  // "lib/libfoo.so.1", "/lib64/libz.so.1", "missing"
};

// Every (kept file, needed name) -> target, before and after: those whose target differs and has other content, unless
// the plan declared it (the target became a link to, or was stripped from, the same file; a shadowed copy was dropped;
// the runtime's library that Decision::stand_in names took its place; a needed entry was dropped, which must then be
// gone).
std::vector<ChangedBinding> changed_bindings(const Package& before, const LinkGraph& before_links, const Package& after,
                                             const LinkGraph& after_links, const Applied& applied);

}  // namespace lambdapack
