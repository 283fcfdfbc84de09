// In which order do the constructors of one load's objects run?
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lambdapack {

// How glibc sorts: up to 2.34, and since 2.35 (glibc.rtld.dynamic_sort=2).
enum class InitSort { moves, depth_first };

// needs: by object, in the order in which symbols are looked up, the objects that it needs, in the order of its
// entries. The answer is the loader's list, which keeps the first object at its front; constructors run from its end.
// The time that it takes grows with the cube of the number of objects, as the loader's does.
std::vector<std::uint32_t> sort_for_init(const std::vector<std::vector<std::uint32_t>>& needs, InitSort sort);

}  // namespace lambdapack
