// All that is found out about one package, stage by stage; and the same again about the result of a pack.
#pragma once

#include <string>
#include <vector>

#include "apply/apply_plan.h"
#include "cli/command_line.h"
#include "links/bindings.h"
#include "package/layers.h"
#include "plan/check_bindings.h"
#include "plan/check_layers.h"
#include "plan/check_package.h"

namespace lambdapack {

struct LayerFacts {
  std::vector<LayerInfo> layers;       // --layer, in order
  MergedLayers merged;                 // what is in /opt
  Inventory inventory;                 // of merged.files
  std::uint64_t bytes = 0;             // unpacked, of all --layer packages
  bool bootstrap = false;              // one of them brings a bootstrap
  std::vector<std::string> libraries;  // "/opt/lib/libfoo.so.1": library files by their path on Lambda
};

struct Examined {
  Inventory inventory;
  LanguageView languages;
  LinkGraph links;
  Reach reach;
  Bindings bindings;  // of what is reached, in the loads that start at it
  std::vector<IdleLibrary> idle;
  std::vector<Finding> findings;  // without those about sizes of zips, which are known later
};

// What stays the same for the package and its packed result.
struct Frame {
  const CommandLine& command_line;
  const Rules& rules;
  FunctionTarget target;
  LoaderProfile profile;
  LayerFacts layers;
  std::string today;  // "2026-11-23"
};

std::string date_of_today();  // UTC, "2026-11-23"

// Rules, target and loader for a package whose files are already known.
Result<Frame> make_frame(const CommandLine& command_line, const Rules& rules, const Package& package,
                         const Inventory& inventory, const LanguageView& languages, LayerFacts layers);

// resolve_links → find_reachable → resolve_bindings → check_package.
Result<Examined> examine(const Package& package, Inventory inventory, LanguageView languages, const Frame& frame,
                         ScriptListener listener = {});

// Where the package lies on Lambda.
Mount mount_of(const Frame& frame);

// The configuration sets LD_LIBRARY_PATH or LD_PRELOAD to something that is not known.
bool search_path_unknown(const CommandLine& command_line);

// What stages are given; the arguments must outlive it.
ReachInput reach_input(const Package& package, const Inventory& inventory, const LanguageView& languages,
                       const LinkGraph& links, const Frame& frame);
BindingInput binding_input(const Package& package, const Inventory& inventory, const Reach& reach, const Frame& frame,
                           const Mount& mount);
CheckInput check_input(const Package& package, const Examined& examined, const Frame& frame, std::uint64_t zip_bytes);

}  // namespace lambdapack
