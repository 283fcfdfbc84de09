// Ranges of Node versions, as package.json's engines.node has them: ">=18", "^20.9 || 22.x".
#pragma once

#include <string_view>

namespace lambdapack {

// Whether some release of Node's `major` lies in the range (npm's semver syntax). A range that is not understood has
// none.
bool range_has_major(std::string_view range, int major);

}  // namespace lambdapack
