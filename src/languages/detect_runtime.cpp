// Which runtime was this package made for?
//
// Every language leaves marks: handler files, installed packages, compiled modules, manifests. Marks are weighed, so
// that one stray script does not decide about a package full of another language's files; the version then comes from
// whatever names it best. A top-level `bootstrap` decides alone, because Lambda runs it whatever else is there.

#include "languages/detect_runtime.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "languages/find_handlers.h"
#include "languages/node_packages.h"
#include "languages/node_range.h"
#include "languages/package_paths.h"
#include "languages/python_extension.h"

namespace lambdapack {

namespace {

using Version = std::vector<int>;

// {3, 12} of "python3.12", {22} of "nodejs22.x", {17} of "java17.al2023".
Version version_of(std::string_view id) {
  id.remove_prefix(std::min(id.find_first_of("0123456789"), id.size()));
  Version version;
  while (!id.empty()) {
    int number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (error != std::errc{}) break;
    version.push_back(number);
    id.remove_prefix(static_cast<std::size_t>(end - id.data()));
    if (!id.starts_with('.')) break;
    id.remove_prefix(1);
  }
  return version;
}

// Ids of a family, oldest first; of two with the same version the shorter name first ("java17" before "java17.al2023").
std::vector<std::string> ids_of(const Rules& rules, std::string_view family) {
  std::vector<std::string> ids;
  for (const std::string& id : rules.runtime_ids)
    if (id.starts_with(family) && id.size() > family.size() &&
        std::isdigit(static_cast<unsigned char>(id[family.size()])))
      ids.push_back(id);
  std::ranges::sort(ids, [](const std::string& a, const std::string& b) {
    return std::tuple(version_of(a), a.size(), a) < std::tuple(version_of(b), b.size(), b);
  });
  return ids;
}

struct Chosen {
  std::string id;
  bool exact = false;  // the rules have this very version
};

// The runtime of this version, else the next newer one, else the newest.
Chosen choose(const Rules& rules, std::string_view family, const Version& wanted) {
  const auto ids = ids_of(rules, family);
  if (ids.empty()) return {};
  for (const std::string& id : ids)
    if (version_of(id) >= wanted) return {id, version_of(id) == wanted};
  return {ids.back(), false};
}

DetectedRuntime chosen_for(const Rules& rules, std::string_view family, const Version& wanted, std::string from) {
  const Chosen chosen = choose(rules, family, wanted);
  if (!chosen.exact)
    from += fmt::format(", for which there is no runtime here: the nearest one; --runtime says another");
  return {chosen.id, std::move(from)};
}

// The newest id that functions can be made with today. AWS lists previews, without a date of release, among the
// runtimes. Empty when there is none.
std::string newest_released(const Rules& rules, const std::vector<std::string>& ids) {
  for (auto id = ids.rbegin(); id != ids.rend(); ++id)
    if (const auto runtime = rules.runtime(*id, Arch::x86_64); !runtime || !runtime->released.empty()) return *id;
  return ids.empty() ? std::string() : ids.back();
}

DetectedRuntime newest(const Rules& rules, std::string_view family, std::string_view marks) {
  return {newest_released(rules, ids_of(rules, family)),
          fmt::format("{}, and nothing that names a version: the newest runtime; --runtime says another", marks), true};
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

// "cp312" -> {3, 12}; empty for "cp3", "py3" and free-threaded ABIs.
Version cpython_version(std::string_view tag) {
  if (!tag.starts_with("cp3") || tag.size() < 4 || tag.size() > 5) return {};
  int minor = 0;
  const auto [end, error] = std::from_chars(tag.data() + 3, tag.data() + tag.size(), minor);
  if (error != std::errc{} || end != tag.data() + tag.size()) return {};
  return {3, minor};
}

// The tag most often seen; the newest of equals. Empty when none was.
std::pair<Version, std::size_t> most_frequent(const std::map<Version, std::size_t>& counts) {
  std::pair<Version, std::size_t> best;
  for (const auto& [version, count] : counts)
    if (count >= best.second) best = {version, count};
  return best;
}

std::string python_tag(const Version& version) {
  return fmt::format("cpython-{}{}", version[0], version[1]);
}

class Detection {
 public:
  Detection(const Package& package, const Inventory& inventory, const LanguageView& languages, const Rules& rules)
      : package_(package), inventory_(inventory), languages_(languages), rules_(rules) {}

  Result<DetectedRuntime> run() const;

 private:
  std::size_t count_top(std::initializer_list<std::string_view> suffixes) const;
  bool has_folder(std::string_view folder) const;

  Result<int> python_score() const;
  Result<int> node_score() const;
  int java_score() const;
  Result<int> ruby_score() const;
  int dotnet_score() const;

  DetectedRuntime python() const;
  Result<DetectedRuntime> node() const;
  Result<DetectedRuntime> java() const;
  DetectedRuntime ruby() const;
  Result<DetectedRuntime> dotnet() const;

  bool own_class_file(std::size_t file) const;

  const Package& package_;
  const Inventory& inventory_;
  const LanguageView& languages_;
  const Rules& rules_;
};

constexpr int kDecisive = 100;

int capped(std::size_t count, int each, int most) {
  return static_cast<int>(
      std::min<std::size_t>(count * static_cast<std::size_t>(each), static_cast<std::size_t>(most)));
}

std::size_t Detection::count_top(std::initializer_list<std::string_view> suffixes) const {
  return static_cast<std::size_t>(std::ranges::count_if(package_.files, [&](const PackageFile& file) {
    return file.kind == FileKind::regular && !file.path.contains('/') &&
           std::ranges::any_of(suffixes, [&](std::string_view suffix) { return file.path.ends_with(suffix); });
  }));
}

bool Detection::has_folder(std::string_view folder) const {
  const auto [first, last] = files_below(package_, folder);
  return first != last;
}

Result<int> Detection::python_score() const {
  LP_TRY(const auto handlers, find_python_handlers(package_));
  const auto extensions =
      static_cast<std::size_t>(std::ranges::count_if(inventory_.files, [&](const FileRecord& record) {
        const auto index = static_cast<std::size_t>(&record - inventory_.files.data());
        if (record.type != FileType::elf) return false;
        const auto extension = parse_python_extension(base_name(package_.files[index].path));
        return extension && !extension->abi.empty();
      }));
  return (handlers.empty() ? 0 : kDecisive) + capped(extensions, 10, 60) +
         capped(languages_.distributions.size(), 20, 60) + capped(count_top({".py"}), 10, 30) +
         (has_folder("python") ? 50 : 0);
}

Result<int> Detection::node_score() const {
  LP_TRY(const auto handlers, find_node_handlers(package_));
  const bool package_json = file_at(package_, "package.json").has_value();
  return (handlers.empty() ? 0 : kDecisive) + capped(languages_.node_packages.size(), 20, 60) +
         (package_json ? 30 : 0) + capped(count_top({".js", ".mjs", ".cjs"}), 10, 30) + (has_folder("nodejs") ? 50 : 0);
}

// The user's classes: META-INF/versions/ holds classes for newer Javas beside those for older ones, and
// module-info.class is for Java 9 in libraries that run on 8.
bool Detection::own_class_file(std::size_t file) const {
  const std::string_view path = package_.files[file].path;
  return path.ends_with(".class") && package_.files[file].kind == FileKind::regular && !languages_.owned(file) &&
         !path.contains("META-INF/") && base_name(path) != "module-info.class";
}

int Detection::java_score() const {
  bool classes = false;
  for (std::size_t i = 0; i < package_.files.size() && !classes; ++i) classes = own_class_file(i);
  std::size_t jars = 0;
  for (const std::string_view folder : {"lib", "java/lib"}) {
    const auto [first, last] = files_below(package_, folder);
    for (std::size_t i = first; i < last; ++i) jars += package_.files[i].path.ends_with(".jar");
  }
  const bool manifest = file_at(package_, "META-INF/MANIFEST.MF").has_value();
  return (manifest ? 60 : 0) + (classes ? 60 : 0) + capped(jars, 20, 60);
}

Result<int> Detection::ruby_score() const {
  LP_TRY(const auto handlers, find_ruby_handlers(package_));
  return (handlers.empty() ? 0 : kDecisive) + (file_at(package_, "Gemfile") ? 40 : 0) +
         capped(count_top({".rb"}), 10, 30) + (has_folder("vendor/bundle/ruby") || has_folder("ruby/gems") ? 60 : 0);
}

int Detection::dotnet_score() const {
  return capped(count_top({".runtimeconfig.json"}), 100, 100) + capped(count_top({".deps.json"}), 80, 80);
}

DetectedRuntime Detection::python() const {
  std::map<Version, std::size_t> extensions, wheels, bytecode, folders;
  for (std::size_t i = 0; i < package_.files.size(); ++i) {
    const std::string_view path = package_.files[i].path;
    const std::string_view name = base_name(path);
    if (inventory_.files[i].type == FileType::elf) {
      if (const auto extension = parse_python_extension(name))
        if (const Version version = cpython_version(extension->abi); !version.empty()) ++extensions[version];
    } else if (const std::size_t at = name.find(".cpython-"); name.ends_with(".pyc") && at != std::string_view::npos) {
      const std::string_view tag = name.substr(at + 9);
      if (const Version version = cpython_version("cp" + std::string(tag.substr(0, tag.find('.')))); !version.empty())
        ++bytecode[version];
    }
    constexpr std::string_view layer = "python/lib/python3.";
    if (path.starts_with(layer))
      if (const Version version = version_of(path.substr(layer.size() - 2)); version.size() == 2) ++folders[version];
  }
  for (const Distribution& distribution : languages_.distributions) {
    std::vector<Version> seen;  // a wheel may have several tags: it counts once for each version
    for (const std::string& tag : distribution.tags) {
      const std::string_view python = std::string_view(tag).substr(0, tag.find('-'));
      const Version version = tag.contains("-abi3-") ? Version{} : cpython_version(python);
      if (!version.empty() && std::ranges::find(seen, version) == seen.end()) seen.push_back(version);
    }
    if (seen.size() == 1) ++wheels[seen.front()];
  }

  if (const auto [version, count] = most_frequent(extensions); count)
    return chosen_for(rules_, "python", version,
                      fmt::format("{} in the names of {}", python_tag(version),
                                  counted(count, "extension module", "extension modules")));
  if (const auto [version, count] = most_frequent(wheels); count)
    return chosen_for(rules_, "python", version,
                      fmt::format("cp{}{} in the wheel tags of {}", version[0], version[1],
                                  counted(count, "distribution", "distributions")));
  if (const auto [version, count] = most_frequent(folders); count)
    return chosen_for(rules_, "python", version,
                      fmt::format("the folder python/lib/python{}.{}", version[0], version[1]));
  if (const auto [version, count] = most_frequent(bytecode); count)
    return chosen_for(
        rules_, "python", version,
        fmt::format("{} in the names of {}", python_tag(version), counted(count, "bytecode file", "bytecode files")));
  return newest(rules_, "python", "Python files");
}

Result<DetectedRuntime> Detection::node() const {
  constexpr std::string_view layer = "nodejs/node";
  for (const PackageFile& file : package_.files)
    if (file.path.starts_with(layer))
      if (const Version version = version_of(std::string_view(file.path).substr(layer.size())); version.size() == 1)
        return chosen_for(rules_, "nodejs", version, fmt::format("the folder nodejs/node{}", version[0]));

  if (const auto index = file_at(package_, "package.json")) {
    LP_TRY(const auto parsed, read_package_json(package_, *index));
    if (parsed && !parsed->engines_node.empty()) {
      auto ids = ids_of(rules_, "nodejs");
      std::erase_if(
          ids, [&](const std::string& id) { return !range_has_major(parsed->engines_node, version_of(id).front()); });
      if (!ids.empty())
        return DetectedRuntime{newest_released(rules_, ids),
                               fmt::format("engines.node \"{}\" in package.json, the newest runtime in it",
                                           printable(parsed->engines_node))};
    }
  }
  return newest(rules_, "nodejs", "JavaScript files");
}

Result<DetectedRuntime> Detection::java() const {
  std::vector<std::size_t> classes;
  for (std::size_t i = 0; i < package_.files.size(); ++i)
    if (own_class_file(i)) classes.push_back(i);
  // A fat jar has tens of thousands of classes; an even sample of them meets every library in it.
  constexpr std::size_t sample = 1000;
  const std::size_t step = std::max<std::size_t>(1, classes.size() / sample);
  int highest = 0;
  for (std::size_t i = 0; i < classes.size(); i += step) {
    LP_TRY(const auto head, package_.files[classes[i]].content.head(8));
    // CAFEBABE, minor version, major version, big-endian (JVM specification, 4.1). Major 52 is Java 8.
    if (head.size() == 8 && head[0] == 0xCA && head[1] == 0xFE && head[2] == 0xBA && head[3] == 0xBE)
      highest = std::max(highest, head[6] << 8 | head[7]);
  }
  if (highest < 45) return newest(rules_, "java", "jars");
  const int version = highest - 44;
  std::string from = fmt::format("class files of version {} (Java {})", highest, version);
  const Chosen chosen = choose(rules_, "java", {version});
  if (!chosen.exact) from += ", the oldest runtime that loads them";
  return DetectedRuntime{chosen.id, std::move(from)};
}

DetectedRuntime Detection::ruby() const {
  for (const std::string_view folder : {"vendor/bundle/ruby/", "ruby/gems/"}) {
    const auto [first, last] = files_with_prefix(package_, folder);
    for (std::size_t i = first; i < last; ++i) {
      Version version = version_of(std::string_view(package_.files[i].path).substr(folder.size()));
      if (version.size() < 2) continue;
      version.resize(2);
      return chosen_for(rules_, "ruby", version, fmt::format("the folder {}{}.{}.0", folder, version[0], version[1]));
    }
  }
  return newest(rules_, "ruby", "Ruby files");
}

Result<DetectedRuntime> Detection::dotnet() const {
  using nlohmann::json;
  for (const PackageFile& file : package_.files) {
    if (file.kind != FileKind::regular || file.path.contains('/') || !file.path.ends_with(".runtimeconfig.json"))
      continue;
    if (file.size() > (1 << 20)) continue;
    LP_TRY(const Bytes bytes, file.content.read());
    const json root = json::parse(as_text(bytes), nullptr, false);
    if (!root.is_object() || !root.contains("runtimeOptions") || !root["runtimeOptions"].is_object()) continue;
    const json& options = root["runtimeOptions"];
    const auto tfm = options.find("tfm");
    const auto* text = tfm == options.end() ? nullptr : tfm->get_ptr<const json::string_t*>();
    if (!text || !text->starts_with("net")) continue;
    const Version version = version_of(*text);
    if (version.empty()) continue;
    return chosen_for(rules_, "dotnet", {version.front()},
                      fmt::format("{} in {}", printable(*text), printable(file.path)));
  }
  return newest(rules_, "dotnet", ".NET files");
}

Result<DetectedRuntime> Detection::run() const {
  if (const PackageFile* bootstrap = package_.find("bootstrap"); bootstrap && bootstrap->kind != FileKind::directory)
    return DetectedRuntime{"provided.al2023", "a bootstrap at the top"};
  if (package_.kind == InputKind::elf) return DetectedRuntime{"provided.al2023", "a single ELF file"};

  LP_TRY(const int python_marks, python_score());
  LP_TRY(const int node_marks, node_score());
  LP_TRY(const int ruby_marks, ruby_score());
  const std::vector<std::pair<std::string_view, int>> scores = {{"python", python_marks},
                                                                {"nodejs", node_marks},
                                                                {"java", java_score()},
                                                                {"dotnet", dotnet_score()},
                                                                {"ruby", ruby_marks}};
  std::string_view best;
  int most = 0;
  for (const auto& [family, score] : scores)
    if (score > most && !ids_of(rules_, family).empty()) std::tie(best, most) = std::pair{family, score};
  if (best == "python") return python();
  if (best == "nodejs") return node();
  if (best == "java") return java();
  if (best == "dotnet") return dotnet();
  if (best == "ruby") return ruby();
  return DetectedRuntime{"provided.al2023",
                         "no sign of a language: the runtime for executables; --runtime says another", true};
}

}  // namespace

Result<DetectedRuntime> detect_runtime(const Package& package, const Inventory& inventory,
                                       const LanguageView& languages, const Rules& rules) {
  return Detection(package, inventory, languages, rules).run();
}

}  // namespace lambdapack
