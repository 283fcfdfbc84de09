// Which library a program built here would load: from this machine's file system, or from a sysroot of another one.
//
// Nothing is run, and no /etc/ld.so.cache is read: a sysroot often has none, or a stale one. The folders are those of
// /etc/ld.so.conf and the usual ones of Debian (multiarch), RPM distributions (lib64) and musl. Subfolders for newer
// processors are not searched: Lambda's processor is not this machine's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "elf/elf_info.h"
#include "package/content.h"

namespace lambdapack {

struct HostSystem {
  std::string sysroot;               // absolute, without a "/" at the end; "" is this machine's own root
  std::vector<std::string> folders;  // absolute inside the sysroot, in the order of the search
};

struct HostLibrary {
  std::string name;    // as it was asked for: what the file is called in the package
  std::string path;    // where it was found, on this machine, links as they are
  std::string origin;  // its folder, absolute: inside the sysroot, or on this machine when it lies outside of that
  std::string real;    // without links, on this machine
  bool in_sysroot = true;
  ElfInfo elf;
  Content content;
};

// Who asks: folders of RPATHs (its own, then its loaders'), and its RUNPATH; tokens already expanded.
struct HostAsker {
  std::vector<std::string> rpath, runpath;
  bool has_runpath = false;
  bool in_sysroot = true;  // false: its own folders are this machine's
};

// machine: e_machine of the program. Error: sysroot is no folder.
Result<HostSystem> read_host_system(const std::string& sysroot, std::uint16_t machine);

// What a path inside the system's root leads to on this machine: links are followed inside the sysroot, as a loader in
// a chroot would. Empty when there is nothing.
std::string resolve_in_system(const HostSystem& system, std::string_view path);

// The library for a needed name without "/": a file of the right machine and class. Files of others are passed over.
std::optional<HostLibrary> find_host_library(const HostSystem& system, const std::string& name, const HostAsker& asker,
                                             std::uint16_t machine);

// The library at an absolute path of the system.
std::optional<HostLibrary> open_host_library(const HostSystem& system, const std::string& path, std::uint16_t machine);

// The asker that an ELF file in the folder `origin` is; chain: the RPATH folders of those that load it.
HostAsker host_asker(const ElfInfo& elf, const std::string& origin, bool in_sysroot,
                     const std::vector<std::string>& chain);

}  // namespace lambdapack
