// The words of what to install instead; see platform_build.h.
//
// Sources of the options: pip's and uv's documentation (--platform, --python-platform), npm's (--os, --cpu, --libc),
// the Go and Rust cross-compilation guides.
#include "plan/platform_build.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "base/bytes.h"

namespace lambdapack {
namespace {

std::vector<std::string_view> words_of(std::string_view name) {
  std::vector<std::string_view> words;
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find_first_of("-_./@", start), name.size());
    if (end > start) words.push_back(name.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

// The numbers of a version; what follows the first part that is none is left out.
std::vector<int> numbers_of(std::string_view version) {
  std::vector<int> numbers;
  for (std::size_t start = 0; start <= version.size();) {
    const std::size_t end = std::min(version.find('.', start), version.size());
    int number = 0;
    const auto [last, error] = std::from_chars(version.data() + start, version.data() + end, number);
    if (error != std::errc{}) break;
    numbers.push_back(number);
    if (last != version.data() + end) break;
    start = end + 1;
  }
  return numbers;
}

}  // namespace

std::string first_arm64_release(const Rules& rules, std::string_view ecosystem, std::string_view name,
                                std::string_view version) {
  const ArmSupport* support = rules.arm64_since(ecosystem, name);
  if (support == nullptr) return {};
  const auto first = numbers_of(support->first), have = numbers_of(version);
  return !have.empty() && have < first ? support->first : std::string();
}

std::string python_build_hint(const Distribution& distribution, const FunctionTarget& target, const Rules& rules) {
  const bool arm64 = target.arch == Arch::arm64;
  const std::string machine = arm64 ? "aarch64" : "x86_64";
  std::string wanted = fmt::format("{}=={}", printable(distribution.name), printable(distribution.version));
  std::string before;
  if (arm64) {
    if (const std::string first = first_arm64_release(rules, "pypi", distribution.name, distribution.version);
        !first.empty()) {
      before = fmt::format("the first release with a wheel for aarch64 is {}: ", first);
      wanted = fmt::format("'{}>={}'", printable(distribution.name), first);
    }
  }
  std::string platforms = fmt::format("--platform manylinux2014_{}", machine);
  if (target.runtime.os == "al2023") platforms += fmt::format(" --platform manylinux_2_28_{}", machine);
  const std::string version =
      target.runtime.family == "python" ? " --python-version " + target.runtime.version : std::string();
  return fmt::format(
      "{}pip install {} --only-binary=:all:{} --no-deps --upgrade --target DIR {} (uv: "
      "--python-platform {}-manylinux2014)",
      before, platforms, version, wanted, machine);
}

std::string npm_build_hint(const NodePackage& package, const FunctionTarget& target, const Rules& rules) {
  const bool arm64 = target.arch == Arch::arm64;
  const std::string cpu = arm64 ? "arm64" : "x64";
  std::string before;
  if (arm64) {
    if (const std::string first = first_arm64_release(rules, "npm", package.name, package.version); !first.empty())
      before = fmt::format("the first release for linux-arm64 is {}: ", first);
  }
  return fmt::format("{}npm install --os=linux --cpu={} --libc=glibc, or npm rebuild {} on a Linux {} machine", before,
                     cpu, printable(package.name), cpu);
}

std::string program_build_hint(const ElfInfo& elf, Arch arch) {
  const bool arm64 = arch == Arch::arm64;
  const std::string machine = arm64 ? "aarch64" : "x86_64";
  const std::string other = arm64 ? "x86_64" : "arm64";
  std::string how;
  if (elf.is_go)
    how = fmt::format("GOOS=linux GOARCH={} CGO_ENABLED=0 go build", arm64 ? "arm64" : "amd64");
  else if (elf.is_rust)
    how = fmt::format("cargo build --release --target {}-unknown-linux-gnu, or cargo lambda build{}", machine,
                      arm64 ? " --arm64" : "");
  else
    how = fmt::format(
        "{0}-linux-gnu-gcc or -g++ (CMake: -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR={0} "
        "-DCMAKE_CXX_COMPILER={0}-linux-gnu-g++)",
        machine);
  return fmt::format("build it for {}: {}; or pass --arch {}", to_string(arch), how, other);
}

bool is_platform_package(std::string_view name, Arch arch) {
  const auto words = words_of(name);
  const auto has = [&](std::string_view word) { return std::ranges::find(words, word) != words.end(); };
  if (!has("linux") || has("musl") || has("android") || has("gnueabihf") || has("musleabihf")) return false;
  if (arch == Arch::arm64) return has("arm64") || has("aarch64");
  return has("x64") || has("amd64") || (has("x86") && has("64"));
}

}  // namespace lambdapack
