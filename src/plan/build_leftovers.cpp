// Who else could read them; see build_leftovers.h.
//
// A header is for a compiler, and the managed runtimes have none, so what get_include() returns is of use only where
// the package brings one, or something that compiles in its own process (cling, NVRTC, pocl). Setuptools is a library
// as well: pkg_resources, and distutils from Python 3.12 on, are it.
#include "plan/build_leftovers.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "base/glob.h"
#include "languages/package_paths.h"
#include "plan/evidence.h"

namespace lambdapack {
namespace {

constexpr std::array kEndings = {".h", ".hh", ".hpp", ".hxx", ".c", ".cc", ".cpp", ".cxx", ".pyx", ".pxd", ".pxi"};

// Programs, and libraries that compile in the process that loads them.
constexpr std::array kCompilers = {"cc",
                                   "c++",
                                   "gcc",
                                   "gcc-[0-9]*",
                                   "g++",
                                   "g++-[0-9]*",
                                   "clang",
                                   "clang-[0-9]*",
                                   "clang++*",
                                   "cc1",
                                   "cc1plus",
                                   "tcc",
                                   "zig",
                                   "nvcc",
                                   "icx",
                                   "*-gcc",
                                   "*-g++",
                                   "*-clang",
                                   "*[Cc]lang*.so*",
                                   "*[Cc]ling*.so*",
                                   "libcppyy*.so*",
                                   "libtcc*.so*",
                                   "libgccjit*.so*",
                                   "libnvrtc*.so*",
                                   "libpocl*.so*"};

std::string_view native_ending(std::string_view path) {
  for (const std::string_view ending : kEndings)
    if (path.ends_with(ending) && base_name(path).size() > ending.size()) return ending;
  return {};
}

bool is_compiler(const Package& package, const Inventory& inventory, std::size_t file) {
  const std::string_view name = base_name(package.files[file].path);
  const FileType type = inventory.files[file].type;
  if (type != FileType::elf && type != FileType::script && type != FileType::symlink) return false;
  return std::ranges::any_of(kCompilers, [&](const char* glob) { return glob_match(glob, name); });
}

// Sources named setup.py are for an installer.
bool is_setup(const Package& package, const PythonFile& source) {
  return base_name(package.files[source.file].path) == "setup.py";
}

struct Installer {
  std::string_view name;               // of its distribution
  std::vector<std::string_view> tops;  // what importing it looks like
};

const std::array<Installer, 3>& installers() {
  static const std::array<Installer, 3> kAll = {
      {{"pip", {"pip"}}, {"setuptools", {"setuptools", "pkg_resources", "distutils"}}, {"wheel", {"wheel"}}}};
  return kAll;
}

const Installer* installer_of(const Distribution& distribution) {
  for (const Installer& one : installers())
    if (one.name == distribution.name) return &one;
  return nullptr;
}

bool is_of(std::string_view dotted, std::string_view top) {
  return dotted.starts_with(top) && (dotted.size() == top.size() || dotted[top.size()] == '.');
}

// Whether the source uses the installer. Distributions have lists of names to print versions of, with "pip" in them: in
// their code the name alone is no use of pip, but "-m" beside it is, and the name of a module of it.
bool uses(const PythonFile& source, bool is_own, const Installer& installer) {
  const bool runs_modules = is_own || std::ranges::binary_search(source.words, "-m");
  for (const std::string_view top : installer.tops) {
    for (const PythonImport& import : source.imports)
      if (import.level == 0 && is_of(import.module, top)) return true;
    for (const FileCall& call : source.calls)
      if (is_of(call.name, top)) return true;
    for (const std::string& word : source.words) {
      if (!is_of(word, top)) continue;
      if (installer.name != "pip" || word != top || runs_modules) return true;
    }
  }
  return false;
}

// Whether compiled modules and bytecode without source have one of the names.
Result<bool> named_in_compiled(const PlanInput& input, const std::vector<std::string_view>& names,
                               const std::vector<bool>& idle, unsigned threads) {
  std::vector<std::size_t> files;
  for (std::size_t i = 0; i < input.package.files.size(); ++i)
    if (!idle[i] && (input.inventory.files[i].elf || is_bytecode_without_source(input.package, i))) files.push_back(i);
  LP_TRY(const auto mentions,
         find_mentions(input.package, input.inventory, files, {names.begin(), names.end()}, threads));
  return !mentions.empty();
}

}  // namespace

void add_build_words(const Package& package, const LanguageView& languages, WordSet& words) {
  for (const Installer& installer : installers())
    for (const std::string_view top : installer.tops) words.add(top);
  words.add("-m");
  for (const char* ending : kEndings) words.add(ending);
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const std::string& path = package.files[i].path;
    if (languages.distribution_of[i] && !native_ending(path).empty()) words.add(base_name(path));
  }
}

