// Gems as Bundler and RubyGems lay them out, with the names that say for which Ruby and which platform they were built.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "package/package.h"
#include "rules/arch.h"

namespace lambdapack {

// One gem in one build: "nokogiri-1.18.0-aarch64-linux-gnu" in gems/, or its extensions that were built on the machine
// where it was installed: extensions/x86_64-linux/3.3.0/bcrypt-3.1.20.
struct GemBuild {
  std::string gem;       // "nokogiri-1.18.0"
  std::string platform;  // "aarch64-linux-gnu"; empty for gems of Ruby code, and those built when they were installed
  std::string path;      // its folder
  std::set<std::string> ruby_versions;  // "3.2", "3.3": it has a library in a folder of that name for each

  bool operator==(const GemBuild&) const = default;
};

// A folder that holds gems/, extensions/ and specifications/ for one Ruby.
struct GemBundle {
  std::string folder;            // "vendor/bundle/ruby/3.3.0", "/opt/ruby/gems/3.3.0"
  std::string ruby;              // "3.3"
  std::vector<GemBuild> builds;  // sorted by path
};

// Those of a function and of layers where Lambda's GEM_PATH may lead; sorted by folder.
std::vector<GemBundle> list_gem_bundles(const Package& package, bool is_layer);

// Whether Ruby on Lambda takes a gem of this platform: Linux with glibc, on this processor; or none ("").
bool gem_platform_fits(std::string_view platform, Arch arch);

// Whether a file is in such a folder, of any version.
bool is_in_gem_bundle(std::string_view path, bool is_layer);

}  // namespace lambdapack
