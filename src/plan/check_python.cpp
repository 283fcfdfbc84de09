// Extension modules that the function's Python cannot import: another version's, another interpreter's, another
// platform's. CPython looks for a few file names and passes over all others without a word, so what the user sees is
// "No module named ...", for a module that is there.
//
// A module that another file beside it provides is fine: projects ship several spellings on purpose. What WHEEL says of
// the distribution tells a wrong installation from a stray file. All modules of a distribution are one finding.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "languages/package_paths.h"
#include "languages/python_extension.h"
#include "plan/check_package.h"

namespace lambdapack {
namespace {

std::string wheel_machine(Arch arch) {
  return arch == Arch::x86_64 ? "x86_64" : "aarch64";
}

class PythonCheck {
 public:
  explicit PythonCheck(const CheckInput& input)
      : input_(input),
        python_tag_(input.target.runtime.python_tag),
        machine_(wheel_machine(input.target.arch)),
        platform_(machine_ + "-linux-gnu") {}

  std::vector<Finding> run() {
    note_providers();
    for (std::size_t i = 0; i < input_.package.files.size(); ++i) look_at(i);
    for (auto& [key, group] : groups_) findings_.push_back(finding(key, group));
    check_stable_abi();
    return std::move(findings_);
  }

 private:
  // What one distribution, or one file of the user's own, has for one foreign ABI and platform.
  struct Key {
    std::string code, subject, detail;
    auto operator<=>(const Key&) const = default;
  };
  struct Group {
    std::size_t first = 0, count = 0;
    bool python_twins = true;  // each of them has a .py beside it
    PythonExtension extension;
  };

  const std::string& path(std::size_t i) const { return input_.package.files[i].path; }

  static std::string module_key(std::string_view file_path, std::string_view module) {
    return join_path(parent_folder(file_path), module);
  }

  void note_providers() {
    for (std::size_t i = 0; i < input_.package.files.size(); ++i) {
      const std::string_view name = base_name(path(i));
      if (name.ends_with(".py")) {
        pure_.insert(module_key(path(i), name.substr(0, name.size() - 3)));
        if (name == "__init__.py") pure_.insert(std::string(parent_folder(path(i))));
      }
      const auto extension = parse_python_extension(name);
      if (extension && !input_.reach.foreign[i] && importable(*extension, python_tag_, platform_))
        native_.insert(module_key(path(i), extension->module));
    }
  }

  void look_at(std::size_t i) {
    const PackageFile& file = input_.package.files[i];
    if (file.kind != FileKind::regular || is_of_other_python(file.path, input_.target.runtime.version)) return;
    const FileType type = input_.inventory.files[i].type;
    if (type != FileType::elf && type != FileType::mach_o && type != FileType::pe) return;
    auto extension = parse_python_extension(base_name(file.path));
    const bool windows = !extension && type == FileType::pe;
    if (windows) extension = parse_windows_extension(base_name(file.path));
    if (!extension || (!windows && importable(*extension, python_tag_, platform_))) return;
    const std::string module = module_key(file.path, extension->module);
    if (native_.contains(module)) return;
    // Content tells more than the name, and says it already.
    if (const auto& foreign = input_.reach.foreign[i]; foreign && foreign->is_wrong_build()) return;
    const bool same_python = extension->abi.empty() || extension->abi == python_tag_ || extension->abi == "abi3";
    Key key{same_python ? "python-extension-wrong-platform" : "python-extension-wrong-version", file.path,
            extension->abi + (extension->platform.empty() ? "" : "-" + extension->platform)};
    if (const auto owner = input_.languages.distribution_of[i])
      key.subject = input_.languages.distributions[*owner].info;
    Group& group = groups_[key];
    if (group.count++ == 0) group.first = i, group.extension = *extension;
    group.python_twins = group.python_twins && pure_.contains(module);
  }

  const Distribution* owner_of(const Group& group) const {
    const auto owner = input_.languages.distribution_of[group.first];
    return owner ? &input_.languages.distributions[*owner] : nullptr;
  }

