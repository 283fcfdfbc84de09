// The operating system's file says what every runtime on it has; the runtime's file adds folders, programs and
// packages, and replaces ceilings. Both are parsed when a runtime is asked for: a run needs one of thirty.
#include "rules/read_runtime.h"

#include <fmt/format.h>

#include <algorithm>

#include "rules/table_reader.h"
#include "rules/toml_tree.h"

namespace lambdapack {

namespace {

// Sorted and unique; OS and runtime may both name a folder.
void add_names(std::vector<std::string>& names, std::vector<std::string> more) {
  names.insert(names.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

// both = […], x86_64 = […], arm64 = […]: what is there on either, and on one only.
std::vector<std::string> names_for(TableReader& reader, Arch arch) {
  std::vector<std::string> names = reader.texts("both");
  std::vector<std::string> x86_64 = reader.texts("x86_64"), arm64 = reader.texts("arm64");
  if (names.empty() && x86_64.empty() && arm64.empty()) reader.complain("both", "lists nothing");
  add_names(names, arch == Arch::arm64 ? std::move(arm64) : std::move(x86_64));
  return names;
}

void require_absolute(TableReader& reader, std::string_view key, std::string_view path) {
  if (!path.starts_with('/')) reader.complain(key, fmt::format("{} is \"{}\", and must be absolute", key, path));
}

Result<void> read_folders(TableReader& file, Runtime& runtime) {
  for (const TableReader::Child& child : file.tables("folder")) {
    TableReader reader(*child.table, file.file(), "[[folder]]", child.line);
    const std::string path = reader.text("path");
    require_absolute(reader, "path", path);
    std::vector<std::string> names = names_for(reader, runtime.arch);
    LP_CHECK(reader.finish());
    if (!names.empty()) add_names(runtime.libraries[path], std::move(names));
  }
  for (const TableReader::Child& child : file.tables("programs")) {
    TableReader reader(*child.table, file.file(), "[[programs]]", child.line);
    const std::string folder = reader.text("folder");
    require_absolute(reader, "folder", folder);
    for (const std::string& name : names_for(reader, runtime.arch))
      runtime.programs.push_back(fmt::format("{}/{}", folder, name));
    LP_CHECK(reader.finish());
  }
  return {};
}

// [[versions]]: what the libraries of one folder define; several that define the same stand together.
Result<void> read_versions(TableReader& file, Runtime& runtime) {
  for (const TableReader::Child& child : file.tables("versions")) {
    TableReader reader(*child.table, file.file(), "[[versions]]", child.line);
    const std::string folder = reader.text("folder");
    require_absolute(reader, "folder", folder);
    LibraryVersions versions;
    const bool unversioned = reader.flag_or("unversioned", false);
    if (!unversioned) versions.names = names_for(reader, runtime.arch);
    add_names(versions.newer, reader.texts("newer"));
    // What one architecture lacks is not newer there either.
    std::erase_if(versions.newer,
                  [&](const std::string& name) { return !std::ranges::binary_search(versions.names, name); });
    versions.exact = reader.flag_or("exact", false);
    versions.release = reader.text_or("release", "");
    versions.source = reader.text("source");
    const std::vector<std::string> libraries = reader.texts("libraries");
    if (libraries.empty()) reader.complain("libraries", "lists nothing");
    LP_CHECK(reader.finish());
    if (versions.names.empty() && !unversioned) continue;  // a library that this architecture does not have
    for (const std::string& library : libraries) runtime.versions[folder + "/" + library] = versions;
  }
  return {};
}

// A value that is one string for both architectures, or a table of two.
std::string text_for(TableReader& reader, std::string_view key, const TomlTable& table, Arch arch) {
  const TomlValue* value = table.find(key);
  if (!value || !std::holds_alternative<TomlTable>(value->value)) return reader.text(key);
  const auto texts = reader.text_map(key);
  const auto at = texts.find(std::string(to_string(arch)));
  if (at != texts.end()) return at->second;
  reader.complain(key, fmt::format("{} says nothing for {}", key, to_string(arch)));
  return {};
}

Result<void> read_ceilings(TableReader& file, Runtime& runtime) {
  for (const TableReader::Child& child : file.tables("ceiling")) {
    TableReader reader(*child.table, file.file(), "[[ceiling]]", child.line);
    Ceiling ceiling;
    ceiling.prefix = reader.text("prefix");
    ceiling.now = text_for(reader, "now", *child.table, runtime.arch);
    ceiling.floor = text_for(reader, "floor", *child.table, runtime.arch);
    ceiling.source = reader.text("source");
    LP_CHECK(reader.finish());
    const auto at = std::ranges::find(runtime.ceilings, ceiling.prefix, &Ceiling::prefix);
    if (at == runtime.ceilings.end())
      runtime.ceilings.push_back(std::move(ceiling));
    else
      *at = std::move(ceiling);
  }
  return {};
}

Result<void> read_os(TableReader& file, Runtime& runtime) {
  if (const std::string id = file.text("id"); id != runtime.os)
    file.complain("id", fmt::format("id is \"{}\", and must be the file's name, \"{}\"", id, runtime.os));
  file.text("name");
  file.text("as_of");
  file.text("source");
  runtime.glibc = file.text("glibc");
  runtime.manylinux = file.text("manylinux");
  if (const auto child = file.table("loader")) {
    TableReader reader(*child->table, file.file(), "[loader]", child->line);
    const std::string x86_64 = reader.text("x86_64"), arm64 = reader.text("arm64");
    LP_CHECK(reader.finish());
    runtime.loader = runtime.arch == Arch::arm64 ? arm64 : x86_64;
  } else {
    file.complain("loader", "the file has no [loader]");
  }
  if (const auto child = file.table("search_path")) {
    TableReader reader(*child->table, file.file(), "[search_path]", child->line);
    runtime.library_path = reader.texts("libraries");
    runtime.program_path = reader.texts("programs");
    runtime.default_path = reader.texts("default");
    reader.text("source");
    LP_CHECK(reader.finish());
  } else {
    file.complain("search_path", "the file has no [search_path]");
  }
  LP_CHECK(read_folders(file, runtime));
  LP_CHECK(read_versions(file, runtime));
  return read_ceilings(file, runtime);
}

Result<void> read_packages(TableReader& file, Runtime& runtime) {
  const auto child = file.table("packages");
  if (!child) return {};
  TableReader reader(*child->table, file.file(), "[packages]", child->line);
  reader.text("as_of");
  runtime.packages_source = reader.text("source");
  for (auto& [name, version] : reader.text_map("versions")) runtime.packages.push_back({name, version});
  for (const TableReader::Child& group : reader.tables("group")) {
    TableReader names(*group.table, file.file(), "[[packages.group]]", group.line);
    const std::string prefix = names.text_or("prefix", ""), version = names.text_or("version", "");
    for (const std::string& name : names.texts("names")) runtime.packages.push_back({prefix + name, version});
    LP_CHECK(names.finish());
  }
  LP_CHECK(reader.finish());
  std::ranges::sort(runtime.packages, {}, &LanguagePackage::name);
  return {};
}

Result<void> read_dates_and_times(TableReader& file, Runtime& runtime) {
  if (const auto child = file.table("dates")) {
    TableReader reader(*child->table, file.file(), "[dates]", child->line);
    runtime.released = reader.text_or("released", "");
    runtime.deprecation = reader.text_or("deprecation", "");
    runtime.block_update = reader.text_or("block_update", "");
    reader.text("source");
    LP_CHECK(reader.finish());
  } else {
    file.complain("dates", "the file has no [dates]");
  }
  if (const auto child = file.table("init_ms")) {
    TableReader reader(*child->table, file.file(), "[init_ms]", child->line);
    const auto x86_64 = reader.numbers("x86_64"), arm64 = reader.numbers("arm64");
    runtime.init_source = reader.text("source");
    const auto& ms = runtime.arch == Arch::arm64 ? arm64 : x86_64;
    if (x86_64.size() != 3 || arm64.size() != 3)
      reader.complain("x86_64", "init_ms must hold three numbers: low, typical, high");
    else if (!std::ranges::is_sorted(ms))
      reader.complain(to_string(runtime.arch), "low, typical and high must not decrease");
    LP_CHECK(reader.finish());
    runtime.init_ms = {ms[0], ms[1], ms[2]};
  } else {
    file.complain("init_ms", "the file has no [init_ms]");
  }
  if (const auto child = file.table("process")) {
    TableReader reader(*child->table, file.file(), "[process]", child->line);
    runtime.preloaded = reader.texts("preloaded");
    reader.text("source");
    LP_CHECK(reader.finish());
  }
  return {};
}

// "/lib64" is a link to "/usr/lib64": what is below the one is below the other.
void add_linked_folders(Runtime& runtime, const std::map<std::string, std::string>& links) {
  const auto below = [](std::string_view path, std::string_view folder) {
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
  };
  const auto real_libraries = runtime.libraries;
  const auto real_programs = runtime.programs;
  const auto real_versions = runtime.versions;
  for (const auto& [link, target] : links) {
    for (const auto& [folder, names] : real_libraries)
      if (below(folder, target)) add_names(runtime.libraries[link + folder.substr(target.size())], names);
    for (const auto& [library, versions] : real_versions)
      if (below(library, target)) runtime.versions[link + library.substr(target.size())] = versions;
    for (const std::string& program : real_programs)
      if (below(program, target)) runtime.programs.push_back(link + program.substr(target.size()));
  }
}

// What follows from the rest: the loader and the libraries' folders count as programs and as loaded names too.
void complete(Runtime& runtime, const std::map<std::string, std::string>& links) {
  const std::string loader_name = runtime.loader.substr(runtime.loader.rfind('/') + 1);
  for (const auto& [folder, names] : runtime.libraries)
    if (std::ranges::binary_search(names, loader_name))
      runtime.programs.push_back(fmt::format("{}/{}", folder, loader_name));
  add_linked_folders(runtime, links);
  add_names(runtime.programs, {runtime.loader});
  add_names(runtime.preloaded, {loader_name});
}

}  // namespace

Result<Runtime> read_runtime(const std::map<std::string, std::string>& files, const std::string& id, Arch arch) {
  Runtime runtime;
  runtime.id = id;
  runtime.arch = arch;
  const std::string runtime_file = fmt::format("runtimes/{}.toml", id);
  LP_TRY(const TomlTable content, parse_toml(runtime_file, files.at(runtime_file)));
  TableReader reader(content, runtime_file, "the file", 0);
  if (const std::string written = reader.text("id"); written != id)
    reader.complain("id", fmt::format("id is \"{}\", and must be the file's name, \"{}\"", written, id));
  runtime.os = reader.text("os");
  const std::string os_file = fmt::format("os/{}.toml", runtime.os);
  if (!files.contains(os_file))
    reader.complain("os", fmt::format("os is \"{}\", and there is no {}", runtime.os, os_file));
  if (!files.contains(os_file)) return std::unexpected(reader.finish().error());

  LP_TRY(const TomlTable os_content, parse_toml(os_file, files.at(os_file)));
  TableReader os(os_content, os_file, "the file", 0);
  LP_CHECK(read_os(os, runtime));
  const auto links = os.text_map("links");
  LP_CHECK(os.finish());

  runtime.family = reader.text("family");
  runtime.version = reader.text_or("version", "");
  runtime.python_tag = reader.text_or("python_tag", "");
  if (reader.has("node_module_version"))
    runtime.node_module_version = static_cast<int>(reader.integer("node_module_version"));
  runtime.node_api_lacks = reader.texts("node_api_lacks");
  runtime.as_of = reader.text("as_of");
  runtime.source = reader.text("source");
  LP_CHECK(read_dates_and_times(reader, runtime));
  LP_CHECK(read_folders(reader, runtime));
  LP_CHECK(read_versions(reader, runtime));
  LP_CHECK(read_ceilings(reader, runtime));
  LP_CHECK(read_packages(reader, runtime));
  LP_CHECK(reader.finish());
  complete(runtime, links);
  return runtime;
}

}  // namespace lambdapack
