// What makes a binary foreign, and whether it is meant to be there; see foreign_binary.h.
#include "plan/foreign_binary.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <span>

#include <fmt/format.h>

namespace lambdapack {
namespace {

constexpr std::uint8_t kOsAbiSystemV = 0;  // ELF gABI, e_ident[EI_OSABI]
constexpr std::uint8_t kOsAbiGnu = 3;

// Words for platforms in file names of prebuildify, node-pre-gyp, napi-rs, sharp, esbuild, and of jars with natives
// (netty, JNA, sqlite-jdbc, snappy-java, zstd-jni, lz4-java). They count only between separators: "darwin" in
// "darwin-x64".
constexpr std::array kOtherSystems = {"darwin",  "macos",   "mac",     "osx",          "win",        "windows", "win32",
                                      "win64",   "freebsd", "openbsd", "netbsd",       "sunos",      "solaris", "aix",
                                      "android", "ios",     "cygwin",  "dragonflybsd", "openharmony"};
constexpr std::array kMusl = {"musl", "linuxmusl", "alpine", "muslc"};
constexpr std::array kX86_64 = {"x64", "amd64", "x86_64", "linux64"};
constexpr std::array kArm64 = {"arm64", "aarch64", "aarch_64", "armv8"};
constexpr std::array kOtherMachines = {
    "ia32",    "i386",    "i686",      "x86",     "x86_32",     "arm",       "armv5",   "armv6",
    "armv7",   "armhf",   "armeabi",   "ppc",     "ppc64",      "ppc64le",   "s390",    "s390x",
    "riscv64", "riscv32", "mips",      "mips64",  "mips64el",   "mipsel",    "loong64", "loongarch64",
    "sparc",   "sparcv9", "universal", "linux32", "androidarm", "gnueabihf", "armv6hf", "armv7hf"};

template <class Words>
bool contains(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool names_other_platform(std::string_view word, Arch arch) {
  if (contains(kOtherSystems, word) || contains(kMusl, word) || contains(kOtherMachines, word)) return true;
  return arch == Arch::x86_64 ? contains(kArm64, word) : contains(kX86_64, word);
}

// Lower case, with names of a machine that hold a separator as one word: "x86_64" must not be read as "x86".
std::string with_plain_machines(std::string_view part) {
  std::string lower;
  for (const char c : part) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string_view own : {"x86_64", "x86-64", "aarch_64"}) {
    for (std::size_t at; (at = lower.find(own)) != std::string::npos;)
      lower.replace(at, own.size(), own.front() == 'x' ? "amd64" : "arm64");
  }
  return lower;
}

// Words of one path part: split at "-", ".", "+" and "_", and also whole runs that hold "_" ("x86_64", "aarch_64").
std::string foreign_word(std::string_view part, Arch arch) {
  const std::string lower = with_plain_machines(part);
  std::size_t start = 0;
  while (start <= lower.size()) {
    const std::size_t end = std::min(lower.find_first_of("-._+@", start), lower.size());
    const std::string word = lower.substr(start, end - start);
    if (names_other_platform(word, arch)) return word;
    start = end + 1;
  }
  return {};
}

// The soname of a C library that is not glibc's libc.so.6: "libc.so" is musl's and Android's, "libc.so.1" Solaris's,
// "libc.so.7" FreeBSD's, "libc.so.12" NetBSD's, "libc.so.97.0" OpenBSD's. "" when there is none.
std::string other_libc(const ElfInfo& elf) {
  for (const std::string& needed : elf.needed) {
    if (needed.starts_with("libc.musl-")) return needed;
    if (needed == "libc.so" || (needed.starts_with("libc.so.") && needed != "libc.so.6")) return needed;
  }
  return elf.interpreter.find("ld-musl") != std::string::npos ? "libc.musl" : "";
}

// Windows executables hold .NET code when data directory 14 (the CLR header) is not empty: PE/COFF specification.
bool is_managed(const Content& content) {
  const auto head = content.head(4096);
  if (!head) return true;  // unreadable: leave it alone
  const auto u16 = [&](std::size_t at) { return at + 2 <= head->size() ? (*head)[at] | (*head)[at + 1] << 8 : 0; };
  const std::size_t pe = static_cast<std::size_t>(u16(0x3c)) | static_cast<std::size_t>(u16(0x3e)) << 16;
  if (pe > 2048) return true;
  const std::size_t optional_header = pe + 24;
  const std::size_t directories = optional_header + (u16(optional_header) == 0x20b ? 112U : 96U);
  const std::size_t clr = directories + 14U * 8U;
  return u16(clr) != 0 || u16(clr + 2) != 0;
}

std::optional<ForeignBinary> foreign_elf(const ElfInfo& elf, Arch arch, bool brings_libc) {
  ForeignBinary foreign;
  if (elf.type != ElfType::shared && elf.type != ElfType::executable) return std::nullopt;
  if (elf.machine != elf_machine(arch) || !elf.is64 || !elf.little_endian) {
    foreign.what = "built for " + machine_name(elf.machine);
    // x32 and ILP32 use the names of the 64-bit machines.
    if (elf.machine == elf_machine(arch)) foreign.what += elf.is64 ? ", big-endian" : ", 32-bit";
    foreign.wrong_machine = true;
    return foreign;
  }
  if (elf.os_abi != kOsAbiSystemV && elf.os_abi != kOsAbiGnu) {
    foreign.what = fmt::format("built for another operating system (OS/ABI {})", elf.os_abi);
    return foreign;
  }
  if (const std::string libc = other_libc(elf); !libc.empty() && !brings_libc) {
    foreign.musl = libc.starts_with("libc.musl") || libc == "libc.so";
    foreign.what = foreign.musl ? "linked against musl, and Lambda's runtimes have glibc"
                                : "linked against another system's " + libc;
    return foreign;
  }
  return std::nullopt;
}

std::optional<ForeignBinary> foreign_by_content(const Package& package, const Inventory& inventory,
                                                const FunctionTarget& target, std::size_t file) {
  const FileRecord& record = inventory.files[file];
  ForeignBinary foreign;
  switch (record.type) {
    case FileType::elf: return foreign_elf(*record.elf, target.arch, target.brings_libc);
    case FileType::mach_o: foreign.what = "a macOS binary"; return foreign;
    case FileType::pe:
      if (target.runtime.family == "dotnet" || is_managed(package.files[file].content)) return std::nullopt;
      foreign.what = "a Windows binary";
      return foreign;
    default: return std::nullopt;
  }
}

bool allows(const std::vector<std::string>& allowed, std::string_view value) {
  if (allowed.empty()) return true;
  // package.json may say what is excluded ("!win32") instead of what is allowed.
  const bool only_negations = std::ranges::all_of(allowed, [](const std::string& a) { return a.starts_with('!'); });
  if (only_negations) return std::ranges::find(allowed, "!" + std::string(value)) == allowed.end();
  return std::ranges::find(allowed, value) != allowed.end();
}

}  // namespace

std::string npm_excludes(const NodePackage& package, Arch arch) {
  const auto joined = [](const std::vector<std::string>& values) { return fmt::format("{}", fmt::join(values, ", ")); };
  if (!allows(package.os, "linux")) return "os " + joined(package.os);
  if (!allows(package.cpu, arch == Arch::x86_64 ? "x64" : "arm64")) return "cpu " + joined(package.cpu);
  if (!allows(package.libc, "glibc")) return "libc " + joined(package.libc);
  return {};
}

std::string foreign_path_part(std::string_view path, Arch arch) {
  std::size_t start = 0;
  while (start < path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    if (std::string word = foreign_word(path.substr(start, end - start), arch); !word.empty()) return word;
    start = end + 1;
  }
  return {};
}

std::optional<ForeignBinary> foreign_binary(const Package& package, const Inventory& inventory,
                                            const LanguageView& languages, const FunctionTarget& target,
                                            std::size_t file) {
  auto foreign = foreign_by_content(package, inventory, target, file);
  if (!foreign) return std::nullopt;

  if (const auto owner = languages.node_package_of[file]) {
    const NodePackage& npm = languages.node_packages[*owner];
    if (const std::string excluded = npm_excludes(npm, target.arch); !excluded.empty()) {
      foreign->alternative = true;
      foreign->alternative_why = fmt::format("npm package {} is for {}", npm.name, excluded);
      return foreign;
    }
  }
  if (const std::string word = foreign_path_part(package.files[file].path, target.arch); !word.empty()) {
    foreign->alternative = true;
    foreign->alternative_why = fmt::format("its path names {}", word);
    return foreign;
  }
  // Not named for its platform, yet a package manager brought it: a Windows launcher in setuptools, say. Code could
  // still read it as data, so this is evidence and no proof.
  if (!foreign->wrong_machine && !foreign->musl && languages.owned(file)) {
    foreign->alternative = true;
    foreign->alternative_why = "a package manager installed it with the rest of its package";
    foreign->confidence = Confidence::likely;
  }
  return foreign;
}

namespace {

// The path up to the part that names a platform: what lies below it is one thing for several platforms.
std::string before_platform(std::string_view path, Arch arch) {
  std::size_t start = 0;
  while (start < path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    if (!foreign_word(path.substr(start, end - start), arch).empty()) break;
    start = end + 1;
  }
  return std::string(path.substr(0, std::min(start, path.size())));
}

}  // namespace

std::optional<Arch> native_linux_arch(std::string_view path) {
  const std::string lower = with_plain_machines(path);
  const std::string_view name = std::string_view(lower).substr(lower.rfind('/') + 1);
  if (!name.ends_with(".so") && !name.contains(".so.")) return std::nullopt;
  std::optional<Arch> arch;
  for (std::size_t start = 0; start <= lower.size();) {
    const std::size_t end = std::min(lower.find_first_of("/-._+@", start), lower.size());
    const std::string_view word = std::string_view(lower).substr(start, end - start);
    if (contains(kOtherSystems, word) || contains(kMusl, word) || contains(kOtherMachines, word)) return std::nullopt;
    if (contains(kX86_64, word)) arch = Arch::x86_64;
    if (contains(kArm64, word)) arch = Arch::arm64;
    start = end + 1;
  }
  return arch;
}

void mark_sole_builds(std::vector<std::optional<ForeignBinary>>& foreign, const Package& package,
                      const Inventory& inventory, const LanguageView& languages, Arch arch) {
  const Arch other = arch == Arch::x86_64 ? Arch::arm64 : Arch::x86_64;
  const auto owner_of = [&](std::size_t file) {
    if (const auto d = languages.distribution_of[file]) return fmt::format("python {}", *d);
    if (const auto n = languages.node_package_of[file]) return fmt::format("npm {}", *n);
    return std::string();
  };
  std::set<std::string> served;             // owners with a binary for this architecture
  std::vector<std::string_view> own_files;  // binaries for this architecture that nobody owns, sorted
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const auto& elf = inventory.files[i].elf;
    if (!elf || !elf->is64 || (elf->type != ElfType::shared && elf->type != ElfType::executable)) continue;
    if (elf->machine == elf_machine(arch) && !foreign[i]) {
      if (std::string owner = owner_of(i); !owner.empty())
        served.insert(std::move(owner));
      else
        own_files.push_back(package.files[i].path);
    }
    if (elf->machine != elf_machine(other) || !foreign[i] || !foreign[i]->alternative || foreign[i]->musl) continue;
    if (const auto n = languages.node_package_of[i]; n && !npm_excludes(languages.node_packages[*n], arch).empty())
      continue;
    // Words for this machine's own system only: "android-arm64" is no build that was bundled by mistake.
    const std::string word = foreign_path_part(package.files[i].path, arch);
    if (contains(arch == Arch::x86_64 ? std::span<const char* const>(kArm64) : std::span<const char* const>(kX86_64),
                 word))
      asked.push_back(i);
  }
  for (const std::size_t i : asked) {
    if (const std::string owner = owner_of(i); !owner.empty()) {
      foreign[i]->sole = !served.contains(owner);
      continue;
    }
    const std::string prefix = before_platform(package.files[i].path, arch);
    const auto below = std::ranges::lower_bound(own_files, std::string_view(prefix));
    foreign[i]->sole = below == own_files.end() || !below->starts_with(prefix);
  }
}

}  // namespace lambdapack
