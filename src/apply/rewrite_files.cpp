// See rewrite_files.h. Whether a jar is smaller stored depends on what is in it, so both are compressed at the default
// level, and the smaller one stays: at another level the two differ by nearly as much.
#include "apply/rewrite_files.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/parallel.h"
#include "base/units.h"
#include "package/deflate.h"

namespace lambdapack {
namespace {

using Buffer = std::vector<std::uint8_t>;

struct Slot {
  std::size_t file = 0;
  Content content;
  std::string reason;  // more of why, or why not
  bool kept = false;
  std::optional<Error> error;
};

// The jar after the change, when it has all that it should have.
std::optional<Buffer> changed_jar(const std::string& path, Bytes old, const JarChange& change, Slot& slot) {
  auto made = rewrite_jar(path, old, change);
  const auto same = made ? is_rewritten_jar(path, old, *made, change.left_out) : Result<bool>(false);
  if (made && same && *same) return std::move(*made);
  slot.reason = made ? "not changed: the new jar would not be the same" : "not changed: " + made.error().message;
  return std::nullopt;
}

void rewrite_jar_into(Slot& slot, const std::string& path, Bytes old, const JarChange& change) {
  Buffer best;
  if (!change.left_out.empty())
    if (auto smaller = changed_jar(path, old, {change.left_out, false}, slot)) best = std::move(*smaller);
  if (change.store)
    if (auto stored = changed_jar(path, old, change, slot)) {
      const std::uint64_t packed = deflated_size(best.empty() ? old : Bytes(best), Level::normal);
      const std::uint64_t size = deflated_size(*stored, Level::normal);
      if (size < packed) {
        slot.reason = fmt::format("stored, {} less in the zip", format_bytes(packed - size));
        best = std::move(*stored);
      }
    }
  slot.kept = best.empty();
  if (slot.kept && slot.reason.empty()) slot.reason = "not stored: the zip would not get smaller";
  slot.content = Content::from_bytes(std::move(best));
}

void rewrite_into(Slot& slot, const PackageFile& file, const Decision& decision) {
  const auto old = file.content.read();
  if (!old) {
    slot.error = old.error();
    return;
  }
  if (decision.jar) {
    rewrite_jar_into(slot, file.path, *old, *decision.jar);
  } else {
    assert(decision.head.size() <= old->size());
    Buffer bytes(old->begin(), old->end());
    std::ranges::copy(decision.head, bytes.begin());
    slot.content = Content::from_bytes(std::move(bytes));
  }
  file.content.release();
}

}  // namespace

Result<std::vector<Rewritten>> rewrite_files(const Package& package, Plan& plan, unsigned threads) {
  std::vector<Slot> slots;
  for (const Decision& decision : plan.decisions)
    if (decision.action == Action::rewrite && decision.applied)
      slots.push_back({.file = decision.file, .content = {}, .reason = {}, .error = {}});
  parallel_for(slots.size(), threads, [&](std::size_t i) {
    rewrite_into(slots[i], package.files[slots[i].file], plan.decisions[slots[i].file]);
  });
  std::vector<Rewritten> rewritten;
  for (Slot& slot : slots) {
    if (slot.error) return std::unexpected(std::move(*slot.error));
    Decision& decision = plan.decisions[slot.file];
    if (slot.kept) {
      keep_instead(decision, slot.reason);
      continue;
    }
    if (decision.jar) {
      const std::uint64_t before = package.files[slot.file].size(), after = slot.content.size();
      decision.saved = before > after ? before - after : 0;
      if (decision.jar->left_out.empty())
        decision.reason = slot.reason;
      else if (!slot.reason.empty())
        decision.reason += "; " + slot.reason;
    }
    rewritten.push_back({slot.file, std::move(slot.content)});
  }
  return rewritten;
}

void keep_instead(Decision& decision, std::string reason) {
  decision.action = Action::keep;
  decision.rule.clear();
  decision.reason = std::move(reason);
  decision.confidence = Confidence::proven;
  decision.saved = 0;
  decision.link_target.clear();
}

}  // namespace lambdapack
