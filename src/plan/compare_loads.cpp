// Objects have other numbers in the two loads, so they are compared by file, or by path outside.
#include "plan/compare_loads.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "links/init_order.h"

namespace lambdapack {
namespace {

constexpr std::size_t kMostSorted = 512;  // objects of one load whose order is worked out; real ones have up to 100

using ObjectName = std::pair<std::optional<std::size_t>, std::string_view>;

ObjectName name_of(const FollowedLoads& loads, std::uint32_t object) {
  if (object == kNone) return {};
  return {loads.objects[object].file, loads.objects[object].outside};
}

class LoadPair {
 public:
  LoadPair(const LoadComparison& comparison, std::size_t scope)
      : comparison_(comparison), before_(comparison.before.scopes[scope]), after_(comparison.after.scopes[scope]) {}

  bool same() const { return same_objects() && same_bearers() && same_init_order(); }

 private:
  bool is_gone(const ObjectName& object) const { return object.first && comparison_.gone[*object.first] != 0; }

  bool same_objects() const {
    std::vector<ObjectName> left;
    std::size_t opened_from = before_.opened_from;
    for (std::size_t i = 0; i < before_.objects.size(); ++i) {
      const ObjectName name = name_of(comparison_.before, before_.objects[i]);
      if (!is_gone(name))
        left.push_back(name);
      else if (i < before_.opened_from)
        --opened_from;
    }
    return opened_from == after_.opened_from && before_.lacks_libraries == after_.lacks_libraries &&
           std::ranges::equal(left, after_.objects, {}, {},
                              [&](std::uint32_t object) { return name_of(comparison_.after, object); });
  }

  bool same_bearers() const {
    const auto bearer = [](const FollowedLoads& loads, const BindScope& scope, std::string_view library) {
      const auto number = loads.library_ids.find(library);
      const bool known = number != loads.library_ids.end() && number->second < scope.bearers.size();
      return name_of(loads, known ? scope.bearers[number->second] : kNone);
    };
    return std::ranges::all_of(comparison_.after.library_ids, [&](const auto& library) {
      const ObjectName old = bearer(comparison_.before, before_, library.first);
      return is_gone(old) || old == bearer(comparison_.after, after_, library.first);
    });
  }

  // Of the package's files alone: libraries outside need none of them.
  std::vector<std::size_t> init_order(bool without, InitSort sort) const {
    std::vector<std::size_t> files;
    for (const std::uint32_t object : before_.objects)
      if (const auto file = comparison_.before.objects[object].file; file && !(without && comparison_.gone[*file] != 0))
        files.push_back(*file);
    std::vector<std::vector<std::uint32_t>> needs(files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto dropped = std::ranges::lower_bound(comparison_.drops, files[i], {}, &DroppedNeeds::file);
      const bool drops = without && dropped != comparison_.drops.end() && dropped->file == files[i];
      for (const Edge& edge : edges_of(comparison_.links, files[i])) {
        if (!edge.target || (drops && std::ranges::binary_search(dropped->names, edge.needed))) continue;
        const auto target = std::ranges::find(files, *edge.target);
        if (target != files.end()) needs[i].push_back(static_cast<std::uint32_t>(target - files.begin()));
      }
    }
    std::vector<std::size_t> order;
    for (const std::uint32_t object : sort_for_init(needs, sort))
      if (comparison_.runs_code[files[object]] != 0) order.push_back(files[object]);
    return order;
  }

  bool same_init_order() const {
    if (before_.objects.size() > kMostSorted) return false;
    for (const InitSort sort : {InitSort::moves, InitSort::depth_first}) {
      std::vector<std::size_t> expected = init_order(false, sort);
      std::erase_if(expected, [&](std::size_t file) { return comparison_.gone[file] != 0; });
      if (expected != init_order(true, sort)) return false;
    }
    return true;
  }

  const LoadComparison& comparison_;
  const BindScope &before_, &after_;
};

bool maps_any(const LoadComparison& comparison, const BindScope& scope) {
  return std::ranges::any_of(scope.objects, [&](std::uint32_t object) {
    const auto file = comparison.before.objects[object].file;
    return file && comparison.gone[*file] != 0;
  });
}

bool same_edge(const Edge& a, const Edge& b) {
  return a.needed == b.needed && a.state == b.state && a.how == b.how && a.folder == b.folder && a.target == b.target &&
         a.outside == b.outside && a.shadows == b.shadows && a.optional == b.optional;
}

}  // namespace

std::vector<std::size_t> different_loads(const LoadComparison& comparison) {
  const std::size_t count = comparison.before.scopes.size();
  const bool followed =
      comparison.before.complete && comparison.after.complete && comparison.after.scopes.size() == count;
  std::vector<std::size_t> different;
  for (std::size_t i = 0; i < count; ++i)
    if (!followed || (maps_any(comparison, comparison.before.scopes[i]) && !LoadPair(comparison, i).same()))
      different.push_back(i);
  return different;
}

bool same_edges(const LoadComparison& comparison, const LinkGraph& after) {
  if (!after.complete) return false;
  for (std::size_t file = 0; file < comparison.gone.size(); ++file) {
    if (comparison.gone[file] != 0) continue;
    const auto dropped = std::ranges::lower_bound(comparison.drops, file, {}, &DroppedNeeds::file);
    const bool drops = dropped != comparison.drops.end() && dropped->file == file;
    std::vector<Edge> left;
    for (const Edge& edge : edges_of(comparison.links, file))
      if (!drops || !std::ranges::binary_search(dropped->names, edge.needed)) left.push_back(edge);
    if (!std::ranges::equal(left, edges_of(after, file), same_edge)) return false;
  }
  return true;
}

}  // namespace lambdapack
