// One decision per file: what happens to it, by which rule, why, how sure that is, and what it saves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "languages/sdk.h"
#include "package/rewrite_jar.h"
#include "plan/reach.h"

namespace lambdapack {

enum class Action {
  keep,
  strip,
  drop,
  link,     // replaced by a symlink to another file of the package
  rewrite,  // bytecode with another header, a jar with less in it
};

std::string_view to_string(Action action);

// A drop that a more daring level would apply, beside what happens to the file now.
struct Waiting {
  std::string rule, reason;
  Confidence confidence = Confidence::possible;
  std::uint64_t saved = 0;  // bytes
  std::string option;       // "--prefer-runtime": what else it takes; empty: only the level
};

// The runtime's library that is loaded in the stead of one that is dropped: the binding that changes, and no other.
struct StandIn {
  std::string library;  // "/lib64/libz.so.1"
  // (name, version) of what other files bind to the dropped one, all of which the stand-in is known to define; sorted.
  std::vector<std::pair<std::string, std::string>> symbols;
};

struct Decision {
  std::size_t file = 0;
  Action action = Action::keep;
  std::string rule;    // id; for keep: the rule that kept it, or empty
  std::string reason;  // one sentence
  Confidence confidence = Confidence::likely;
  std::uint64_t saved = 0;         // bytes: exact for drop and link; for strip an estimate until it is applied
  std::string link_target;         // link: the symlink's text
  bool may_move_segments = true;   // strip: also by closing holes between segments (rule "close-holes")
  bool drop_headers = false;       // strip: also section headers (rule "drop-section-headers")
  bool applied = true;             // false: --safe leaves it alone, and action says what the default level would do
  std::vector<std::uint8_t> head;  // rewrite: stand in the place of the file's first bytes
  std::optional<JarChange> jar;    // rewrite: of a jar
  std::vector<std::string> drop_needed;  // strip: also these needed entries (rule "drop-needed-entry")
  bool sections_stay = false;            // strip: only those entries, and section headers
  std::optional<Waiting> waiting;
  std::optional<std::size_t> replaced_by;  // drop of a layer's copy: the layer's file that is loaded in its stead
  std::optional<StandIn> stand_in;         // drop with --prefer-runtime
};

enum class BytecodeMode { fix, keep, drop, compile };

struct PlanOptions {
  bool strip = true;     // --no-strip clears it
  bool drop_sdk = true;  // --keep-sdk clears it
  Confidence level =
      Confidence::likely;         // least confidence that is applied: proven (--safe), likely, possible (--aggressive)
  std::vector<std::string> keep;  // globs; always win
  std::vector<std::string> disabled_rules;
  bool dedupe_layers = false;                 // --dedupe-layers
  bool prefer_runtime = false;                // --prefer-runtime
  BytecodeMode bytecode = BytecodeMode::fix;  // --bytecode
};

// A file that loses needed entries, by the names in them.
struct DroppedNeeds {
  std::size_t file = 0;
  std::vector<std::string> names;  // sorted
};

// Neither --restore nor a rules folder switches the rule off.
bool is_enabled(const Rules& rules, const PlanOptions& options, std::string_view rule);

struct Plan {
  std::vector<Decision> decisions;           // parallel to Package::files
  std::vector<std::string> unmatched_keeps;  // --keep globs that match nothing
  // Sorted by file: what the decisions' drop_needed say; and the libraries that no load maps for that reason.
  std::vector<DroppedNeeds> dropped_needs = {};
  std::vector<std::size_t> unloaded = {};
};

std::string needed_text(const DroppedNeeds& dropped);  // why, in a sentence

// A library of the function that a layer brings too, with the same bytes, where the loader looks for it.
struct LayerCopy {
  std::size_t file = 0, layer_file = 0;
  std::string reason;
  Confidence confidence = Confidence::likely;
};

// A library of the package that the loader takes although the runtime has one of that soname.
struct RuntimeCopy {
  std::size_t file = 0;
  StandIn stand_in;
  std::string reason;
  std::string refusal;             // why the runtime's cannot take its place; empty: it can
  std::vector<std::string> needs;  // sonames that the runtime's may need in its turn
  Confidence confidence = Confidence::likely;
};

// What something that knows one language found out about a file; the plan only weighs it against everything else.
struct ProposedDrop {
  std::size_t file = 0;
  std::string rule;    // id
  std::string reason;  // one sentence
  Confidence confidence = Confidence::possible;
};

// The same for a file that can be had better: with other first bytes, or a jar with less in it.
struct ProposedRewrite {
  std::size_t file = 0;
  std::vector<std::uint8_t> head;
  std::string rule, reason;
  Confidence confidence = Confidence::possible;
  std::optional<JarChange> jar = {};  // its two parts are rules of their own: drop-jar-natives, store-jar
  std::uint64_t saved = 0;            // bytes of the file
};

// A file that is nothing without another: when that goes, it goes too.
struct Companion {
  std::size_t file = 0, of = 0;
};

struct PlanInput {
  const Package& package;
  const Inventory& inventory;
  const LanguageView& languages;
  const LinkGraph& links;
  const Reach& reach;
  const FunctionTarget& target;
  const Rules& rules;
  const std::vector<SdkSet>& sdk_sets;
  std::vector<LayerCopy> layer_copies = {};      // with --dedupe-layers; sorted by file
  std::vector<RuntimeCopy> runtime_copies = {};  // those that can go with --prefer-runtime; sorted by file
  std::vector<ProposedDrop> proposed = {};       // sorted by file; of two for one file the first that the level allows
  std::vector<ProposedRewrite> rewrites = {};    // at most one per file
  std::vector<Companion> companions = {};
  std::vector<DroppedNeeds> dropped_needs = {};  // sorted by file
  // By what each Python distribution is known to be used ("app.py imports numpy"), empty when by nothing; parallel to
  // languages.distributions, or empty when it was not looked for.
  std::vector<std::string> distribution_evidence = {};
};

// Every decision but that of --keep can be disabled by its rule's id. Precedence: --keep and keep rules, then drops
// (SDK, other platforms, what no loader takes, the runtime's libraries, unused ones, layers' copies, copies of the
// runtime's libraries, proposed ones, drop rules, companions), then links, then rewrites, then strip. Layers' files
// have a decision too: keep. Errors: a file whose bytes have to be compared cannot be read.
Result<Plan> make_plan(const PlanInput& input, const PlanOptions& options);

}  // namespace lambdapack
