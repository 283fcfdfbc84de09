// Candidates by their name, minus those that something outside of all of them needs, until nothing changes: a folder
// that stays may itself import from another.
#include "plan/test_folders.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "languages/package_paths.h"
#include "plan/unscanned_code.h"

namespace lambdapack {
namespace {

constexpr std::string_view kRule = "drop-test-folder";

bool is_test_name(std::string_view name) {
  return name == "tests" || name == "test";
}

bool is_code_name(std::string_view path) {
  return path.ends_with(".py") || path.ends_with(".pyc");
}

struct Folder {
  std::string path;    // "numpy/lib/tests"
  std::string module;  // "numpy.lib.tests"
  std::string root;    // the folder on the module path
  std::vector<std::size_t> files;
  std::set<std::string> data;  // names of files and folders directly in it that are no code: "data", "x.csv"
  bool has_code = false;       // else it may hold the data of a test set
  bool stays = false;
};

// Length of the path's outermost folder of tests that lies in a package, 0 when there is none.
std::size_t test_folder_length(std::string_view path, std::string_view root) {
  std::size_t at = root.empty() ? 0 : root.size() + 1;
  for (bool in_package = false;; in_package = true) {
    const std::size_t slash = path.find('/', at);
    if (slash == std::string_view::npos) return 0;
    if (in_package && is_test_name(path.substr(at, slash - at))) return slash;
    at = slash + 1;
  }
}

// The name of what lies directly in the folder of this length, and is or holds the file.
std::string_view entry_below(std::string_view path, std::size_t folder_length) {
  const std::string_view rest = path.substr(folder_length + 1);
  return rest.substr(0, rest.find('/'));
}

class TestFolders {
 public:
  TestFolders(const PlanInput& input, const std::vector<PythonFile>& sources, const std::vector<bool>& held,
              unsigned threads)
      : input_(input),
        package_(input.package),
        sources_(sources),
        held_(held),
        threads_(threads),
        folder_of_(package_.files.size()) {}

  Result<std::vector<ProposedDrop>> run() {
    find_candidates();
    if (folders_.empty()) return std::vector<ProposedDrop>();
    note_conftest();
    LP_CHECK(search_unscanned());
    for (bool changed = true; changed;) {
      changed = false;
      for (const PythonFile& source : sources_)
        if (counts(source)) changed = look_at(source) || changed;
      for (const auto& [file, folder] : named_by_)
        if (folder_of_[file] == nullptr || folder_of_[file]->stays) changed = keep(*folder) || changed;
    }
    std::vector<ProposedDrop> drops;
    for (const auto& [path, folder] : folders_)
      if (!folder.stays)
        for (const std::size_t file : folder.files)
          drops.push_back({file, std::string(kRule),
                           fmt::format("{} holds tests, and nothing outside of them imports a module of it", path),
                           Confidence::likely});
    std::ranges::sort(drops, {}, &ProposedDrop::file);
    return drops;
  }

 private:
  void find_candidates() {
    for (std::size_t i = 0; i < package_.files.size(); ++i) {
      const std::string& path = package_.files[i].path;
      if (is_layer_file(path)) continue;
      const std::string root(module_root(package_, input_.languages, i));
      const std::size_t length = test_folder_length(path, root);
      if (length == 0) continue;
      Folder& folder = folders_[path.substr(0, length)];
      if (folder.files.empty()) {
        folder.path = path.substr(0, length);
        folder.root = root;
        folder.module = folder.path.substr(root.empty() ? 0 : root.size() + 1);
        std::ranges::replace(folder.module, '/', '.');
      }
      folder.files.push_back(i);
      folder_of_[i] = &folder;
      folder.has_code = folder.has_code || path.ends_with(".py");
      folder.data.emplace(entry_below(path, length));
      // Bytecode that nobody owns was compiled from what is there.
      if (!input_.languages.distribution_of[i] && !path.ends_with(".pyc")) folder.stays = true;
      folder.stays = folder.stays || held_[i];
    }
    for (auto& [path, folder] : folders_)
      for (const std::size_t file : folder.files)
        if (is_code_name(package_.files[file].path))
          folder.data.erase(std::string(entry_below(package_.files[file].path, path.size())));
    for (auto& [path, folder] : folders_) folder.stays = folder.stays || !folder.has_code;
    for (const Distribution& distribution : input_.languages.distributions)
      for (const EntryPoint& point : distribution.entry_points)
        keep_module(point.value.substr(0, point.value.find(':')));
  }

