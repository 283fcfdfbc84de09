// One read of each source; what is kept of it is small. See python_sources.h.
#include "languages/python_sources.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/parallel.h"
#include "languages/package_paths.h"
#include "languages/python_bytecode.h"
#include "languages/python_metadata.h"
#include "package/layers.h"

namespace lambdapack {
namespace {

bool is_python_source(const PackageFile& file, const FileRecord& record) {
  if (file.kind != FileKind::regular || record.elf) return false;
  return file.path.ends_with(".py") || (record.type == FileType::script && record.shebang.contains("python"));
}

PythonFile summary(std::string_view text, const WordSet& wanted) {
  PythonSource source = scan_python(text);
  PythonFile file;
  file.computed_loads = computed_loads(text, source);
  std::erase_if(source.imports, &PythonImport::type_checking);
  file.imports = std::move(source.imports);
  std::ranges::move(source.in_strings, std::back_inserter(file.imports));
  for (const PythonCall& call : source.calls)
    file.calls.push_back(
        {std::string(call.function), std::string(call.name.value_or(std::string_view())), call.is_attribute});
  for (const std::string_view word : source.words)
    if (wanted.wants(word)) file.words.emplace_back(word);
  std::ranges::sort(file.words);
  const auto repeated = std::ranges::unique(file.words);
  file.words.erase(repeated.begin(), repeated.end());
  for (const std::string_view command : source.commands)
    if (wanted.wants(command)) file.commands.emplace_back(command);
  file.complete = source.complete;
  return file;
}

std::string dotted(std::string_view folder) {
  std::string name(folder);
  std::ranges::replace(name, '/', '.');
  return name;
}

}  // namespace

void WordSet::add(std::string_view name) {
  names_.insert(normalise_distribution_name(name));
}

bool WordSet::contains(std::string_view name) const {
  const auto is_normal = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (std::ranges::all_of(name, is_normal)) return names_.contains(name);
  return names_.contains(normalise_distribution_name(name));
}

bool WordSet::wants(std::string_view word) const {
  if (word.ends_with('_') || word.ends_with('-') || word.ends_with('.')) return true;
  if (contains(word) || contains(word.substr(word.rfind('/') + 1))) return true;
  if (word.find_first_of("./") == std::string_view::npos) return false;
  while (!word.empty()) {
    const std::size_t end = std::min(word.find_first_of("./"), word.size());
    if (end > 0 && contains(word.substr(0, end))) return true;
    word.remove_prefix(std::min(end + 1, word.size()));
  }
  return false;
}

bool is_bytecode_without_source(const Package& package, std::size_t file) {
  const auto name = parse_pyc_path(package.files[file].path);
  return name && !file_at(package, name->source);
}

std::string_view module_root(const Package& package, const LanguageView& languages, std::size_t file) {
  if (const auto owner = languages.distribution_of[file]) return languages.distributions[*owner].folder;
  const std::string_view path = package.files[file].path;
  std::string_view best;
  for (const Distribution& distribution : languages.distributions) {
    const std::string_view folder = distribution.folder;
    if (folder.size() > best.size() && path.size() > folder.size() && path.starts_with(folder) &&
        path[folder.size()] == '/')
      best = folder;
  }
  return best;
}

std::vector<std::string> imported_modules(const PythonImport& import, std::string_view package) {
  std::string base;
  if (import.level > 0) {
    for (std::size_t up = 1; up < import.level; ++up) {
      if (package.empty()) return {};
      const std::size_t dot = package.rfind('.');
      package = dot == std::string_view::npos ? std::string_view() : package.substr(0, dot);
    }
    base = package;
  }
  if (!import.module.empty()) base += (base.empty() ? "" : ".") + import.module;
  std::vector<std::string> modules;
  if (!base.empty()) modules.push_back(base);
  for (const std::string& name : import.names)
    if (name != "*") modules.push_back(base.empty() ? name : base + "." + name);
  return modules;
}

Result<std::vector<PythonFile>> read_python_sources(const Package& package, const Inventory& inventory,
                                                    const LanguageView& languages, const WordSet& words,
                                                    unsigned threads) {
  std::vector<std::size_t> sources;
  for (std::size_t i = 0; i < package.files.size(); ++i)
    if (is_python_source(package.files[i], inventory.files[i])) sources.push_back(i);

  std::vector<PythonFile> files(sources.size());
  std::vector<std::optional<Error>> errors(sources.size());
  parallel_for(sources.size(), threads, [&](std::size_t i) {
    const Content& content = package.files[sources[i]].content;
    thread_local std::vector<std::uint8_t> buffer;
    const auto bytes = content.read_once(buffer);
    if (!bytes) {
      errors[i] = bytes.error();
      return;
    }
    files[i] = summary(as_text(*bytes), words);
    content.release();
    files[i].file = sources[i];
    std::string_view folder = parent_folder(package.files[sources[i]].path);
    const std::string_view root = module_root(package, languages, sources[i]);
    if (!root.empty()) folder.remove_prefix(std::min(root.size() + 1, folder.size()));
    files[i].package = dotted(folder);
  });
  for (std::optional<Error>& error : errors)
    if (error) return std::unexpected(*std::move(error));
  return files;
}

}  // namespace lambdapack
