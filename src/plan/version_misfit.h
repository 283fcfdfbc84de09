// Symbol versions that the runtime's libraries do not have: why a program cannot run against them.
#pragma once

#include <string>
#include <vector>

#include "elf/elf_info.h"
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

}  // namespace lambdapack