std::vector<ProposedDrop> drop_native_sources(const PlanInput& input, const std::vector<PythonFile>& sources,
                                              const std::vector<bool>& idle) {
  const Package& package = input.package;
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    if (is_compiler(package, input.inventory, i)) return {};
    const bool own = !input.languages.distribution_of[i] || is_layer_file(package.files[i].path);
    if (!own && package.files[i].kind == FileKind::regular && !native_ending(package.files[i].path).empty())
      candidates.push_back(i);
  }
  std::set<std::string_view> named;
  std::set<std::pair<std::optional<std::size_t>, std::string_view>> endings;  // by distribution; nothing: own code
  for (const PythonFile& source : sources) {
    if (idle[source.file] || is_setup(package, source)) continue;
    for (const std::string& word : source.words) {
      const std::string_view name = base_name(word);
      if (native_ending(name).empty())
        endings.emplace(input.languages.distribution_of[source.file], name);
      else
        named.insert(name);
    }
  }
  std::vector<ProposedDrop> drops;
  for (const std::size_t i : candidates) {
    const std::string& path = package.files[i].path;
    const std::string_view ending = native_ending(path);
    if (named.contains(base_name(path)) || endings.contains({input.languages.distribution_of[i], ending}) ||
        endings.contains({std::nullopt, ending}))
      continue;
    const bool cython = ending.starts_with(".p");
    drops.push_back(
        {i, "drop-native-source",
         fmt::format("{} source, which only a compiler reads, and there is none", cython ? "Cython" : "C or C++"),
         Confidence::likely});
  }
  return drops;
}

Result<std::vector<ProposedDrop>> drop_installers(const PlanInput& input, const std::vector<PythonFile>& sources,
                                                  const std::vector<bool>& idle, unsigned threads) {
  const LanguageView& languages = input.languages;
  const auto is_installer = [&](std::size_t file) {
    const auto owner = languages.distribution_of[file];
    return owner && installer_of(languages.distributions[*owner]) != nullptr;
  };
  std::vector<const PythonFile*> outside;
  for (const PythonFile& source : sources)
    if (!idle[source.file] && !is_installer(source.file) && !is_setup(input.package, source))
      outside.push_back(&source);

  std::vector<ProposedDrop> drops;
  for (std::size_t d = 0; d < languages.distributions.size(); ++d) {
    const Distribution& one = languages.distributions[d];
    const Installer* const installer = installer_of(one);
    if (installer == nullptr || is_layer_file(one.info)) continue;
    const bool used = std::ranges::any_of(outside, [&](const PythonFile* source) {
      return uses(*source, !languages.distribution_of[source->file], *installer);
    });
    if (used) continue;
    if (installer->name == "setuptools") {
      LP_TRY(const bool named, named_in_compiled(input, installer->tops, idle, threads));
      if (named) continue;
    }
    for (const std::size_t file : one.files)
      if (languages.distribution_of[file] == d)
        drops.push_back(
            {file, "drop-installer",
             fmt::format("{} {} installs packages, and no code of the function uses it", one.name, one.version),
             Confidence::likely});
  }
  std::ranges::sort(drops, {}, &ProposedDrop::file);
  return drops;
}

}  // namespace lambdapack
