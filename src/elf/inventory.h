// What every file of a package is, by its content: one record per package file, in the same order.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/finding.h"
#include "base/progress.h"
#include "elf/elf_info.h"
#include "package/package.h"

namespace lambdapack {

enum class FileType {
  other,
  elf,
  script,          // starts with "#!"
  archive,         // zip (jar, whl, egg)
  static_archive,  // "!<arch>"
  mach_o,
  pe,  // Windows: "MZ" with a PE header
  directory,
  symlink,
};

struct FileRecord {
  FileType type = FileType::other;
  std::optional<ElfInfo> elf;  // when type is elf
  std::string shebang;         // when type is script: the first line without "#!", with a "\r" if it has one
};

struct Inventory {
  std::vector<FileRecord> files;  // parallel to Package::files
  std::vector<Finding> findings;  // one per ElfProblem, and "git-lfs-pointer", "linker-script" and the like
};

// Reads the first bytes of every file and the headers of every ELF file, in parallel. A file that cannot be read is an
// Error.
Result<Inventory> take_inventory(const Package& package, unsigned threads, Progress& progress);

}  // namespace lambdapack
