// The order of constructors; expectations are glibc's own, from elf/dso-sort-tests-1.def and worked out by hand.
#include "links/init_order.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace lambdapack;

namespace {

using Order = std::vector<std::uint32_t>;
using Needs = std::vector<std::vector<std::uint32_t>>;

}  // namespace

TEST_CASE("what an object needs is initialised before it") {
  // 0 needs 1 and 2; 1 needs 2
  for (const InitSort sort : {InitSort::moves, InitSort::depth_first})
    CHECK(sort_for_init({{1, 2}, {2}, {}}, sort) == Order{0, 1, 2});
  // 2 needs 1, which was found first
  for (const InitSort sort : {InitSort::moves, InitSort::depth_first})
    CHECK(sort_for_init({{1, 2}, {}, {1}}, sort) == Order{0, 2, 1});
}

TEST_CASE("objects that do not need each other keep an order of the algorithm's own") {
  CHECK(sort_for_init({{1, 2, 3}, {}, {}, {}}, InitSort::moves) == Order{0, 1, 2, 3});
  CHECK(sort_for_init({{1, 2, 3}, {}, {}, {}}, InitSort::depth_first) == Order{0, 1, 2, 3});
  // 3 needs 1: moving 1 behind it leaves 2 in front; depth first begins at the end.
  CHECK(sort_for_init({{1, 2, 3}, {}, {}, {1}}, InitSort::moves) == Order{0, 2, 3, 1});
  CHECK(sort_for_init({{1, 2, 3}, {}, {}, {1}}, InitSort::depth_first) == Order{0, 2, 3, 1});
}

TEST_CASE("cycles end") {
  const Needs cycle = {{1}, {2}, {3}, {1}};
  for (const InitSort sort : {InitSort::moves, InitSort::depth_first}) {
    Order order = sort_for_init(cycle, sort);
    CHECK(order.front() == 0);
    std::ranges::sort(order);
    CHECK(order == Order{0, 1, 2, 3});
  }
  CHECK(sort_for_init({}, InitSort::moves).empty());
  CHECK(sort_for_init({{}}, InitSort::depth_first) == Order{0});
}
