// Evidence of dynamic loading: which kept files name a library in their text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/find_strings.h"
#include "elf/inventory.h"
#include "package/package.h"

namespace lambdapack {

struct Mention {
  std::size_t needle = 0;  // index into the needles that were looked for
  std::size_t file = 0;    // the file whose text has it
};

// Whether a file is read as a program or its configuration: scripts, bytecode, .class, managed assemblies, config
// files. Not documentation, and not the file lists that installers keep (RECORD, package-lock.json): those name
// everything.
bool is_script(const Package& package, const Inventory& inventory, std::size_t file);

// Which of the needles occur in which of the files: in scripts anywhere, in ELF files in what the loader maps (a name
// in debug info loads nothing). Sorted by needle, then file. Files are searched in parallel.
Result<std::vector<Mention>> find_mentions(const Package& package, const Inventory& inventory,
                                           const std::vector<std::size_t>& files,
                                           const std::vector<std::string>& needles, unsigned threads);

// Which names of a set occur in one file, as positions in the set, sorted: as find_mentions looks for them. Empty for a
// file that is neither ELF nor a script.
Result<std::vector<std::size_t>> names_in(const Package& package, const Inventory& inventory, std::size_t file,
                                          const StringSet& set);

// What a program would write to open this library: its file name, and its name without "lib", ".so" and version.
std::vector<std::string> library_needles(std::string_view path);

}  // namespace lambdapack
