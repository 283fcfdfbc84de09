// See layer_fit.h. Asked of names and tables only: the answer is for people who write "compatible runtimes" into a
// template, and must not take a load of every file on every runtime.
#include "plan/layer_fit.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "languages/package_paths.h"
#include "languages/python_extension.h"
#include "plan/symbol_version.h"

namespace lambdapack {
namespace {

struct Module {  // the files of one folder that are one Python module, by the names of their ABIs
  std::string path;
  std::vector<PythonExtension> builds;
};

class LayerFits {
 public:
  LayerFits(const Package& layer, const Inventory& inventory, const Rules& rules)
      : layer_(layer), inventory_(inventory), rules_(rules) {
    for (std::size_t i = 0; i < layer.files.size(); ++i) look_at(i);
  }

  Result<std::vector<RuntimeFit>> run(const std::string& today) const {
    std::vector<RuntimeFit> fits;
    for (const std::string& id : rules_.runtime_ids) {
      for (const Arch arch : {Arch::x86_64, Arch::arm64}) {
        LP_TRY(const Runtime runtime, rules_.runtime(id, arch));
        if (!families_.empty() && !families_.contains(runtime.family)) break;
        if (!runtime.block_update.empty() && runtime.block_update <= today) break;
        fits.push_back({id, arch, obstacle(runtime)});
      }
    }
    return fits;
  }

 private:
  void look_at(std::size_t i) {
    const std::string& path = layer_.files[i].path;
    for (const std::string_view family : {"python", "nodejs", "java", "ruby"})
      if (path.starts_with(std::string(family) + "/")) families_.insert(std::string(family));
    names_.insert(std::string(base_name(path)));
    for (const std::string_view prefix : {"python/lib/python", "nodejs/node", "ruby/gems/"})
      if (path.starts_with(prefix) && path.size() > prefix.size() && path[prefix.size()] >= '0' &&
          path[prefix.size()] <= '9')
        versioned_[std::string(prefix)].insert(path.substr(0, path.find('/', prefix.size())));
    const auto& elf = inventory_.files[i].elf;
    if (!elf || !elf->is64 || (elf->type != ElfType::shared && elf->type != ElfType::executable)) return;
    if (elf->machine != kMachineX86_64 && elf->machine != kMachineAArch64) return;
    elf_files_[elf->machine].push_back(i);
    if (!elf->soname.empty()) names_.insert(elf->soname);
    const auto extension = parse_python_extension(base_name(path));
    const bool is_module =
        std::ranges::any_of(elf->entry_points, [](const auto& e) { return e.starts_with("PyInit_"); });
    if (!extension || !is_module) return;
    Module& module = modules_[std::string(parent_folder(path)) + "/" + extension->module];
    module.path = path;
    module.builds.push_back(*extension);
  }

  std::string obstacle(const Runtime& runtime) const {
    if (std::string text = folder_obstacle(runtime); !text.empty()) return text;
    const auto files = elf_files_.find(elf_machine(runtime.arch));
    if (files == elf_files_.end())
      return elf_files_.empty()
                 ? std::string()
                 : fmt::format("its native code is for {}", runtime.arch == Arch::arm64 ? "x86_64" : "arm64");
    if (std::string text = module_obstacle(runtime); !text.empty()) return text;
    for (const std::size_t file : files->second)
      if (std::string text = library_obstacle(runtime, file); !text.empty()) return text;
    return {};
  }

  // A folder that names a version is searched by that version only; one without is searched by all.
  std::string folder_obstacle(const Runtime& runtime) const {
    const std::map<std::string, std::pair<std::string, std::string>> searched = {
        {"python", {"python/lib/python", "python/lib/python" + runtime.version}},
        {"nodejs", {"nodejs/node", "nodejs/node" + runtime.version}},
        {"ruby", {"ruby/gems/", "ruby/gems/" + runtime.version + ".0"}}};
    const auto mine = searched.find(runtime.family);
    if (mine == searched.end()) return {};
    const auto& [prefix, wanted] = mine->second;
    const auto folders = versioned_.find(prefix);
    if (folders == versioned_.end() || folders->second.contains(wanted)) return {};
    return fmt::format("it has {}, and not {}", *folders->second.begin(), wanted);
  }

  std::string module_obstacle(const Runtime& runtime) const {
    if (runtime.family != "python") return {};
    const std::string own_folder = fmt::format("python/lib/python{}/", runtime.version);
    const std::string platform = runtime.arch == Arch::x86_64 ? "x86_64-linux-gnu" : "aarch64-linux-gnu";
    for (const auto& [name, module] : modules_) {
      if (module.path.starts_with("python/lib/python") && !module.path.starts_with(own_folder)) continue;
      if (std::ranges::any_of(module.builds, [&](const PythonExtension& build) {
            return importable(build, runtime.python_tag, platform);
          }))
        continue;
      return fmt::format("{} is built for another Python", module.path);
    }
    return {};
  }

  std::string library_obstacle(const Runtime& runtime, std::size_t file) const {
    const ElfInfo& elf = *inventory_.files[file].elf;
    const std::string& path = layer_.files[file].path;
    if (!elf.interpreter.empty() && elf.interpreter != runtime.loader) return {};
    const auto here = [&](const std::string& name) { return names_.contains(name); };
    for (const std::string& needed : elf.needed) {
      if (needed.contains('/') || here(needed) || runtime.folder_of(needed) || base_name(runtime.loader) == needed)
        continue;
      return fmt::format("{} needs {}, which {} does not have", path, needed, runtime.id);
    }
    for (const VersionNeed& need : elf.versions_needed) {
      if (need.weak || (here(need.library) && !runtime.folder_of(need.library))) continue;
      const VersionVerdict verdict = judge_version(need.version, runtime.ceilings);
      if (verdict.state == VersionState::too_new)
        return fmt::format("{} needs {}, and {} has nothing above {}", path, need.version, runtime.id, verdict.ceiling);
    }
    return {};
  }

  const Package& layer_;
  const Inventory& inventory_;
  const Rules& rules_;
  std::set<std::string> families_, names_;
  std::map<std::string, std::set<std::string>> versioned_;  // prefix -> folders
  std::map<std::uint16_t, std::vector<std::size_t>> elf_files_;
  std::map<std::string, Module> modules_;
};

}  // namespace

Result<std::vector<RuntimeFit>> find_layer_fits(const Package& layer, const Inventory& inventory, const Rules& rules,
                                                const std::string& today) {
  return LayerFits(layer, inventory, rules).run(today);
}

}  // namespace lambdapack
