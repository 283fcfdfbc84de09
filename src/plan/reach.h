// Which files something can load: from the roots over needed edges and over evidence of dynamic loading.
//
// Roots are all files that no Python distribution and no npm package owns, plain shared libraries apart, and what the
// platform starts or imports by itself: bootstrap, importable extension modules, Node addons, executables, extensions/.
// What package managers own and is no ELF file stays with its package. So the only files that can be out of reach are
// shared objects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "languages/function_target.h"
#include "languages/language_view.h"
#include "links/link_graph.h"
#include "plan/file_texts.h"
#include "plan/foreign_binary.h"
#include "plan/not_loadable.h"

namespace lambdapack {

enum class ReachKind { none, root, needed, evidence, owner };
std::string_view to_string(ReachKind kind);

// ReachStep::why of what is a root only because of LinkGraph::overriding.
inline constexpr std::string_view kComesFirst = "LD_LIBRARY_PATH puts it before the runtime's own";

struct ReachStep {
  ReachKind kind = ReachKind::none;  // none: nothing reaches it
  std::optional<std::size_t> from;   // the file that reaches it; nothing for roots
  std::string why;  // "extension module for cp312", "needs libfoo.so.1 (found by RPATH)", "names foo in its text"
};

// A shared object that nothing reaches.
struct UnusedFile {
  std::size_t file = 0;
  // By which it may go: "drop-unused-library"; or the runtime's library of this name is loaded in its stead, because
  // the loader finds that first ("drop-shadowed-library") or nothing asks for it ("drop-runtime-library").
  std::string rule;
  Confidence confidence = Confidence::possible;
  std::string reason;
};

struct Reach {
  std::vector<ReachStep> steps;                       // parallel to Package::files
  std::vector<std::optional<ForeignBinary>> foreign;  // parallel to Package::files
  std::vector<UnusedFile> unused;                     // sorted by file
  std::vector<NotLoadable> not_loadable;              // sorted by file; none in a layer
  std::vector<std::size_t> unknown_openers;           // reached files that open libraries, and no rule says which
  std::uint64_t waiting_bytes = 0;                    // unused files that are only `possible` because of them

  // Why the order of libraries may be another: "app.py mentions LD_LIBRARY_PATH", or what the target says. Only looked
  // for when something depends on it.
  std::string search_path_doubt;

  bool reached(std::size_t file) const { return steps[file].kind != ReachKind::none; }
};

struct ReachInput {
  const Package& package;
  const Inventory& inventory;
  const LanguageView& languages;
  const LinkGraph& links;
  const FunctionTarget& target;
  const Rules& rules;
  const std::vector<std::string>& keep;           // --keep globs: what they match is a root
  const std::map<std::string, std::string>& env;  // --env: file names in values are evidence
  bool search_path_unknown = false;  // the configuration sets LD_LIBRARY_PATH or LD_PRELOAD to something not known
  ScriptListener listener{};         // of the scripts that are read
};

// Errors: a file that cannot be read.
Result<Reach> find_reachable(const ReachInput& input, unsigned threads);

}  // namespace lambdapack
