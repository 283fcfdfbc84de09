// One call per language; see propose_drops.h.
#include "plan/propose_drops.h"

#include <algorithm>
#include <iterator>

#include "plan/python_drops.h"

namespace lambdapack {

Result<Proposals> propose_drops(const ProposalInput& input, unsigned threads) {
  Proposals proposals;
  LP_CHECK(propose_python_drops(input, threads, proposals));
  // Of two for one file the surer one comes first, then in the order of the calls above.
  std::ranges::sort(proposals.drops, [](const ProposedDrop& a, const ProposedDrop& b) {
    return a.file != b.file               ? a.file < b.file
           : a.confidence != b.confidence ? a.confidence < b.confidence
                                          : a.rule < b.rule;
  });
  return proposals;
}

}  // namespace lambdapack
