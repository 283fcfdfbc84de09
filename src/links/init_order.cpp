// The two algorithms of glibc's elf/dl-sort-maps.c. Both are stable in their own way: taking an object away may change
// the order of two others that do not need each other, and only doing what glibc does tells.
#include "links/init_order.h"

#include <algorithm>
#include <numeric>
#include <span>

namespace lambdapack {
namespace {

using Needs = std::vector<std::vector<std::uint32_t>>;

bool needs(const Needs& all, std::uint32_t object, std::uint32_t other) {
  return std::ranges::find(all[object], other) != all[object].end();
}

// _dl_sort_maps_original: what something further back needs moves behind it, unless that goes on for too long (cycles).
void sort_by_moves(const Needs& all, std::span<std::uint32_t> objects) {
  if (objects.size() < 2) return;
  std::vector<std::size_t> seen(objects.size());
  for (std::size_t i = 0; i < objects.size();) {
    ++seen[i];
    std::size_t k = objects.size() - 1;
    while (k > i && !needs(all, objects[k], objects[i])) --k;
    if (k > i) {
      std::rotate(objects.begin() + static_cast<std::ptrdiff_t>(i),
                  objects.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                  objects.begin() + static_cast<std::ptrdiff_t>(k) + 1);
      if (seen[i + 1] <= objects.size() - i) {
        std::rotate(seen.begin() + static_cast<std::ptrdiff_t>(i), seen.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                    seen.begin() + static_cast<std::ptrdiff_t>(k) + 1);
        continue;
      }
    }
    if (++i == objects.size()) return;
    std::fill(seen.begin() + static_cast<std::ptrdiff_t>(i), seen.end(), 0);
  }
}

// _dl_sort_maps_dfs: reverse postorder, begun at the last object. Without recursion: chains may be long.
std::vector<std::uint32_t> sort_depth_first(const Needs& all) {
  std::vector<std::uint32_t> finished;
  std::vector<bool> visited(all.size());
  struct Step {
    std::uint32_t object;
    std::size_t next = 0;
  };
  for (std::size_t first = all.size(); first-- > 0;) {
    if (visited[first]) continue;
    visited[first] = true;
    std::vector<Step> path{{static_cast<std::uint32_t>(first)}};
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next == all[step.object].size()) {
        finished.push_back(step.object);
        path.pop_back();
        continue;
      }
      const std::uint32_t needed = all[step.object][step.next++];
      if (visited[needed]) continue;
      visited[needed] = true;
      path.push_back({needed});
    }
  }
  std::ranges::reverse(finished);
  return finished;
}

}  // namespace

std::vector<std::uint32_t> sort_for_init(const std::vector<std::vector<std::uint32_t>>& needs, InitSort sort) {
  if (needs.empty()) return {};
  if (sort == InitSort::depth_first) {
    std::vector<std::uint32_t> objects = sort_depth_first(needs);
    const auto first = std::ranges::find(objects, 0U);
    std::rotate(objects.begin(), first, first + 1);
    return objects;
  }
  std::vector<std::uint32_t> objects(needs.size());
  std::iota(objects.begin(), objects.end(), 0U);
  sort_by_moves(needs, std::span(objects).subspan(1));
  return objects;
}

}  // namespace lambdapack
