// What Lambda's dynamic loader is like: which folders it searches, in which order, and what is there before the
// package.
//
// All of it follows from rules/ and from glibc's own rules. The processor is the one thing that Lambda does not fix:
// x86_64 functions run on Intel and on AMD, and glibc asks for the vendor when it picks subfolders. What AWS promises
// (AVX2; the x86-64-v3 level) is the profile; the processors that have more or report otherwise are its `other_cpus`.
#include "links/loader_profile.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace lambdapack {
namespace {

// "2.34" as {2, 34}; what cannot be read is 0, which is older than anything.
std::pair<int, int> parse_version(std::string_view text) {
  const auto number = [](std::string_view digits) {
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  };
  const auto dot = text.find('.');
  return {number(text.substr(0, dot)), dot == std::string_view::npos ? 0 : number(text.substr(dot + 1))};
}

// Splits at any of the separators; empty parts are kept, because an empty entry of a search path is the current folder.
std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (true) {
    const std::size_t end = text.find_first_of(separators, start);
    parts.emplace_back(text.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

// The processors behind Lambda's two architectures, the promised one first.
//
// glibc (sysdeps/x86/cpu-features.c, 2.26 to 2.36) sets $PLATFORM to "haswell" on Intel processors with AVX2 and keeps
// the kernel's "x86_64" on AMD's; AVX-512 on Intel adds "avx512_1" and the level x86-64-v4. AVX2 and all of v3 are what
// Lambda documents ("AVX2 vectorization", Lambda Developer Guide); AVX-512 is there on some hosts only. On arm64,
// Graviton2 and later have the LSE atomics that the older scheme names "atomics"; glibc 2.26 does not look for it
// unless it is backported.
std::vector<CpuProfile> lambda_cpus(Arch arch, const std::string& glibc) {
  if (arch == Arch::arm64)
    return {{hwcaps_folders(glibc, {}, {"atomics", "aarch64"}), "aarch64"},
            {hwcaps_folders(glibc, {}, {"aarch64"}), "aarch64"}};
  const std::vector<std::string> promised{"x86-64-v3", "x86-64-v2"};
  return {
      {hwcaps_folders(glibc, promised, {"x86_64", "x86_64"}), "x86_64"},
      {hwcaps_folders(glibc, promised, {"x86_64", "haswell"}), "haswell"},
      {hwcaps_folders(glibc, {"x86-64-v4", "x86-64-v3", "x86-64-v2"}, {"x86_64", "avx512_1", "haswell"}), "haswell"}};
}

// /lib64 is a link to usr/lib64 on both Amazon Linux versions, so a library listed under one name is found under the
// other.
void merge_twin_folders(std::map<std::string, std::set<std::string>>& outside) {
  for (const auto& [link, real] : {std::pair{"/lib64", "/usr/lib64"}, std::pair{"/lib", "/usr/lib"}}) {
    std::set<std::string> both;
    for (const char* folder : {link, real})
      if (const auto found = outside.find(folder); found != outside.end())
        both.insert(found->second.begin(), found->second.end());
    if (!both.empty()) outside[link] = outside[real] = both;
  }
}

}  // namespace

std::vector<std::string> hwcaps_folders(const std::string& version, const std::vector<std::string>& levels,
                                        const std::vector<std::string>& legacy) {
  const auto glibc = parse_version(version);
  std::vector<std::string> folders;
  if (glibc >= std::pair{2, 33})
    for (const std::string& level : levels) folders.push_back("glibc-hwcaps/" + level);
  if (glibc >= std::pair{2, 37}) return folders;

  // Every subset of the names, the largest first, each path from the most to the least significant name
  // (elf/dl-hwcaps.c, _dl_important_hwcaps): "tls/haswell/x86_64", "tls/haswell", "tls/x86_64", "tls",
  // "haswell/x86_64", …
  std::vector<std::string> names = legacy;
  names.push_back("tls");
  for (unsigned subset = (1U << names.size()) - 1; subset > 0; --subset) {
    std::string path;
    for (std::size_t i = names.size(); i-- > 0;)
      if ((subset >> i & 1U) != 0) path += (path.empty() ? "" : "/") + names[i];
    // On AMD's processors both the capability and the platform are called "x86_64": glibc then tries some paths twice.
    if (std::ranges::find(folders, path) == folders.end()) folders.push_back(path);
  }
  return folders;
}

LoaderProfile lambda_profile(const Runtime& runtime, const std::map<std::string, std::string>& env) {
  LoaderProfile profile;
  profile.name = runtime.id + " " + std::string(to_string(runtime.arch));
  profile.machine = elf_machine(runtime.arch);
  profile.loader = runtime.loader;
  profile.library_path = runtime.library_path;
  profile.default_path = {"/lib64", "/usr/lib64"};
  profile.loaded.insert(runtime.preloaded.begin(), runtime.preloaded.end());
  profile.program_folder = "/var/lang/bin";
  if (runtime.family == "provided") profile.bootstraps = {"/var/task/bootstrap", "/opt/bootstrap"};
  profile.refuses_pie = parse_version(runtime.glibc) >= std::pair{2, 30};
  profile.named_library_ends_search = !profile.refuses_pie;
  for (const auto& [folder, names] : runtime.libraries) profile.outside[folder].insert(names.begin(), names.end());
  merge_twin_folders(profile.outside);

  profile.other_cpus = lambda_cpus(runtime.arch, runtime.glibc);
  profile.hwcaps = std::move(profile.other_cpus.front().hwcaps);
  profile.platform = std::move(profile.other_cpus.front().platform);
  profile.other_cpus.erase(profile.other_cpus.begin());

  // An empty LD_LIBRARY_PATH is no LD_LIBRARY_PATH (elf/dl-load.c, _dl_init_paths), unlike an empty entry in one.
  if (const auto found = env.find("LD_LIBRARY_PATH"); found != env.end())
    profile.library_path = found->second.empty() ? std::vector<std::string>{} : split(found->second, ":;");
  if (const auto found = env.find("LD_PRELOAD"); found != env.end())
    for (std::string& name : split(found->second, ": "))
      if (!name.empty()) profile.preload.push_back(std::move(name));
  return profile;
}

}  // namespace lambdapack
