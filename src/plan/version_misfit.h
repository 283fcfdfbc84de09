// Symbol versions that the runtime's libraries do not have: why a program cannot run against them, and who has them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elf/inventory.h"
#include "languages/function_target.h"
#include "links/link_graph.h"
#include "rules/rules.h"

namespace lambdapack {

struct VersionMisfit {
  std::string path;  // of the file that needs it
  std::string library, version, ceiling;
};

// Needs of `elf` (called `path`) above what the runtime's libraries define; weak ones apart, which only warn.
std::vector<VersionMisfit> version_misfits(const std::string& path, const ElfInfo& elf, const Runtime& runtime);

// "needs GLIBC_2.38 of libc.so.6, provided.al2023 has nothing above GLIBC_2.34 (and 3 more)"; misfits is not empty.
std::string misfit_text(const std::vector<VersionMisfit>& misfits, const Runtime& runtime);

// Whether the runtime's library that is loaded for the edge lacks the version, and the package's, which it shadows, has
// it: the file was built for the package's.
bool needs_shadowed(const Inventory& inventory, const Edge& edge, const VersionNeed& need, const Runtime& runtime);

// The runtimes of the target's family (a newer Python or Node) that take updates; read when first asked for.
class OtherRuntimes {
 public:
  OtherRuntimes(const Rules& rules, const FunctionTarget& target, std::string today)
      : rules_(rules), target_(target), today_(std::move(today)) {}

  // "python3.13, python3.14": whose `library` defines the version; empty when there is none.
  std::string that_have(const VersionNeed& need, std::string_view library);

 private:
  const Rules& rules_;
  const FunctionTarget& target_;
  std::string today_;
  std::optional<std::vector<Runtime>> runtimes_;
};

}  // namespace lambdapack