  // What names a folder without being a source that the scan has seen whole.
  Result<void> search_unscanned() {
    const std::vector<bool> none(package_.files.size());
    std::vector<std::size_t> compiled = find_unscanned_code({input_, sources_, none}), others;
    std::ranges::copy_if(compiled, std::back_inserter(others),
                         [&](std::size_t file) { return !input_.inventory.files[file].elf; });
    std::erase_if(compiled, [&](std::size_t file) { return !input_.inventory.files[file].elf; });
    std::vector<Folder*> candidates;
    std::vector<std::string> names, parts = {"tests", "test"};
    for (auto& [path, folder] : folders_) {
      if (folder.stays) continue;
      candidates.push_back(&folder);
      names.insert(names.end(), {folder.module, path.substr(folder.root.empty() ? 0 : folder.root.size() + 1)});
      parts.push_back(folder.module.substr(0, folder.module.rfind('.')));
    }
    // Docstrings of compiled modules speak of tests, so their parts say nothing.
    compiled.insert(compiled.end(), others.begin(), others.end());
    LP_TRY(const auto whole, find_names(package_, input_.inventory, compiled, names, threads_));
    for (const Mention& mention : whole) named_by_.emplace_back(mention.file, candidates[mention.needle / 2]);
    LP_TRY(const auto found, find_names(package_, input_.inventory, others, parts, threads_));
    std::map<std::size_t, std::set<std::size_t>> by_file;
    for (const Mention& mention : found) by_file[mention.file].insert(mention.needle);
    for (const auto& [file, present] : by_file)
      for (std::size_t i = 0; i < candidates.size(); ++i)
        if (present.contains(base_name(candidates[i]->path) == "tests" ? 0 : 1) &&
            (present.contains(2 + i) || owner(file) == owner(candidates[i]->files.front())))
          named_by_.emplace_back(file, candidates[i]);
    return {};
  }

  std::optional<std::size_t> owner(std::size_t file) const { return input_.languages.distribution_of[file]; }

  static bool is_conftest(std::string_view path) { return base_name(path) == "conftest.py"; }

  // pytest's configuration is loaded by pytest alone, unless something imports it.
  void note_conftest() {
    conftest_counts_ = std::ranges::any_of(sources_, [&](const PythonFile& source) {
      if (folder_of_[source.file] || is_conftest(package_.files[source.file].path)) return false;
      return std::ranges::any_of(source.imports, [&](const PythonImport& import) {
        return std::ranges::any_of(imported_modules(import, source.package), [](const std::string& module) {
          return module == "conftest" || module.ends_with(".conftest");
        });
      });
    });
  }

  bool counts(const PythonFile& source) const {
    const Folder* const own = folder_of_[source.file];
    if (own != nullptr) return own->stays;
    return conftest_counts_ || !input_.languages.distribution_of[source.file] ||
           !is_conftest(package_.files[source.file].path);
  }

  // True when a folder that would have gone stays now.
  bool keep(Folder& folder) { return !std::exchange(folder.stays, true); }

  // The module, or a folder of tests on the way to it.
  bool keep_module(std::string_view module) {
    bool changed = false;
    for (auto& [path, folder] : folders_)
      if (module.starts_with(folder.module) &&
          (module.size() == folder.module.size() || module[folder.module.size()] == '.'))
        changed = keep(folder) || changed;
    return changed;
  }

  bool look_at(const PythonFile& source) {
    bool changed = false;
    for (const PythonImport& import : source.imports) {
      for (const std::string& module : imported_modules(import, source.package)) {
        if (!module.contains("test")) continue;
        changed = keep_module(module) || keep_beside(module, source) || changed;
      }
    }
    for (const std::string& word : source.words) changed = look_at(word, source) || changed;
    return keep_by_parts(source) || changed;
  }

