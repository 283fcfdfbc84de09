// Every load of a package, followed to its end: which objects there are, and what each load's lookup scope is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "links/bind_scope.h"
#include "links/bindings.h"

namespace lambdapack {

struct Mapped {
  std::optional<std::size_t> file;
  std::string outside;
  Content content;
  const ElfInfo* elf = nullptr;          // nullptr: nothing is known of it
  std::vector<std::uint32_t> libraries;  // numbers of the names that its versions give
};

struct FollowedLoads {
  std::vector<Mapped> objects;
  std::vector<BindScope> scopes;                                    // one per load; objects by their place in `objects`
  std::vector<std::string> paths;                                   // by object: absolute, as it was opened first
  std::unordered_map<std::string_view, std::uint32_t> library_ids;  // numbers of the names that versions give
  bool complete = true;  // false: so entangled that not every load was followed
};

// The views lead into the input's inventory, which must outlive the result.
FollowedLoads follow_loads(const BindingInput& input);

}  // namespace lambdapack
