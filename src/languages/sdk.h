// The AWS SDK that the runtime already has: dropped as one coherent set or not at all (docs/decisions/0008).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "languages/find_mentions.h"
#include "languages/function_target.h"
#include "languages/language_view.h"

namespace lambdapack {

struct SdkMember {
  std::string name, shipped, provided;  // versions; provided may be empty when unknown
};

struct SdkSet {
  std::string name;                // "boto3", "@aws-sdk"
  std::vector<SdkMember> members;  // the SDK itself and what only it needs, sorted by name
  std::vector<std::size_t> files;  // sorted
  bool droppable = false;
  std::string reason;  // why it may go, or why it must stay
};

// What find_sdk_sets will look for in scripts of Python, for those who read them before; nothing when it will not.
std::optional<MentionSearch> begin_sdk_search(const Package& package, const Inventory& inventory,
                                              const LanguageView& languages, const FunctionTarget& target);

// At most one set per SDK found in the package. Reads kept scripts to see what else names a member, but for those that
// `begun` has seen.
Result<std::vector<SdkSet>> find_sdk_sets(const Package& package, const Inventory& inventory,
                                          const LanguageView& languages, const FunctionTarget& target, unsigned threads,
                                          MentionSearch* begun = nullptr);

}  // namespace lambdapack
