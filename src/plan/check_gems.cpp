// Gems that Ruby on Lambda does not find, or whose libraries it does not load. RubyGems goes by folder names and skips
// what does not fit without a word, so the function says no more than "cannot load such file". What is *in* the
// libraries (machine, musl, libruby.so.3.2) is checked as for any ELF file.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "languages/gem_bundles.h"
#include "plan/check_package.h"

namespace lambdapack {
namespace {

class GemCheck {
 public:
  explicit GemCheck(const CheckInput& input) : input_(input), runtime_(input.target.runtime) {}

  std::vector<Finding> run() {
    const std::vector<GemBundle> bundles = list_gem_bundles(input_.package, input_.target.is_layer);
    check_version(bundles);
    for (const GemBundle& bundle : bundles) {
      if (bundle.ruby != runtime_.version) continue;
      check_platforms(bundle);
      check_ready_libraries(bundle);
    }
    return std::move(findings_);
  }

 private:
  // Layers for several Rubies are checked where layers are.
  void check_version(const std::vector<GemBundle>& bundles) {
    const auto in_function = [](const GemBundle& bundle) { return bundle.folder.starts_with("vendor/"); };
    for (const GemBundle& bundle : bundles)
      if (in_function(bundle) && bundle.ruby == runtime_.version) return;
    for (const GemBundle& bundle : bundles) {
      if (!in_function(bundle)) continue;
      findings_.push_back({"gems-wrong-version", Severity::error, bundle.folder, bundle.ruby,
                           fmt::format("has gems for Ruby {}, and {} looks into vendor/bundle/ruby/{}.0", bundle.ruby,
                                       runtime_.id, runtime_.version),
                           fmt::format("run bundle install with Ruby {}, or choose the runtime ruby{}",
                                       runtime_.version, bundle.ruby)});
    }
  }

  void check_platforms(const GemBundle& bundle) {
    std::map<std::string, const GemBuild*> misfits;  // by gem, the first
    std::set<std::string> fitting, plain;
    for (const GemBuild& build : bundle.builds) {
      if (build.platform.empty())
        plain.insert(build.gem);
      else if (gem_platform_fits(build.platform, input_.target.arch))
        fitting.insert(build.gem);
      else
        misfits.try_emplace(build.gem, &build);
    }
    for (const auto& [gem, build] : misfits) {
      // Beside a gem for JRuby or Windows lies the one for all: but what was compiled of that is for one platform.
      const bool compiled = build->path.contains("/extensions/");
      if (fitting.contains(gem) || (plain.contains(gem) && !compiled)) continue;
      const GemBuild& first = *build;
      const std::string platform = input_.target.arch == Arch::x86_64 ? "x86_64-linux" : "aarch64-linux";
      findings_.push_back(
          {"gem-wrong-platform", Severity::error, first.path, first.platform,
           fmt::format("{} is there for {} only, and Ruby on Lambda is {}", gem, first.platform, platform),
           fmt::format("run bundle lock --add-platform {}, and bundle install on such a machine or in an "
                       "image of the runtime",
                       platform)});
    }
  }

  void check_ready_libraries(const GemBundle& bundle) {
    for (const GemBuild& build : bundle.builds) {
      if (build.platform.empty() || build.ruby_versions.empty() || build.ruby_versions.contains(runtime_.version) ||
          !gem_platform_fits(build.platform, input_.target.arch))
        continue;
      findings_.push_back(
          {"gem-extension-wrong-version", Severity::error, build.path,
           fmt::format("{}", fmt::join(build.ruby_versions, ", ")),
           fmt::format("has libraries for Ruby {}, and none for {}", fmt::join(build.ruby_versions, ", "), runtime_.id),
           "take a version of the gem that was built for this Ruby, or force_ruby_platform in the Gemfile to build "
           "it"});
    }
  }

  const CheckInput& input_;
  const Runtime& runtime_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_gems(const CheckInput& input) {
  if (input.target.runtime.family != "ruby" || input.target.runtime.version.empty()) return {};
  return GemCheck(input).run();
}

}  // namespace lambdapack
