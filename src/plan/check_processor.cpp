// Code for processors that Lambda does not promise: what the file says of itself, and what its code looks like
// (elf/find_above_baseline.h). AWS runs functions on several generations of processors, so such a function works for
// months and then stops with "Illegal instruction" on the next machine.
//
// Most libraries with such code choose it at run time and are fine, so a file is named only when nothing in it asks
// what the processor has, or when code that always runs leads there.
#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "languages/package_paths.h"
#include "plan/check_package.h"

namespace lambdapack {
namespace {

constexpr std::uint32_t kLevel4 = 1U << 3;  // x86-64-v4 in GNU_PROPERTY_X86_ISA_1_NEEDED

// Words in file names of builds for one kind of processor, among which another library or the package's code chooses
// (MKL, IPP, ggml, oneDNN), and glibc's own folders for them.
constexpr std::array<std::string_view, 16> kProcessorWords = {
    "avx512",   "avx-512", "avx10", "skylake",   "skx", "icelake", "cascadelake", "cooperlake",
    "sapphire", "zen4",    "zen5",  "x86-64-v4", "amx", "sve",     "neoverse",    "graviton"};

bool named_for_processor(std::string_view path) {
  std::string lower;
  for (const char c : path) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::string_view name = base_name(lower);
  const bool hwcaps = lower.find("glibc-hwcaps/x86-64-v4/") != std::string::npos;
  return hwcaps || std::ranges::any_of(kProcessorWords,
                                       [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

std::string baseline(Arch arch) {
  return arch == Arch::x86_64 ? "AVX2" : "Graviton2 (Neoverse N1)";
}

std::string build_hint(Arch arch) {
  if (arch == Arch::x86_64)
    return "build it with -march=x86-64-v3 or lower instead of -march=native (Rust: -C target-cpu=x86-64-v3, Go: "
           "GOAMD64=v3)";
  return "build it with -mcpu=neoverse-n1 or lower instead of -mcpu=native (Rust: -C target-cpu=neoverse-n1)";
}

// Whether the loader brings the file in by itself; what is only opened by name may be one of several to choose from.
bool always_loaded(const Reach& reach, std::size_t file) {
  const ReachKind kind = reach.steps[file].kind;
  return kind == ReachKind::root || kind == ReachKind::needed;
}

void check_level(const CheckInput& input, std::size_t file, const ElfInfo& elf, std::vector<Finding>& findings) {
  const bool note = (elf.x86_levels_needed & kLevel4) != 0;
  const bool go = elf.machine == kMachineX86_64 && elf.go_level.starts_with("v4");
  if (!note && !go) return;
  // Before glibc 2.33 the loader does not look at the note.
  const bool refused = go || input.target.runtime.os != "al2";
  Finding finding{"processor-level-too-high",
                  refused && always_loaded(input.reach, file) ? Severity::error : Severity::warning,
                  input.package.files[file].path,
                  "x86-64-v4",
                  {},
                  build_hint(input.target.arch)};
  finding.message = go ? "was built with GOAMD64=v4: it refuses to start on processors without AVX-512"
                       : fmt::format("says that it needs x86-64-v4 (AVX-512); {}",
                                     refused ? "the loader refuses it on processors without (\"CPU ISA level is lower "
                                               "than required\")"
                                             : "a processor without stops it with an illegal instruction");
  findings.push_back(std::move(finding));
}

// Built for such processors as a whole: no SSE code from before AVX, or a good part of the vector code needs them. A
// few such functions among ordinary ones may be there for another library to choose.
bool built_above(const AboveBaseline& code, Arch arch) {
  if (arch == Arch::x86_64) return code.sse * 10 <= code.vector;
  return code.above * 10 >= code.vector;
}

void check_code(const CheckInput& input, std::size_t file, const AboveBaseline& code, std::vector<Finding>& findings) {
  if (code.at_load.empty() && code.chooses) return;
  const bool named = named_for_processor(input.package.files[file].path);
  const bool suspect = !code.at_load.empty() || built_above(code, input.target.arch);
  Finding finding{"processor-instructions",
                  suspect && !named && always_loaded(input.reach, file) ? Severity::warning : Severity::info,
                  input.package.files[file].path,
                  code.feature,
                  {},
                  build_hint(input.target.arch)};
  if (!code.at_load.empty())
    finding.message = fmt::format("runs {} instructions in {}, at every start", code.feature, code.at_load);
  else
    finding.message = fmt::format(
        "has {} instructions in {} of {} functions looked at ({}), and nothing in it asks "
        "whether the processor has them",
        code.feature, code.above, code.read, code.function);
  finding.message += fmt::format("; Lambda promises {}", baseline(input.target.arch));
  findings.push_back(std::move(finding));
}

}  // namespace

std::vector<Finding> check_processor(const CheckInput& input) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const auto& elf = input.inventory.files[i].elf;
    if (!elf || input.reach.foreign[i] || elf->machine != elf_machine(input.target.arch)) continue;
    if (elf->type != ElfType::shared && elf->type != ElfType::executable) continue;
    const bool hwcaps = input.package.files[i].path.find("glibc-hwcaps/x86-64-v4/") != std::string::npos;
    const std::size_t before = findings.size();
    if (!hwcaps) check_level(input, i, *elf, findings);
    if (findings.size() == before && elf->above_baseline) check_code(input, i, *elf->above_baseline, findings);
  }
  return findings;
}

}  // namespace lambdapack
