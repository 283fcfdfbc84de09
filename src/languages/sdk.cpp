// Which SDKs are in the package that its runtime has too?

#include "languages/sdk.h"

#include "languages/sdk_sets.h"
#include "package/layers.h"

namespace lambdapack {

std::optional<MentionSearch> begin_sdk_search(const Package& package, const Inventory& inventory,
                                              const LanguageView& languages, const FunctionTarget& target) {
  return boto3_search({package, inventory, languages, target});
}

Result<std::vector<SdkSet>> find_sdk_sets(const Package& package, const Inventory& inventory,
                                          const LanguageView& languages, const FunctionTarget& target, unsigned threads,
                                          MentionSearch* begun) {
  const SdkInput input{package, inventory, languages, target, threads, begun};
  std::vector<SdkSet> sets;
  LP_TRY(auto boto3, find_boto3_set(input));
  LP_TRY(auto aws_sdk, find_aws_sdk_set(input));
  if (boto3) sets.push_back(*std::move(boto3));
  if (aws_sdk) sets.push_back(*std::move(aws_sdk));
  // What a layer has was asked for its sake only; the layer is not ours to change.
  const auto [first, last] = layer_files(package);
  for (SdkSet& set : sets)
    std::erase_if(set.files, [first, last](std::size_t file) { return file >= first && file < last; });
  std::erase_if(sets, [](const SdkSet& set) { return set.files.empty(); });
  return sets;
}

}  // namespace lambdapack
