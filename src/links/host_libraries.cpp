// The search order is ld.so(8)'s without LD_LIBRARY_PATH, which belongs to a shell and not to a build; see
// host_libraries.h.
#include "links/host_libraries.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include <fmt/format.h>

#include "base/bytes.h"
#include "elf/read_elf.h"
#include "links/dynamic_string.h"

namespace lambdapack {
namespace {

constexpr int kLinkLimit = 40;                 // MAXSYMLINKS of Linux
constexpr int kIncludeDepth = 8;               // of ld.so.conf; real ones include once
constexpr std::uint64_t kConfBytes = 1 << 20;  // of one configuration file
constexpr std::uint64_t kLibraryBytes = 4ULL << 30;

std::string triplet_of(std::uint16_t machine) {
  return machine == kMachineAArch64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
}

bool is_folder(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::string read_text(const std::string& path) {
  struct stat status{};
  if (path.empty() || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > kConfBytes) return {};
  const auto bytes = Content::from_file(path, size).slice(0, size);
  return bytes ? std::string(as_text(*bytes)) : std::string();
}

void add_folder(HostSystem& system, std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  if (folder.starts_with('/') && std::ranges::find(system.folders, folder) == system.folders.end())
    system.folders.push_back(std::move(folder));
}

void read_ld_so_conf(HostSystem& system, const std::string& file, int depth);

void include_files(HostSystem& system, const std::string& file, std::string pattern, int depth) {
  if (!pattern.starts_with('/')) pattern = file.substr(0, file.rfind('/') + 1) + pattern;
  glob_t found{};
  if (::glob((system.sysroot + pattern).c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i)
      read_ld_so_conf(system, std::string(found.gl_pathv[i]).substr(system.sysroot.size()), depth + 1);
  ::globfree(&found);
}

// One folder per line, "include PATTERN", comments; "hwcap" lines are of no use without a cache (ldconfig(8)).
void read_ld_so_conf(HostSystem& system, const std::string& file, int depth) {
  if (depth > kIncludeDepth) return;
  const std::string text = read_text(resolve_in_system(system, file));
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string line = text.substr(start, end - start);
    start = end + 1;
    line.resize(std::min(line.find('#'), line.size()));
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos) continue;
    line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
    if (line.starts_with("include") && line.find_first_of(" \t") == 7) {
      include_files(system, file, line.substr(line.find_first_not_of(" \t", 7)), depth);
    } else {
      line.resize(std::min(line.find('='), line.size()));  // "/lib=libc6", an old form
      add_folder(system, line);
    }
  }
}

// musl has one file of its own, with folders separated by colons or newlines.
void read_musl_path(HostSystem& system, std::uint16_t machine) {
  const std::string arch = machine == kMachineAArch64 ? "aarch64" : "x86_64";
  std::string text = read_text(resolve_in_system(system, "/etc/ld-musl-" + arch + ".path"));
  std::ranges::replace(text, '\n', ':');
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(':', start), text.size());
    add_folder(system, text.substr(start, end - start));
    start = end + 1;
  }
  add_folder(system, "/lib/" + arch + "-linux-musl");
}

std::optional<HostLibrary> open_file(const std::string& real, std::uint16_t machine) {
  struct stat status{};
  if (real.empty() || ::stat(real.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size < 64 || size > kLibraryBytes) return std::nullopt;
  HostLibrary library;
  library.real = real;
  library.content = Content::from_file(real, size);
  const auto head = library.content.head(64);
  if (!head || !has_elf_magic(*head)) return std::nullopt;
  const auto bytes = library.content.read();
  if (!bytes) return std::nullopt;
  library.elf = read_elf(*bytes);
  library.content.release();
  const bool broken = std::ranges::any_of(library.elf.problems, &ElfProblem::fatal);
  if (library.elf.machine != machine || !library.elf.is64 || library.elf.type != ElfType::shared || broken)
    return std::nullopt;
  return library;
}

std::string real_path(const std::string& path) {
  char* const real = ::realpath(path.c_str(), nullptr);
  const std::string result = real == nullptr ? "" : real;
  ::free(real);
  return result;
}

std::optional<HostLibrary> open_in(const HostSystem& system, const std::string& folder, const std::string& name,
                                   bool in_sysroot, std::uint16_t machine) {
  const std::string inside = folder + "/" + name;
  auto library = open_file(in_sysroot ? resolve_in_system(system, inside) : real_path(inside), machine);
  if (!library) return std::nullopt;
  library->name = name;
  library->path = in_sysroot ? system.sysroot + inside : inside;
  library->origin = folder;
  library->in_sysroot = in_sysroot;
  return library;
}

std::optional<HostLibrary> look_through(const HostSystem& system, const std::vector<std::string>& folders,
                                        const std::string& name, bool in_sysroot, std::uint16_t machine) {
  for (const std::string& folder : folders) {
    if (folder.empty()) continue;
    if (auto found = open_in(system, folder, name, in_sysroot, machine)) return found;
    // RPATHs of a cross build name the sysroot's folders, or the build's own on this machine.
    if (!in_sysroot && !system.sysroot.empty())
      if (auto found = open_in(system, folder, name, true, machine)) return found;
  }
  return std::nullopt;
}

}  // namespace