  bool installed_for(const Distribution& distribution) const {
    return std::ranges::any_of(distribution.tags,
                               [&](const std::string& tag) { return tag_fits(tag, python_tag_, machine_); });
  }

  Severity severity(const Group& group) const {
    if (group.python_twins) return Severity::info;
    // In a distribution for this Python its authors know what they left in.
    if (const Distribution* owner = owner_of(group); owner != nullptr && !owner->tags.empty())
      return installed_for(*owner) ? Severity::info : Severity::error;
    return group.extension.abi.empty() ? Severity::warning : Severity::error;
  }

  static std::string platform_in_words(const std::string& platform) {
    if (platform.find("musl") != std::string::npos) return "musl (Alpine)";
    if (platform == "darwin") return "macOS";
    if (platform.starts_with("win")) return "Windows";
    return platform;
  }

  std::string way_out(const Group& group) const {
    const Distribution* owner = owner_of(group);
    const std::string what = owner != nullptr ? owner->name + "==" + owner->version : "PACKAGE";
    const std::string tag = input_.target.runtime.os == "al2" ? "manylinux2014" : "manylinux_2_28";
    std::string help = fmt::format("pip install --target . --platform {}_{} --python-version {} --only-binary=:all: {}",
                                   tag, machine_, input_.target.runtime.version, what);
    if (owner == nullptr) help = "build it with the runtime's Python in an Amazon Linux image; for a wheel: " + help;
    return help;
  }

  Finding finding(const Key& key, const Group& group) const {
    Finding finding{key.code, severity(group), key.subject, key.detail, {}, way_out(group)};
    const PythonExtension& extension = group.extension;
    const std::string what = key.code == "python-extension-wrong-version" ? abi_in_words(extension.abi)
                                                                          : platform_in_words(extension.platform);
    const std::string& id = input_.target.runtime.id;
    if (key.subject == path(group.first))
      finding.message = fmt::format("is an extension module for {}, {} does not import it", what, id);
    else
      finding.message = fmt::format(
          "{} of this distribution {} for {}, {} does not import {} ({})",
          group.count == 1 ? std::string("an extension module") : fmt::format("{} extension modules", group.count),
          group.count == 1 ? "is" : "are", what, id, group.count == 1 ? "it" : "them", path(group.first));
    if (group.python_twins) finding.message += "; the Python module of the same name runs in its stead, slower";
    return finding;
  }

  // The stable ABI grows: what was built for 3.13's may call what 3.12 does not have.
  void check_stable_abi() {
    for (const Distribution& distribution : input_.languages.distributions) {
      if (distribution.tags.empty() || is_of_other_python(distribution.info, input_.target.runtime.version)) continue;
      const bool all_newer = std::ranges::all_of(distribution.tags, [&](const std::string& tag) {
        return tag.find("-abi3-") != std::string::npos && cpython_number(tag) > cpython_number(python_tag_);
      });
      const bool has_module = std::ranges::any_of(distribution.files, [&](std::size_t i) {
        const auto extension = parse_python_extension(base_name(path(i)));
        return extension && extension->abi == "abi3";
      });
      if (!all_newer || !has_module) continue;
      const std::string& tag = distribution.tags.front();
      findings_.push_back({"python-abi3-too-new", Severity::warning, distribution.info, tag.substr(0, tag.find('-', 6)),
                           fmt::format("was built for the stable ABI of {} and later; what that added, {} lacks",
                                       abi_in_words(tag.substr(0, tag.find('-'))), input_.target.runtime.id),
                           fmt::format("install {} with pip's --python-version {}, which finds a build that fits",
                                       distribution.name, input_.target.runtime.version)});
    }
  }

  const CheckInput& input_;
  std::string python_tag_, machine_, platform_;
  std::set<std::string> native_, pure_;  // modules by folder and name that a file provides
  std::map<Key, Group> groups_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_python_extensions(const CheckInput& input) {
  if (input.target.runtime.family != "python" || input.target.runtime.python_tag.empty()) return {};
  return PythonCheck(input).run();
}

}  // namespace lambdapack
