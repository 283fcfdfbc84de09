// The values of a list, each once, in their order.
#pragma once

#include <algorithm>
#include <vector>

namespace lambdapack {

template <class T>
void sort_unique(std::vector<T>& values) {
  std::ranges::sort(values);
  const auto repeated = std::ranges::unique(values);
  values.erase(repeated.begin(), repeated.end());
}

}  // namespace lambdapack
