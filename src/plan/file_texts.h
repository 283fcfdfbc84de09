// The text of a file as far as it can name a library: what of it is searched for evidence of dynamic loading.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "elf/inventory.h"
#include "package/package.h"

namespace lambdapack {

struct TextPart {
  Bytes bytes;
  std::uint64_t offset = 0;  // in the file, or in the archive's member
  bool wide = false;         // may hold UTF-16 text too: .NET, Qt
  bool text = true;     // false: x86-64 instructions of a file that keeps its texts elsewhere; only immediates count
  bool opener = false;  // of an x86-64 file that opens libraries, and may write their names by instructions
  bool code = false;    // of such a file: its instructions
  std::string_view member;  // inside an archive: the member's name; else empty
};

// A list of what a package manager installed (RECORD, package-lock.json): it names everything and opens nothing.
bool is_installer_record(std::string_view path);

// Sees all bytes of scripts that are read, for those who would read them again. Called by several threads at once, for
// different files.
using ScriptListener = std::function<void(std::size_t file, Bytes bytes)>;

// Whether a file is read as a program or its configuration: scripts, bytecode, .class, managed assemblies, archives of
// those, config files. Not documentation, and no installer's record.
bool is_script(const Package& package, const Inventory& inventory, std::size_t file);

// Calls `see` for every part of an ELF file that the loader maps, and of what is appended to it; for scripts once with
// all bytes; for archives (jar, whl, zip) once per member that is a script or an ELF file, archives in archives
// included. Other files have no parts. The bytes live only during the call. False when an archive could not be read as
// a whole: damaged, encrypted, or larger than any real one. Errors: the file cannot be read.
Result<bool> visit_texts(const Package& package, const Inventory& inventory, std::size_t file,
                         const std::function<void(const TextPart&)>& see);

}  // namespace lambdapack
