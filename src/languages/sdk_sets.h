// The two SDKs that runtimes carry, each looked for in its own way.
#pragma once

#include <optional>

#include "languages/sdk.h"

namespace lambdapack {

struct SdkInput {
  const Package& package;
  const Inventory& inventory;
  const LanguageView& languages;
  const FunctionTarget& target;
  unsigned threads = 0;
  MentionSearch* boto3_search = nullptr;  // of the same package, when somebody has shown it files
};

// What find_boto3_set looks for in texts; nothing when it will look into none.
std::optional<MentionSearch> boto3_search(const SdkInput& input);

Result<std::optional<SdkSet>> find_boto3_set(const SdkInput& input);
Result<std::optional<SdkSet>> find_aws_sdk_set(const SdkInput& input);

}  // namespace lambdapack
