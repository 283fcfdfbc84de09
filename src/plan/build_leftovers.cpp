// Who else could read them; see build_leftovers.h.
//
// A header is for a compiler, and the managed runtimes have none, so what get_include() returns is of use only where
// the package brings one, or something that compiles in its own process (cling, NVRTC, pocl). Setuptools is a library
// as well: pkg_resources, and distutils from Python 3.12 on, are it.
#include "plan/build_leftovers.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "base/glob.h"
#include "languages/package_paths.h"

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

// A distribution's setup.py beside its packages is for an installer.
bool is_setup(const PlanInput& input, const PythonFile& source) {
  const auto owner = input.languages.distribution_of[source.file];
  return owner &&
         input.package.files[source.file].path == join_path(input.languages.distributions[*owner].folder, "setup.py");
}

struct Installer {
  std::string_view name;                   // of its distribution
  std::vector<std::string_view> tops;      // what importing it looks like
  std::vector<std::string_view> programs;  // what running it looks like
};

const std::array<Installer, 3>& installers() {
  static const std::array<Installer, 3> kAll = {
      {{"pip", {"pip"}, {"pip", "pip3"}},
       {"setuptools", {"setuptools", "pkg_resources", "distutils"}, {"easy_install"}},
       {"wheel", {"wheel"}, {"wheel"}}}};
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
  const auto runs = [&](const std::vector<std::string>& words) {
    return std::ranges::any_of(
        installer.programs, [&](std::string_view program) { return std::ranges::find(words, program) != words.end(); });
  };
  return runs(source.commands) || (is_own && runs(source.words)) ||
         std::ranges::any_of(installer.tops, [&](std::string_view top) {
           return std::ranges::any_of(source.commands, [&](const std::string& word) { return is_of(word, top); });
         });
}

// What no scan of sources shows, and which installers it names. Compiled modules have words such as "wheel" for other
// reasons: there only what setuptools is imported as counts.
class UnscannedUse {
 public:
  static Result<UnscannedUse> search(const PythonCode& code) {
    UnscannedUse use;
    std::vector<std::string> names;
    for (const Installer& installer : installers())
      for (const auto& some : {installer.tops, installer.programs}) names.insert(names.end(), some.begin(), some.end());
    LP_TRY(const auto mentions,
           find_names(code.input.package, code.input.inventory, find_unscanned_code(code), names, code.threads));
    for (const Mention& mention : mentions)
      use.by_name_[names[mention.needle]].push_back(
          {mention.file, code.input.inventory.files[mention.file].elf.has_value()});
    return use;
  }

  // counts: whether a file is kept, and none of the installer's own.
  bool names(const Installer& installer, const std::function<bool(std::size_t)>& counts) const {
    for (const auto& some : {installer.tops, installer.programs})
      for (const std::string_view name : some) {
        const auto found = by_name_.find(name);
        if (found == by_name_.end()) continue;
        for (const auto& [file, compiled] : found->second)
          if ((!compiled || installer.name == "setuptools") && counts(file)) return true;
      }
    return false;
  }

 private:
  std::map<std::string, std::vector<std::pair<std::size_t, bool>>, std::less<>> by_name_;
};

// Names of candidates in code that no scan shows. Compiled code of distributions has the names of the sources that it
// was made from, in its assertions.
Result<std::set<std::string>> named_by_unscanned(const PythonCode& code, const std::vector<std::size_t>& candidates) {
  std::vector<std::size_t> files = find_unscanned_code(code);
  std::erase_if(files, [&](std::size_t file) {
    return code.input.inventory.files[file].elf && code.input.languages.distribution_of[file];
  });
  std::set<std::string> names;
  for (const std::size_t i : candidates) names.emplace(base_name(code.input.package.files[i].path));
  const std::vector<std::string> wanted(names.begin(), names.end());
  LP_TRY(const auto mentions, find_names(code.input.package, code.input.inventory, files, wanted, code.threads));
  std::set<std::string> named;
  for (const Mention& mention : mentions) named.insert(wanted[mention.needle]);
  return named;
}

Confidence confidence(const PythonCode& code) {
  return code.unknown_layers ? Confidence::possible : Confidence::likely;
}

}  // namespace

void add_build_words(const Package& package, const LanguageView& languages, WordSet& words) {
  for (const Installer& installer : installers())
    for (const auto& some : {installer.tops, installer.programs})
      for (const std::string_view name : some) words.add(name);
  words.add("-m");
  for (const char* ending : kEndings) words.add(ending);
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const std::string& path = package.files[i].path;
    if (languages.distribution_of[i] && !native_ending(path).empty()) words.add(base_name(path));
  }
}

Result<std::vector<ProposedDrop>> drop_native_sources(const PythonCode& code) {
  const PlanInput& input = code.input;
  const Package& package = input.package;
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    if (is_compiler(package, input.inventory, i)) return std::vector<ProposedDrop>();
    const bool own = !input.languages.distribution_of[i] || is_layer_file(package.files[i].path);
    if (!own && package.files[i].kind == FileKind::regular && !native_ending(package.files[i].path).empty())
      candidates.push_back(i);
  }
  std::set<std::string, std::less<>> named;
  std::set<std::pair<std::optional<std::size_t>, std::string_view>> endings;  // by distribution; nothing: own code
  for (const PythonFile& source : code.sources) {
    if (code.idle[source.file] || is_setup(input, source)) continue;
    for (const std::string& word : source.words) {
      const std::string_view name = base_name(word);
      if (native_ending(name).empty())
        endings.emplace(input.languages.distribution_of[source.file], name);
      else
        named.emplace(name);
    }
  }
  LP_TRY(const auto unscanned, named_by_unscanned(code, candidates));
  named.insert(unscanned.begin(), unscanned.end());
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
         confidence(code)});
  }
  return drops;
}

Result<std::vector<ProposedDrop>> drop_installers(const PythonCode& code) {
  const LanguageView& languages = code.input.languages;
  std::vector<std::size_t> going;  // distributions: those that are not used yet
  for (std::size_t d = 0; d < languages.distributions.size(); ++d)
    if (installer_of(languages.distributions[d]) != nullptr && !is_layer_file(languages.distributions[d].info))
      going.push_back(d);
  if (going.empty()) return std::vector<ProposedDrop>();
  LP_TRY(const UnscannedUse unscanned, UnscannedUse::search(code));

  const auto counts = [&](std::size_t file) {
    const auto owner = languages.distribution_of[file];
    return !code.idle[file] && (!owner || std::ranges::find(going, *owner) == going.end());
  };
  const auto is_used = [&](std::size_t d) {
    const Installer& installer = *installer_of(languages.distributions[d]);
    return unscanned.names(installer, counts) || std::ranges::any_of(code.sources, [&](const PythonFile& source) {
             return counts(source.file) && !is_setup(code.input, source) &&
                    uses(source, !languages.distribution_of[source.file], installer);
           });
  };
  // One that stays may need another.
  for (std::size_t before = 0; before != going.size();) {
    before = going.size();
    std::vector<std::size_t> unused;
    std::ranges::remove_copy_if(going, std::back_inserter(unused), is_used);
    going = std::move(unused);
  }

  std::vector<ProposedDrop> drops;
  for (const std::size_t d : going) {
    const Distribution& one = languages.distributions[d];
    for (const std::size_t file : one.files)
      if (languages.distribution_of[file] == d)
        drops.push_back(
            {file, "drop-installer",
             fmt::format("{} {} installs packages, and no code of the function uses it", one.name, one.version),
             confidence(code)});
  }
  std::ranges::sort(drops, {}, &ProposedDrop::file);
  return drops;
}

}  // namespace lambdapack
