// Distributions whose WHEEL tags say that they are for something else than the function: another Python, platform, C
// library, or a newer glibc than the runtime's.
//
// What the files themselves show says more, and is said elsewhere: a module for another machine or under a name that
// CPython does not import, a symbol version that is missing. The tags are what is left to go by when the files' names
// have no tag ("_speedups.so"), when there is no native code, and for the one question that pip asks.
#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "languages/python_extension.h"
#include "plan/check_package.h"
#include "plan/platform_build.h"

namespace lambdapack {
namespace {

struct Tag {
  std::string_view python, abi, platform;
};

std::optional<Tag> split(std::string_view tag) {
  const std::size_t first = tag.find('-'), second = tag.find('-', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  return Tag{tag.substr(0, first), tag.substr(first + 1, second - first - 1), tag.substr(second + 1)};
}

// The glibc that a platform tag promises to need at most, in minor versions of 2: 28 of "manylinux_2_28_x86_64".
// Names with a year are older (PEP 571, 599, 600). Nothing for other platforms.
std::optional<int> glibc_of(std::string_view platform) {
  if (platform.starts_with("manylinux1_")) return 5;
  if (platform.starts_with("manylinux2010_")) return 12;
  if (platform.starts_with("manylinux2014_")) return 17;
  for (const std::string_view prefix : {"manylinux_2_", "2_"}) {
    if (!platform.starts_with(prefix)) continue;
    int minor = 0;
    const char* const first = platform.data() + prefix.size();
    if (std::from_chars(first, platform.data() + platform.size(), minor).ec == std::errc{}) return minor;
  }
  return std::nullopt;
}

class WheelCheck {
 public:
  WheelCheck(const CheckInput& input, const std::vector<Finding>& so_far)
      : input_(input),
        python_tag_(input.target.runtime.python_tag),
        machine_(input.target.arch == Arch::x86_64 ? "x86_64" : "aarch64") {
    for (const Finding& finding : so_far)
      if (finding.code.starts_with("python-") || finding.code == "musl-binary" || finding.code == "wrong-machine")
        reported_.insert(finding.path);
  }

  std::vector<Finding> run() {
    for (const Distribution& distribution : input_.languages.distributions) {
      if (distribution.tags.empty() || is_layer_file(distribution.info) || reported_.contains(distribution.info) ||
          is_of_other_python(distribution.folder, input_.target.runtime.version))
        continue;
      if (std::ranges::none_of(distribution.tags,
                               [&](const auto& tag) { return tag_fits(tag, python_tag_, machine_); }))
        say_other(distribution);
      else
        check_glibc(distribution);
    }
    return std::move(findings_);
  }

 private:
  std::string first_misfit(const Tag& tag) const {
    const std::string_view platform = tag.platform;
    if (platform.starts_with("musllinux")) return "musl (Alpine)";
    if (platform.starts_with("macosx")) return "macOS";
    if (platform.starts_with("win")) return "Windows";
    if (platform != "any" && !platform.ends_with("_" + machine_)) return std::string(platform);
    if (tag.abi == "none" || tag.abi == "abi3")
      return tag.python.starts_with("py2") ? "Python 2" : abi_in_words(tag.python);
    return abi_in_words(tag.abi);
  }

  void say_other(const Distribution& distribution) {
    const auto tag = split(distribution.tags.front());
    if (!tag) return;
    findings_.push_back(
        {"wheel-wrong-tag", Severity::warning, distribution.info, distribution.tags.front(),
         fmt::format("{} {} was installed from a wheel for {} ({}), which pip does not install for {} "
                     "on {}",
                     distribution.name, distribution.version, first_misfit(*tag), distribution.tags.front(),
                     input_.target.runtime.id, to_string(input_.target.arch)),
         python_build_hint(distribution, input_.target, input_.rules)});
  }

  // A wheel has a tag for each promise that it keeps; the lowest counts. What it needs in fact, its ELF files say.
  void check_glibc(const Distribution& distribution) {
    const auto has = glibc_of(input_.target.runtime.manylinux);
    if (!has) return;
    std::optional<int> needs;
    for (const std::string& text : distribution.tags) {
      const auto tag = split(text);
      if (!tag || !tag_fits(text, python_tag_, machine_)) continue;
      const auto glibc = glibc_of(tag->platform);
      if (!glibc) return;  // linux_x86_64, any: no promise
      needs = std::min(needs.value_or(*glibc), *glibc);
    }
    if (!needs || *needs <= *has) return;
    findings_.push_back(
        {"wheel-glibc-too-new", Severity::info, distribution.info, distribution.tags.front(),
         fmt::format("{} {} was installed from a wheel for glibc 2.{} and later, {} has 2.{}; where its "
                     "files need more than that, it is said of them",
                     distribution.name, distribution.version, *needs, input_.target.runtime.id, *has),
         python_build_hint(distribution, input_.target, input_.rules)});
  }

  const CheckInput& input_;
  std::string python_tag_, machine_;
  std::set<std::string> reported_;  // info paths of distributions of which more is known
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_wheels(const CheckInput& input, const std::vector<Finding>& so_far) {
  if (input.target.runtime.family != "python" || input.target.runtime.python_tag.empty()) return {};
  return WheelCheck(input, so_far).run();
}

}  // namespace lambdapack
