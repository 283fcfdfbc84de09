// A program and nothing else becomes a package: with the libraries that the runtime lacks, or with a loader and a C
// library of its own.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "elf/inventory.h"
#include "languages/function_target.h"
#include "links/loader_profile.h"
#include "package/read_package.h"

namespace lambdapack {

struct BundleOptions {
  std::string sysroot;                    // "" for this machine
  bool bundle_libc = false;               // --bundle-libc
  std::set<std::string> layer_libraries;  // names that a layer brings in /opt/lib
  ReadOptions read;
};

struct BundledLibrary {
  std::string path;       // in the package
  std::string from;       // on this machine
  std::string needed_by;  // in the package
  std::uint64_t bytes = 0;
};

struct Bundle {
  Package package;
  std::vector<BundledLibrary> libraries;  // sorted by path
  std::vector<std::string> missing;       // needed, and neither in the runtime nor on this machine; sorted
  bool own_libc = false;
  std::string reason;  // why it was bundled so
};

// Whether the package is one program, to which libraries can be added: what `pack ./function` reads.
bool is_single_program(const Package& package, const Inventory& inventory, const FunctionTarget& target);

// package: a program "bootstrap", and what --add brought. Errors: symbol versions that the runtime does not have, or a
// program for musl, without --bundle-libc; with it, no loader or libc to bundle.
Result<Bundle> bundle_program(Package package, const Inventory& inventory, const FunctionTarget& target,
                              const BundleOptions& options);

// The target and the loader as they are for a package that starts a loader of its own with `folder` as its library
// path: nothing of the runtime's libraries is before the package's.
void use_own_libc(FunctionTarget& target, LoaderProfile& profile, const std::vector<std::string>& folders);

}  // namespace lambdapack
