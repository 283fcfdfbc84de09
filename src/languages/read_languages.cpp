// Which package manager put each file there, if any did? What none of them owns is the user's own code, the root of
// everything that is kept.

#include <algorithm>
#include <numeric>
#include <utility>

#include "languages/distributions.h"
#include "languages/language_view.h"
#include "languages/node_packages.h"

namespace lambdapack {

Result<LanguageView> read_languages(const Package& package, const Inventory& /*inventory*/, unsigned threads) {
  LP_TRY(Distributions distributions, read_distributions(package, threads));
  LP_TRY(NodePackages nodes, read_node_packages(package, threads));

  LanguageView view;
  view.distributions = std::move(distributions.found);
  view.node_packages = std::move(nodes.found);
  view.node_package_of = std::move(nodes.owner);
  LP_TRY(view.jars, read_java_archives(package, threads));
  view.findings = std::move(distributions.findings);
  std::ranges::move(nodes.findings, std::back_inserter(view.findings));
  sort_findings(view.findings);

  // A file that two distributions name (setuptools and one that it carries in _vendor, or two wheels with the same
  // "tests/__init__.py") belongs to the one that lies further out, then to the first by name.
  std::vector<std::size_t> order(view.distributions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(view.distributions[i].folder.size(), i); });
  view.distribution_of.resize(package.files.size());
  for (const std::size_t i : order)
    for (const std::size_t file : view.distributions[i].files)
      if (!view.distribution_of[file]) view.distribution_of[file] = i;
  return view;
}

}  // namespace lambdapack
