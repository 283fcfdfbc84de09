// What the platform starts, imports or opens by itself; see roots.h.
#include "plan/roots.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/glob.h"
#include "languages/dotnet_app.h"
#include "languages/gem_bundles.h"
#include "languages/package_paths.h"
#include "languages/python_extension.h"
#include "package/layers.h"

namespace lambdapack {
namespace {

bool exports_python_module(const ElfInfo& elf) {
  return std::ranges::any_of(elf.entry_points, [](const std::string& name) { return name.starts_with("PyInit_"); });
}

// A program is spawned by its path, which scripts put together from parts: so every one is a root.
std::string why_program(const ReachInput& input, std::size_t file) {
  const LanguageView& languages = input.languages;
  if (const auto d = languages.distribution_of[file])
    return fmt::format("a program of the Python distribution {}", languages.distributions[*d].name);
  if (const auto n = languages.node_package_of[file])
    return fmt::format("a program of the npm package {}", languages.node_packages[*n].name);
  return "an executable";
}

std::string why_elf_root(const ReachInput& input, std::size_t file) {
  const std::string& path = input.package.files[file].path;
  const ElfInfo& elf = *input.inventory.files[file].elf;
  const FunctionTarget& target = input.target;
  if (path == "bootstrap") return "bootstrap, which Lambda starts";
  if (is_extension(path, target.is_layer)) return "an extension, which Lambda starts";
  if (path.ends_with(".node")) return "a Node addon, which require() opens by path";
  if (target.runtime.family == "python") {
    const auto extension = parse_python_extension(base_name(path));
    const std::string platform = target.arch == Arch::x86_64 ? "x86_64-linux-gnu" : "aarch64-linux-gnu";
    if (extension && importable(*extension, target.runtime.python_tag, platform) && exports_python_module(elf))
      return fmt::format("an extension module that {} can import", target.runtime.python_tag);
  }
  // Bundler's folders and .NET's host are not followed: who asks for which of these is not known.
  if (target.runtime.family == "ruby" && is_in_gem_bundle(path, target.is_layer))
    return "a library of a gem, which Ruby can require";
  if (target.runtime.family == "dotnet" && native_rid(path))
    return "a native library of a NuGet package, which .NET can load";
  if (elf.is_executable() || (!elf.interpreter.empty() && elf.soname.empty())) return why_program(input, file);
  if (elf.type == ElfType::relocatable || elf.type == ElfType::core || elf.type == ElfType::other ||
      elf.type == ElfType::none)
    return "an ELF file that the loader does not load: kept as data";
  return {};
}

}  // namespace

bool is_plain_shared_library(const FileRecord& record) {
  return record.elf && record.elf->type == ElfType::shared && !record.elf->is_executable();
}

bool is_given_file(const Package& package, std::size_t file) {
  if (package.kind != InputKind::elf) return false;
  const std::string& path = package.files[file].path;
  return path == "bootstrap" || path == base_name(package.source);
}

std::string why_root(const ReachInput& input, const RuleFinder& keep_rules, std::size_t file) {
  const PackageFile& entry = input.package.files[file];
  const FileRecord& record = input.inventory.files[file];
  for (const std::string& glob : input.keep) {
    if (glob_match(glob, entry.path)) return fmt::format("kept by --keep {}", glob);
  }
  if (const auto rules = keep_rules.find(entry.path); !rules.empty()) return "kept by rule " + rules.front()->id;
  if (input.target.is_layer) return "in a layer every file is kept: other functions use it";
  if (entry.kind != FileKind::regular) return "a link or folder";
  if (record.elf) {
    std::string why = why_elf_root(input, file);
    return why.empty() && is_given_file(input.package, file) ? "the file that was given" : why;
  }
  if (!input.languages.owned(file)) return "the function's own file";
  return {};
}

}  // namespace lambdapack
