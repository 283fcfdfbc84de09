// What a jar inside the package can do without.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "languages/function_target.h"
#include "languages/language_view.h"
#include "plan/foreign_binary.h"
#include "plan/plan.h"

namespace lambdapack {

// Per native library of the jar; see foreign_binary.
std::vector<std::optional<ForeignBinary>> foreign_natives(const JavaArchive& jar, const FunctionTarget& target);

// Natives of other platforms are left out, and the rest is stored (which apply_plan undoes where the zip would not get
// smaller by it) as long as everything stays below `unzipped_limit`
// bytes; used_bytes: of the function and its layers. Signed jars, those of layers, and, where the package has an
// archive of the JVM's class data sharing (it checks the sizes and dates of jars), all of them stay as they are. Sorted
// by file.
std::vector<ProposedRewrite> judge_jars(const Package& package, const LanguageView& languages,
                                        const FunctionTarget& target, std::uint64_t used_bytes,
                                        std::uint64_t unzipped_limit);

}  // namespace lambdapack
