// One call per language; see propose_drops.h.
#include "plan/propose_drops.h"

#include <algorithm>
#include <tuple>

#include "plan/node_drops.h"
#include "plan/python_drops.h"

namespace lambdapack {

Result<Proposals> propose_drops(const ProposalInput& input, unsigned threads) {
  Proposals proposals;
  LP_CHECK(propose_python_drops(input, threads, proposals));
  LP_CHECK(propose_node_drops(input, threads, proposals));
  // Of two for one file the surer one comes first, then in the order of their rules.
  std::ranges::sort(proposals.drops, {},
                    [](const ProposedDrop& drop) { return std::tie(drop.file, drop.confidence, drop.rule); });
  return proposals;
}

}  // namespace lambdapack
