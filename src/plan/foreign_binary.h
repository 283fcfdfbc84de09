// Binaries that this function can never load: another operating system's, another machine's, another libc's.
//
// Content decides what a file is; names and npm metadata only decide whether its presence is meant (one of several
// alternatives, so it can go) or an accident (the wrong build was bundled, so it is a finding and stays).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "languages/function_target.h"
#include "languages/language_view.h"

namespace lambdapack {

struct ForeignBinary {
  std::string what;            // "a macOS binary", "built for arm64 (aarch64)", "linked against musl"
  bool wrong_machine = false;  // an ELF file for another e_machine
  bool musl = false;           // or Android's libc: both are called libc.so
  bool alternative = false;    // lies there for another platform on purpose
  // An alternative by its name, but nothing of its package is for this architecture: the wrong build was bundled.
  bool sole = false;
  std::string alternative_why;  // "its path names darwin", "npm package @img/sharp-linux-arm64 is for cpu arm64"
  Confidence confidence = Confidence::proven;  // that the function can do without it, given `alternative`

  // The wrong build was bundled: it is not there on purpose beside the right one.
  bool is_wrong_build() const { return (wrong_machine || musl) && (!alternative || sole); }
};

// Nothing when the file is not a native binary, or one that the function's runtime can load.
std::optional<ForeignBinary> foreign_binary(const Package& package, const Inventory& inventory,
                                            const LanguageView& languages, const FunctionTarget& target,
                                            std::size_t file);

// Sets `sole` on the alternatives for the other architecture that have no counterpart for this one: in their
// distribution or npm package, else below the folder in which they are named for their platform. foreign is parallel to
// Package::files.
void mark_sole_builds(std::vector<std::optional<ForeignBinary>>& foreign, const Package& package,
                      const Inventory& inventory, const LanguageView& languages, Arch arch);

// The architecture of glibc Linux that the path of a native library names: "linux/amd64/libzstd-jni.so". Nothing when
// it names another system or C library, or no architecture.
std::optional<Arch> native_linux_arch(std::string_view path);

// Whether the npm package declares (os, cpu, libc) that it is not for Linux, this architecture or glibc; the
// declaration, or "".
std::string npm_excludes(const NodePackage& package, Arch arch);

// The part of the path that names a platform other than glibc Linux on `arch`: "darwin", "linuxmusl"; "" when none
// does.
std::string foreign_path_part(std::string_view path, Arch arch);

}  // namespace lambdapack
