// From the handler's file on, each module that is surely loaded is read once, and what it surely loads is looked up. A
// false alarm is worse than none: a require in a branch or a try may be meant to fail, hooks and variables make Node.js
// look elsewhere, and an npm package's own mistakes are its maintainers'.
#include "plan/check_node_imports.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "languages/js_imports.h"
#include "languages/node_modules.h"
#include "languages/node_resolve.h"
#include "languages/package_paths.h"

namespace lambdapack {
namespace {

// In a module's text: it may change how others are found.
constexpr std::string_view kHooks[] = {
    "_resolveFilename", "Module._load",       "_nodeModulePaths", "_initPaths",     "_extensions",
    "module.register",  "registerHooks",      "module-alias",     "_moduleAliases", "tsconfig-paths",
    "ts-node",          "module.paths",       "globalPaths",      "pirates",        "app-module-path",
    "app-root-path",    "require.extensions",
};

// "@babel/register", "esbuild-register", "tsx/cjs"; not "source-map-support/register" nor "./routes/register"
bool registers_compiler(std::string_view text) {
  constexpr std::size_t longest = 100;
  for (const std::string_view name : {"register", "tsx/cjs", "tsx/esm", "sucrase"})
    for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
      const std::size_t end = at + name.size();
      if (end == text.size() || !std::string_view("'\"`/").contains(text[end])) continue;
      const std::string_view near = text.substr(at - std::min(at, longest), end - at + std::min(at, longest));
      const std::string_view specifier = near.substr(near.find_last_of("'\"`\n") + 1);
      if (!specifier.starts_with('.') && specifier != "register" && specifier != "source-map-support/register")
        return true;
    }
  return false;
}

bool has_hooks(std::string_view text) {
  return registers_compiler(text) ||
         std::ranges::any_of(kHooks, [&](std::string_view hook) { return text.contains(hook); });
}

// `require` is another function than the module's.
bool has_own_require(std::string_view text) {
  return text.contains("createRequire") || text.contains("require =") || text.contains("require=");
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

bool ends_as_module(std::string_view path) {
  return path.ends_with(".js") || path.ends_with(".mjs") || path.ends_with(".cjs");
}

class Check {
 public:
  explicit Check(const NodeImportInput& input)
      : input_(input), resolver_(input.package, node_surroundings(input.target.runtime)) {}

  Result<std::vector<Finding>> run() {
    if (something_else_finds_modules()) return std::vector<Finding>();
    for (const std::string& handler : input_.target.handlers)
      if (const auto file = module_of(handler)) add(*file);
    for (std::size_t at = 0; at < modules_.size() && !hooked_; ++at) LP_CHECK(read(modules_[at]));
    return hooked_ ? std::vector<Finding>() : std::move(findings_);
  }

 private:
  const std::string& path(std::size_t file) const { return input_.package.files[file].path; }

  bool something_else_finds_modules() const {
    if (input_.target.runtime.family != "nodejs" || input_.target.is_layer) return true;
    for (const char* name : {"NODE_PATH", "AWS_LAMBDA_EXEC_WRAPPER", "NODE_OPTIONS"}) {
      if (std::ranges::find(input_.unknown_variables, name) != input_.unknown_variables.end()) return true;
      const auto set = input_.env.find(name);
      if (set == input_.env.end() || set->second.empty()) continue;
      // "--max-old-space-size=512" and "--enable-source-maps" load nothing.
      if (set->first != "NODE_OPTIONS") return true;
      for (const std::string_view option : {"-r", "--require", "--import", "loader", "-C", "--conditions", "symlinks",
                                            "specifier", "--env-file", "--policy"})
        if (set->second.contains(option)) return true;
    }
    return std::ranges::any_of(input_.package.files, [](const PackageFile& file) {
      return file.path == ".pnp.cjs" || file.path == ".pnp.js" || file.path == ".pnp.loader.mjs";
    });
  }

  // "src/index.handler" is src/index.js, .mjs or .cjs: the runtime client's UserFunction.js.
  std::optional<std::size_t> module_of(const std::string& handler) const {
    const std::string_view name = base_name(handler);
    const std::string module = join_path(parent_folder(handler), name.substr(0, name.find('.')));
    const auto normal = normalise_path(module);
    if (!normal) return std::nullopt;
    for (const char* extension : {".js", ".mjs", ".cjs"})
      if (const auto file = resolve_path(input_.package, *normal + extension)) return file;
    return std::nullopt;
  }

  void add(std::size_t file) {
    if (input_.languages.node_package_of[file] || is_layer_file(path(file)) || !ends_as_module(path(file))) return;
    if (seen_.insert(file).second) modules_.push_back(file);
  }

  Result<void> read(std::size_t file) {
    LP_TRY(const Bytes bytes, input_.package.files[file].content.read());
    const std::string_view text = as_text(bytes);
    hooked_ = has_hooks(text);
    const JsModule module = read_js_module(text);
    if (hooked_ || !module.whole) return {};
    const bool own_require = has_own_require(text) || path(file).ends_with(".mjs");
    std::set<std::pair<std::string_view, bool>> asked;
    for (const JsImport& one : module.imports) {
      const bool requires_it = one.kind == JsImportKind::require;
      if (!one.always || !one.literal || (requires_it && own_require)) continue;
      if (!asked.emplace(one.specifier, requires_it).second) continue;
      follow(file, requires_it ? NodeLoad::require : NodeLoad::import, one.specifier);
    }
    return {};
  }

  void follow(std::size_t file, NodeLoad how, const std::string& specifier) {
    const NodeResolved found = resolver_.resolve(how, specifier, path(file));
    switch (found.outcome) {
      case NodeOutcome::file: add(found.file); return;
      case NodeOutcome::not_found:
      case NodeOutcome::folder:
        if (!may_be_elsewhere(specifier)) report_missing(file, how, specifier, found.outcome);
        return;
      case NodeOutcome::not_exported: report_not_exported(file, how, specifier, found.folder); return;
      default: return;
    }
  }

  // In a layer that was not given, or in a runtime that was guessed.
  bool may_be_elsewhere(std::string_view specifier) const {
    if (specifier.starts_with('.') || specifier.starts_with('/')) return false;
    return input_.unknown_layers || specifier.starts_with('#') ||
           (input_.target.runtime_guessed && (specifier.starts_with("@aws-sdk/") || specifier.starts_with("aws-sdk")));
  }

  static std::string verb(NodeLoad how) { return how == NodeLoad::require ? "requires" : "imports"; }

  void report(std::string_view code, std::size_t file, const std::string& specifier, std::string message,
              std::string help) {
    findings_.push_back({.code = std::string(code),
                         .severity = Severity::warning,
                         .path = path(file),
                         .detail = specifier,
                         .message = std::move(message),
                         .help = std::move(help)});
  }

  void report_missing(std::size_t file, NodeLoad how, const std::string& specifier, NodeOutcome outcome) {
    const std::string name = printable(specifier);
    if (specifier.starts_with('.') || specifier.starts_with('/')) {
      report("module-not-found", file, specifier,
             fmt::format("{} {}, which {}; Node.js stops there when the function starts", verb(how), name,
                         outcome == NodeOutcome::folder ? "is a folder" : "is not in the package"),
             help_for_path(file, how, specifier));
      return;
    }
    const std::string package(package_of_specifier(specifier));
    const bool installed = !package.empty() && has_folder(file, package);
    report("module-not-found", file, specifier,
           fmt::format("{} {}, and {}; Node.js stops there when the function starts", verb(how), name,
                       installed ? fmt::format("the package {} has no such file", printable(package))
                                 : "neither the package, nor a layer that was given, nor the runtime has it"),
           installed
               ? fmt::format("look up the name in the documentation of {}, or install it again", printable(package))
               : fmt::format("npm install {}, or give the layer that has it with --layer",
                             package.empty() ? name : printable(package)));
  }

  bool has_folder(std::size_t file, const std::string& package) const {
    for (std::string_view folder = parent_folder(path(file));; folder = parent_folder(folder)) {
      const auto [first, last] = files_below(input_.package, join_path(folder, "node_modules/" + package));
      if (first != last) return true;
      if (folder.empty()) return false;
    }
  }

  std::string help_for_path(std::size_t file, NodeLoad how, const std::string& specifier) const {
    const auto wanted = normalise_path(join_path(parent_folder(path(file)), specifier));
    if (!wanted) return "copy it into the package";
    if (how == NodeLoad::import)
      for (const char* ending : {".js", ".mjs", ".cjs", "/index.js", "/index.mjs"})
        if (input_.package.find(*wanted + ending) != nullptr)
          return fmt::format("write {}{}: import takes paths as they are", printable(specifier), ending);
    const std::string lower = in_lower_case(*wanted);
    for (const PackageFile& other : input_.package.files) {
      const std::string there = in_lower_case(other.path);
      if (there.starts_with(lower) &&
          (there.size() == lower.size() || there == lower + ".js" || there == lower + ".json"))
        return fmt::format("write it as the file is called, {}: Lambda tells upper from lower case",
                           printable(other.path));
    }
    return "copy it into the package, or let the bundler include it";
  }

  void report_not_exported(std::size_t file, NodeLoad how, const std::string& specifier, const std::string& folder) {
    report("module-not-exported", file, specifier,
           fmt::format("{} {}, which {} does not export; Node.js stops there with ERR_PACKAGE_PATH_NOT_EXPORTED",
                       verb(how), printable(specifier), printable(join_path(folder, "package.json"))),
           fmt::format("use a path that \"exports\" there lists{}, or another version of the package",
                       how == NodeLoad::require ? " for require" : ""));
  }

  const NodeImportInput& input_;
  const NodeResolver resolver_;
  std::vector<std::size_t> modules_;  // in the order in which they are found
  std::set<std::size_t> seen_;
  std::vector<Finding> findings_;
  bool hooked_ = false;
};

}  // namespace

Result<std::vector<Finding>> check_node_imports(const NodeImportInput& input) {
  return Check(input).run();
}

}  // namespace lambdapack
