// What a plan made of a test's package, for tests of what is compared before and after.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apply/apply_plan.h"
#include "support/make_package.h"

namespace lambdapack::test {

// The number of files when there is none of that path.
inline std::size_t index_of(const Package& package, std::string_view path) {
  return static_cast<std::size_t>(std::ranges::find(package.files, path, &PackageFile::path) - package.files.begin());
}

// The package after dropping, and after turning files into links to a neighbour.
inline Applied applied_to(const TestPackage& before, const std::vector<std::string>& dropped,
                          const std::vector<std::pair<std::string, std::string>>& links = {}) {
  Applied applied;
  applied.plan.decisions.resize(before.package.files.size());
  for (std::size_t i = 0; i < before.package.files.size(); ++i) {
    PackageFile file = before.package.files[i];
    if (std::ranges::find(dropped, file.path) != dropped.end()) continue;
    for (const auto& [path, target] : links) {
      if (file.path != path) continue;
      file.kind = FileKind::symlink;
      file.link_target = target;
      file.content = Content();
    }
    applied.package.files.push_back(std::move(file));
    applied.old_index.push_back(i);
  }
  return applied;
}

}  // namespace lambdapack::test
