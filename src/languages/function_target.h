// Which runtime, architecture and handler the package is for, and from what that was concluded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "languages/language_view.h"
#include "rules/rules.h"

namespace lambdapack {

struct TargetRequest {  // what the user said; empty = detect
  std::string runtime, arch;
  std::vector<std::string> handlers;
  std::string layer;  // --as-layer: "python", "nodejs", "java", "ruby", "lib"
  // Where they were said.
  std::string runtime_from = "--runtime", arch_from = "--arch", handler_from = "--handler";
};

struct FunctionTarget {
  Runtime runtime;
  Arch arch = Arch::x86_64;
  std::vector<std::string> handlers;  // may be empty
  bool is_layer = false;  // told, or nothing at the top but a layer's folders (python/, nodejs/, java/, ruby/, lib/,
                          // bin/, extensions/)
  bool runtime_guessed = false, arch_guessed = false;  // nothing in the package says it
  bool brings_libc = false;  // bootstrap starts a loader and C library of the package's own, so none of the runtime's
  // Why the libraries may be searched in another order than the runtime's: "bootstrap sets LD_LIBRARY_PATH in a way
  // that is not understood (line 7)". Empty when nothing says so.
  std::string search_path_doubt;
  std::vector<std::string> start_scripts;  // scripts of the package whose order of libraries is understood
  std::string runtime_from, arch_from,
      handler_from;  // "--runtime", "cpython-312 in the names of 41 extension modules", …

  // A layer may serve functions of both architectures: what is for the other one is dead only when --arch says so.
  bool arch_is_sure() const { return !is_layer || arch_from == "--arch"; }
};

// Whether a runtime looks into a folder of this name at the top of a layer: "python", "lib", "extensions".
bool is_layer_folder(std::string_view top);

// Errors: --runtime or --arch that does not exist. Never fails to detect: falls back to provided.al2023 and the
// architecture of most ELF files (x86_64 when there is none), and says so.
Result<FunctionTarget> detect_target(const Package& package, const Inventory& inventory, const LanguageView& languages,
                                     const Rules& rules, const TargetRequest& request);

}  // namespace lambdapack
