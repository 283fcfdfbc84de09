// What does the package look like when the plan has been done to it?
//
// Stripping is the only expensive part: files are stripped in parallel, each original is given back to the system as
// soon as its copy is made, so memory holds the results and one original per thread. Everything else moves handles. A
// decision that turns out not to be possible becomes "keep" with the reason; nothing here decides anew.

#include "apply/apply_plan.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "apply/rewrite_files.h"
#include "base/parallel.h"
#include "elf/drop_needed_entries.h"
#include "elf/drop_section_headers.h"
#include "elf/read_elf.h"
#include "elf/strip_elf.h"

namespace lambdapack {

namespace {

struct StripSlot {
  std::size_t file = 0;
  Content stripped;    // no bytes when the original must stay
  std::string reason;  // then why, else what went
  bool may_move_segments = true, drop_headers = false, sections_stay = false, relaid = false;
  std::vector<std::string> drop_needed;
  std::optional<Error> error;
};

void strip_into(StripSlot& slot, const PackageFile& file, const std::optional<ElfInfo>& info) {
  if (!info || file.kind != FileKind::regular) {
    slot.reason = "it is no ELF file";
    return;
  }
  const auto bytes = file.content.read();
  if (!bytes) {
    slot.error = bytes.error();
    return;
  }
  // The plan counts on these entries being gone, so what could not be done ends the run.
  DroppedEntries entries;
  if (!slot.drop_needed.empty()) {
    entries = drop_needed_entries(*bytes, *info, slot.drop_needed);
    if (!entries.done()) {
      slot.error = Error{file.path, "its needed entries cannot be dropped: it " + entries.reason,
                         "--disable-rule drop-needed-entry leaves them alone; please report this as a bug"};
      return;
    }
  }
  const Bytes original = entries.done() ? Bytes(entries.bytes) : *bytes;
  StripOutcome outcome;
  if (!slot.sections_stay)
    outcome = strip_elf(original, entries.done() ? read_elf(original) : *info,
                        slot.may_move_segments ? Holes::close : Holes::keep);
  if (slot.drop_headers) {
    if (auto smaller = drop_section_headers(original, outcome.stripped() ? Bytes(outcome.bytes) : original);
        !smaller.empty()) {
      outcome.reason = outcome.stripped() ? outcome.reason + ", section headers" : "section headers";
      outcome.bytes = std::move(smaller);
    }
  }
  if (entries.done() && !outcome.stripped()) outcome.bytes = std::move(entries.bytes);
  slot.stripped = Content::from_bytes(std::move(outcome.bytes));
  slot.reason = std::move(outcome.reason);
  slot.relaid = outcome.relaid;
  file.content.release();
}

// The stripped contents, by file; decisions get exact savings, or the reason why the file stays as it is.
Result<std::vector<StripSlot>> strip_files(const Package& package, const Inventory& inventory, Plan& plan,
                                           unsigned threads, Progress& progress) {
  std::vector<StripSlot> slots;
  for (std::size_t i = 0; i < package.files.size(); ++i)
    if (plan.decisions[i].action == Action::strip && plan.decisions[i].applied)
      slots.push_back({.file = i,
                       .stripped = {},
                       .reason = {},
                       .may_move_segments = plan.decisions[i].may_move_segments,
                       .drop_headers = plan.decisions[i].drop_headers,
                       .sections_stay = plan.decisions[i].sections_stay,
                       .drop_needed = plan.decisions[i].drop_needed,
                       .error = {}});

  // The largest first: a library of 100 MB started last would keep one thread busy while the others wait.
  std::vector<std::size_t> order(slots.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::pair(package.files[slots[b].file].size(), a) < std::pair(package.files[slots[a].file].size(), b);
  });

  progress.stage("stripping", slots.size());
  parallel_for(order.size(), threads, [&](std::size_t i) {
    StripSlot& slot = slots[order[i]];
    strip_into(slot, package.files[slot.file], inventory.files[slot.file].elf);
    progress.step();
  });

