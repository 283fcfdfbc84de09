// Some members of a folder or a tar.zst that write_bundle made.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/result.h"
#include "package/content.h"

namespace lambdapack {

// The members whose path `wanted` names, read in one pass over an archive. A member of an archive may have 4 GiB; so
// may all that are wanted. Members that are no regular file, and folders' links, are passed over. Errors: `path` is
// neither a folder nor a tar, or is damaged.
Result<std::map<std::string, Content>> read_bundle(const std::string& path,
                                                   const std::function<bool(const std::string&)>& wanted);

}  // namespace lambdapack
