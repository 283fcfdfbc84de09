// Which crates is a Rust program made of, as cargo auditable wrote into it?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elf/elf_info.h"
#include "package/content.h"

namespace lambdapack {

struct RustCrate {
  std::string name, version;
  bool for_build = false;  // used by build scripts only; no code of it is in the program
  auto operator<=>(const RustCrate&) const = default;
};

// Sorted. Nothing without a section ".dep-v0", or when what is in it is damaged. info: of the same file. Errors: the
// file cannot be read.
Result<std::optional<std::vector<RustCrate>>> read_rust_crates(const Content& file, const ElfInfo& info);

}  // namespace lambdapack