  // "numpy.lib.tests.data", ".tests.data" of import_module, "tests/data/x.csv"
  bool look_at(const std::string& word, const PythonFile& source) {
    if (!word.contains("test")) return false;
    if (word.contains('/')) return keep_path(word, source);
    if (word.starts_with('.')) {
      PythonImport import;
      import.level = word.find_first_not_of('.') == std::string::npos ? word.size() : word.find_first_not_of('.');
      import.module = word.substr(import.level);
      bool changed = false;
      for (const std::string& module : imported_modules(import, source.package))
        changed = keep_module(module) || changed;
      return changed;
    }
    return word.contains('.') && keep_module(word);
  }

  // "tests.util" finds a/tests/util.py once the program puts a/ on the module path.
  bool keep_beside(std::string_view module, const PythonFile& source) {
    const std::size_t dot = module.find('.');
    if (dot == std::string_view::npos || !is_test_name(module.substr(0, dot))) return false;
    std::string place(module);
    std::ranges::replace(place, '.', '/');
    bool changed = false;
    for (auto& [path, folder] : folders_) {
      const std::string base = join_path(parent_folder(path), place);
      if (folder.stays || !same_owner(folder, source) || base_name(path) != module.substr(0, dot)) continue;
      if (file_at(package_, base + ".py") || file_at(package_, base + "/__init__.py"))
        changed = keep(folder) || changed;
    }
    return changed;
  }

  bool same_owner(const Folder& folder, const PythonFile& source) const {
    const auto owner = input_.languages.distribution_of[source.file];
    return !owner || owner == input_.languages.distribution_of[folder.files.front()];
  }

  // A path of data: from the source's folder, one above it, or the folder on the module path.
  bool keep_path(std::string_view word, const PythonFile& source) {
    bool changed = false;
    for (auto& [path, folder] : folders_) {
      if (folder.stays) continue;
      std::string_view base = parent_folder(package_.files[source.file].path);
      for (;;) {
        const auto normal = normalise_path(join_path(base, word));
        if (normal && (*normal == path || (normal->starts_with(path + "/") && is_there(*normal))))
          changed = keep(folder) || changed;
        if (base.size() <= folder.root.size()) break;
        base = parent_folder(base);
      }
    }
    return changed;
  }

  // join(here, "tests", "data")
  bool keep_by_parts(const PythonFile& source) {
    const auto has = [&](std::string_view word) { return std::ranges::binary_search(source.words, word); };
    if (!has("tests") && !has("test")) return false;
    bool changed = false;
    for (auto& [path, folder] : folders_)
      if (!folder.stays && has(base_name(path)) && may_start_at(folder, source) &&
          std::ranges::any_of(folder.data, has))
        changed = keep(folder) || changed;
    return changed;
  }

  // From its own folder or one above it; the function's own code from anywhere.
  bool may_start_at(const Folder& folder, const PythonFile& source) const {
    const std::string_view parent = parent_folder(folder.path);
    return !owner(source.file) ||
           (same_owner(folder, source) && package_.files[source.file].path.starts_with(std::string(parent) + "/"));
  }

  bool is_there(const std::string& path) const {
    const auto [first, last] = files_with_prefix(package_, path);
    return first < last;
  }

  const PlanInput& input_;
  const Package& package_;
  const std::vector<PythonFile>& sources_;
  const std::vector<bool>& held_;
  unsigned threads_;
  std::map<std::string, Folder> folders_;                  // by path
  std::vector<std::pair<std::size_t, Folder*>> named_by_;  // files that no scan shows, and what they name
  std::vector<Folder*> folder_of_;                         // by package file
  bool conftest_counts_ = false;
};

}  // namespace

void add_test_folder_words(const Package& package, const LanguageView& languages, WordSet& words) {
  for (const char* name : {"tests", "test"}) words.add(name);
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const std::string& path = package.files[i].path;
    const std::size_t length = is_layer_file(path) ? 0 : test_folder_length(path, module_root(package, languages, i));
    if (length > 0 && !is_code_name(path)) words.add(entry_below(path, length));
  }
}

Result<std::vector<ProposedDrop>> drop_test_folders(const PlanInput& input, const std::vector<PythonFile>& sources,
                                                    const std::vector<bool>& held, unsigned threads) {
  return TestFolders(input, sources, held, threads).run();
}

}  // namespace lambdapack
