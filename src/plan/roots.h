// What the platform starts, imports or opens by itself.
#pragma once

#include <cstddef>
#include <string>

#include "plan/reach.h"
#include "rules/rule_finder.h"

namespace lambdapack {

// Whether this is the one ELF file that was given instead of a package: it stays, whatever it is.
bool is_given_file(const Package& package, std::size_t file);

// Why the file is a root, "" when it is none. Foreign binaries are never roots.
// keep_rules: the rules of kind keep.
std::string why_root(const ReachInput& input, const RuleFinder& keep_rules, std::size_t file);

// A shared object that can be out of reach: an ELF library that is neither an executable nor a root.
bool is_plain_shared_library(const FileRecord& record);

}  // namespace lambdapack
