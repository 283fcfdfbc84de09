// The dynamic loader whose decisions are predicted: Lambda's for a runtime, or the host's in tests.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "elf/elf_info.h"
#include "rules/rules.h"

namespace lambdapack {

// What the processor decides about the search: subfolders tried in every searched folder, and $PLATFORM.
struct CpuProfile {
  std::vector<std::string> hwcaps;  // in order, before the folder itself: "glibc-hwcaps/x86-64-v3", …
  std::string platform;             // $PLATFORM
};

struct LoaderProfile {
  std::string name;           // "python3.12 x86_64"
  std::uint16_t machine = 0;  // e_machine it loads
  bool is64 = true;
  std::string lib = "lib64";              // $LIB
  std::string platform = "x86_64";        // $PLATFORM
  std::vector<std::string> hwcaps;        // glibc-hwcaps/… subfolders tried in every searched folder, in order
  std::vector<std::string> library_path;  // LD_LIBRARY_PATH
  std::vector<std::string> default_path;  // after RUNPATH, unless NODEFLIB: {"/lib64", "/usr/lib64"}
  std::vector<std::string> preload;       // LD_PRELOAD
  std::set<std::string> loaded;           // sonames already in the process
  // Absolute folder -> library names in it: the file system outside the package.
  std::map<std::string, std::set<std::string>> outside;

  // Other processors that may run the same function, each with its own answers (Lambda's x86_64 has Intel and AMD). The
  // edges are the union over all of them, so that what only some processors load is neither dropped nor unchecked.
  std::vector<CpuProfile> other_cpus;
  std::string loader;                        // "/lib64/ld-linux-x86-64.so.2": it counts as loaded, under its file name
  std::string working_folder = "/var/task";  // what empty and relative search-path entries are relative to
  std::string program_folder;                // of the runtime's own process: $ORIGIN in LD_LIBRARY_PATH and LD_PRELOAD
  // The program of the runtime's own process when the package may bring it (OS-only runtimes): the first that is there.
  // Libraries are then opened in its process: its RPATH serves them too, and what it has loaded is there already.
  std::vector<std::string> bootstraps;
  // Folders of /etc/ld.so.conf, found through /etc/ld.so.cache before default_path; with NODEFLIB only those that do
  // not start like a default folder.
  std::vector<std::string> cached_path;
  bool refuses_pie = true;  // glibc >= 2.30 refuses a position-independent executable as a library
  // glibc < 2.30: a symbol with a version is not looked for beyond the library that the version names (BZ #24741).
  bool named_library_ends_search = false;
  // What is known of libraries outside, by absolute path: a host's or a sysroot's. Empty for Lambda, where only names
  // are known: such a library is taken to have its file name as soname and to need nothing that the package could
  // provide.
  std::map<std::string, ElfInfo> outside_elf;
};

// Lambda's profile for a runtime. env: --env settings; LD_LIBRARY_PATH and LD_PRELOAD in it replace the runtime's own.
LoaderProfile lambda_profile(const Runtime& runtime, const std::map<std::string, std::string>& env);

// The subfolders that a glibc tries for these capabilities, in its order. version: "2.34"; levels: names below
// glibc-hwcaps/ that the processor has; legacy: names of the older scheme (removed in glibc 2.37), least significant
// first, platform last, without "tls", which that scheme adds itself.
std::vector<std::string> hwcaps_folders(const std::string& version, const std::vector<std::string>& levels,
                                        const std::vector<std::string>& legacy);

}  // namespace lambdapack