Result<HostSystem> read_host_system(const std::string& sysroot, std::uint16_t machine) {
  HostSystem system;
  if (!sysroot.empty()) {
    system.sysroot = real_path(sysroot);
    if (system.sysroot.empty() || !is_folder(system.sysroot))
      return fail("--sysroot " + printable(sysroot), "is no folder that can be read",
                  "name the root of the target's files, which has lib/ or usr/lib/");
    if (system.sysroot == "/") system.sysroot.clear();
  }
  read_ld_so_conf(system, "/etc/ld.so.conf", 0);
  const std::string triplet = triplet_of(machine);
  // What each distribution builds into its loader, after what the file says.
  for (const char* prefix : {"/lib/", "/usr/lib/", "/usr/local/lib/"}) add_folder(system, prefix + triplet);
  for (const char* folder : {"/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib64", "/usr/local/lib"})
    add_folder(system, folder);
  add_folder(system, "/usr/" + triplet + "/lib");  // Debian's cross libraries: libc6-arm64-cross
  read_musl_path(system, machine);
  return system;
}

std::string resolve_in_system(const HostSystem& system, std::string_view path) {
  std::vector<std::string> rest, done;
  const auto push = [&](std::string_view text) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t end = std::min(text.find('/', start), text.size());
      if (end > start) parts.emplace_back(text.substr(start, end - start));
      start = end + 1;
    }
    rest.insert(rest.end(), parts.rbegin(), parts.rend());
  };
  push(path);
  const auto absolute = [&] {
    return done.empty() ? system.sysroot : fmt::format("{}/{}", system.sysroot, fmt::join(done, "/"));
  };
  for (int links = 0; !rest.empty();) {
    const std::string part = std::move(rest.back());
    rest.pop_back();
    if (part == ".") continue;
    if (part == "..") {
      if (!done.empty()) done.pop_back();
      continue;
    }
    done.push_back(part);
    char target[PATH_MAX];
    const ssize_t length = ::readlink(absolute().c_str(), target, sizeof target);
    if (length <= 0) continue;
    if (++links > kLinkLimit) return {};
    done.pop_back();
    const std::string_view text(target, static_cast<std::size_t>(length));
    if (text.starts_with('/')) done.clear();
    push(text);
  }
  std::string result = absolute();
  struct stat status{};
  return ::stat(result.c_str(), &status) == 0 ? result : std::string();
}

std::optional<HostLibrary> open_host_library(const HostSystem& system, const std::string& path, std::uint16_t machine) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  return open_in(system, path.substr(0, slash), path.substr(slash + 1), true, machine);
}

std::optional<HostLibrary> find_host_library(const HostSystem& system, const std::string& name, const HostAsker& asker,
                                             std::uint16_t machine) {
  if (!asker.has_runpath)
    if (auto found = look_through(system, asker.rpath, name, asker.in_sysroot, machine)) return found;
  if (auto found = look_through(system, asker.runpath, name, asker.in_sysroot, machine)) return found;
  return look_through(system, system.folders, name, true, machine);
}

HostAsker host_asker(const ElfInfo& elf, const std::string& origin, bool in_sysroot,
                     const std::vector<std::string>& chain) {
  const StringTokens tokens{origin, elf.machine == kMachineAArch64 ? "lib/aarch64-linux-gnu" : "lib/x86_64-linux-gnu",
                            elf.machine == kMachineAArch64 ? "aarch64" : "x86_64"};
  HostAsker asker;
  asker.in_sysroot = in_sysroot;
  asker.has_runpath = elf.has_runpath;
  for (const std::string& entry : elf.runpath) asker.runpath.push_back(expand_tokens(entry, tokens));
  // DT_RPATH is dead in a file with a DT_RUNPATH, and does not reach what the file loads either.
  if (!elf.has_runpath)
    for (const std::string& entry : elf.rpath) asker.rpath.push_back(expand_tokens(entry, tokens));
  asker.rpath.insert(asker.rpath.end(), chain.begin(), chain.end());
  return asker;
}

}  // namespace lambdapack