  for (StripSlot& slot : slots) {
    if (slot.error) return std::unexpected(std::move(*slot.error));
    Decision& decision = plan.decisions[slot.file];
    const std::uint64_t before = package.files[slot.file].size(), after = slot.stripped.size();
    if (after > 0 && (after < before || !slot.drop_needed.empty())) {
      decision.saved = before - after;
      if (after == before) {
        decision.rule = "drop-needed-entry";
        decision.reason = needed_text({slot.file, slot.drop_needed});
        decision.sections_stay = true;
      }
      if (slot.relaid) {
        decision.rule = "close-holes";
        decision.reason = slot.reason;
        if (inventory.files[slot.file].elf->is_rust) decision.reason += "; its own backtraces lose function names";
      }
    } else {
      keep_instead(decision,
                   "not stripped: " + (slot.reason.empty() || after > 0 ? "it would not be smaller" : slot.reason));
    }
  }
  return slots;
}

// The package as the decisions have it now.
Applied build(const Package& package, const Plan& plan, const std::vector<StripSlot>& stripped,
              const std::vector<Rewritten>& rewritten) {
  Applied applied;
  applied.package.source = package.source;
  applied.package.kind = package.kind;
  applied.package.source_bytes = package.source_bytes;
  auto slot = stripped.begin();
  auto other = rewritten.begin();
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    while (slot != stripped.end() && slot->file < i) ++slot;
    while (other != rewritten.end() && other->file < i) ++other;
    const Decision& decision = plan.decisions[i];
    if (decision.applied && decision.action == Action::drop) continue;
    PackageFile file = package.files[i];
    if (decision.applied && decision.action == Action::link) {
      file.kind = FileKind::symlink;
      file.mode = 0777;
      file.link_target = decision.link_target;
      file.content = Content();
      file.packed_size = 0;
    } else if (decision.applied && decision.action == Action::strip) {
      assert(slot != stripped.end() && slot->file == i);
      file.content = slot->stripped;
      file.packed_size = 0;  // the archive's was that of other bytes
    } else if (decision.applied && decision.action == Action::rewrite) {
      assert(other != rewritten.end() && other->file == i);
      file.content = other->content;
      file.packed_size = 0;
    }
    applied.package.files.push_back(std::move(file));
    applied.old_index.push_back(i);
  }
  for (const Finding& finding : package.findings)
    if (finding.path.empty() || applied.package.find(finding.path)) applied.package.findings.push_back(finding);
  return applied;
}

}  // namespace

Result<Applied> apply_plan(const Package& package, const Inventory& inventory, Plan plan, unsigned threads,
                           Progress& progress) {
  assert(plan.decisions.size() == package.files.size() && inventory.files.size() == package.files.size());
  LP_TRY(const std::vector<StripSlot> stripped, strip_files(package, inventory, plan, threads, progress));
  LP_TRY(const std::vector<Rewritten> rewritten, rewrite_files(package, plan, threads));
  for (Decision& decision : plan.decisions)
    if (decision.applied && (decision.action == Action::drop || decision.action == Action::link))
      decision.saved = package.files[decision.file].size();

  // A link whose target went would take a library away: such a file stays. Putting one back makes no other link dangle,
  // so this ends.
  for (;;) {
    Applied applied = build(package, plan, stripped, rewritten);
    bool sound = true;
    for (std::size_t i = 0; i < applied.old_index.size(); ++i) {
      Decision& decision = plan.decisions[applied.old_index[i]];
      if (!decision.applied || decision.action != Action::link) continue;
      if (resolve_path(applied.package, applied.package.files[i].path)) continue;
      keep_instead(decision, "no link: the file that it would lead to does not stay");
      sound = false;
    }
    if (!sound) continue;
    applied.plan = std::move(plan);
    return applied;
  }
}

}  // namespace lambdapack
