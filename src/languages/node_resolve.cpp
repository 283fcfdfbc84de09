// Paths are those of the package. One that leads above its top is that of no file, but for /opt, where layers lie.
// Where a link leads out of the package, and where a package.json cannot be read, what Node.js would do is not known,
// and that is the answer unless something is found before.
#include "languages/node_resolve.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "languages/node_exports.h"
#include "languages/node_files.h"
#include "languages/package_paths.h"

namespace lambdapack {
namespace {

bool is_relative_url(std::string_view specifier) {
  return specifier == "." || specifier == ".." || specifier.starts_with("./") || specifier.starts_with("../") ||
         specifier.starts_with('/');
}

// As Module._resolveLookupPaths has it: "..x" is one, ".x" is none.
bool is_relative_for_require(std::string_view specifier) {
  return specifier.starts_with('.') && (specifier.size() == 1 || specifier[1] == '.' || specifier[1] == '/');
}

bool names_folder(std::string_view request) {
  return request.ends_with('/') || request.ends_with("/.") || request.ends_with("/..") || request == "." ||
         request == "..";
}

// "@s/a" and "./lib" of "@s/a/lib"; nothing when Node.js takes it for no package's name.
std::optional<std::pair<std::string, std::string>> split_name(std::string_view specifier) {
  std::size_t end = specifier.find('/');
  if (specifier.starts_with('@')) {
    if (end == std::string_view::npos) return std::nullopt;
    end = specifier.find('/', end + 1);
  }
  const std::string_view name = specifier.substr(0, end);
  if (name.empty() || name.starts_with('.') || name.find_first_of("%\\") != std::string_view::npos) return std::nullopt;
  return std::pair(std::string(name),
                   "." + std::string(end == std::string_view::npos ? std::string_view() : specifier.substr(end)));
}

// "https:", "node:", "file:"
std::string_view scheme_of(std::string_view specifier) {
  const std::size_t colon = specifier.find(':');
  const bool is_scheme =
      colon != std::string_view::npos && colon > 1 && std::ranges::all_of(specifier.substr(0, colon), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
               c == '.';
      });
  return is_scheme ? specifier.substr(0, colon) : std::string_view();
}

// One search.
class Lookup {
 public:
  Lookup(NodeFiles& files, const NodeSurroundings& surroundings, NodeLoad how, std::string_view script)
      : files_(files),
        surroundings_(surroundings),
        conditions_{how == NodeLoad::import, surroundings.major >= 20},
        from_(parent_folder(script)) {}

  NodeResolved run(std::string_view specifier) {
    if (specifier.empty()) return answer(NodeOutcome::unknown);
    const NodeResolved found = conditions_.import ? import(specifier) : require(specifier);
    return found.outcome != NodeOutcome::file && found.outcome != NodeOutcome::built_in && doubt_
               ? NodeResolved{.outcome = NodeOutcome::unknown, .folder = {}}
               : found;
  }

 private:
  using Maybe = std::optional<NodeResolved>;

  static NodeResolved answer(NodeOutcome outcome) { return {.outcome = outcome, .folder = {}}; }

  Place look(const std::string& path) {
    Place place = files_.look(path);
    doubt_ = doubt_ || place.kind == PlaceKind::outside;
    return place;
  }

  const NodeManifest& manifest(std::string_view folder) {
    const NodeManifest& found = files_.manifest(folder);
    doubt_ = doubt_ || !found.readable;
    return found;
  }

  Maybe file(const std::string& path) {
    const Place place = look(path);
    if (place.kind != PlaceKind::file) return std::nullopt;
    return NodeResolved{.outcome = NodeOutcome::file, .file = place.file, .folder = {}};
  }

  // What "exports" or "imports" says is not looked for under other names.
  NodeResolved exactly(const std::string& path) {
    const bool slash = path.ends_with('/');
    const Place place = look(slash ? path.substr(0, path.size() - 1) : path);
    if (place.kind == PlaceKind::file && !slash)
      return {.outcome = NodeOutcome::file, .file = place.file, .folder = {}};
    return answer(place.kind == PlaceKind::folder && conditions_.import ? NodeOutcome::folder : NodeOutcome::not_found);
  }

  // A target in the package of this folder.
  NodeResolved at_target(const std::string& folder, const NodeTarget& target, NodeOutcome when_missing) {
    switch (target.kind) {
      case NodeTargetKind::path: {
        const auto path = path_of_url(target.value);
        if (!path) return answer(NodeOutcome::invalid);
        const auto place = resolve_on_lambda(folder, *path);
        return place ? exactly(path->ends_with('/') ? *place + "/" : *place) : answer(NodeOutcome::not_found);
      }
      case NodeTargetKind::package: return package(target.value, folder);
      case NodeTargetKind::not_defined: return {.outcome = when_missing, .folder = folder};
      case NodeTargetKind::invalid: return answer(NodeOutcome::invalid);
      case NodeTargetKind::unknown: break;
    }
    return answer(NodeOutcome::unknown);
  }

  NodeResolved exported(const std::string& folder, const std::string& subpath) {
    return at_target(folder, manifest(folder).exports.find_export(subpath, conditions_), NodeOutcome::not_exported);
  }

  Maybe imported(std::string_view specifier, std::string_view folder) {
    const auto scope = files_.scope(folder);
    const bool has_imports = scope && manifest(*scope).imports.is_set();
    if (!has_imports && !conditions_.import) return std::nullopt;
    const NodeTable imports = has_imports ? manifest(*scope).imports : NodeTable();
    const NodeResolved found = at_target(std::string(scope.value_or(folder)),
                                         imports.find_import(specifier, conditions_), NodeOutcome::not_imported);
    // {"#fs": "fs"}: whether require() takes it depends on the release.
    return found.outcome == NodeOutcome::built_in && !conditions_.import ? answer(NodeOutcome::unknown) : found;
  }

  // A package that imports itself by its name.
  Maybe self(std::string_view name, const std::string& subpath, std::string_view folder) {
    const auto scope = files_.scope(folder);
    if (!scope) return std::nullopt;
    const NodeManifest& own = manifest(*scope);
    if (!own.exports.is_set() || own.name != name) return std::nullopt;
    return exported(std::string(*scope), subpath);
  }

  NodeResolved require(std::string_view specifier) {
    if (is_node_built_in(specifier)) return answer(NodeOutcome::built_in);
    if (specifier.starts_with('#'))
      if (const Maybe found = imported(specifier, from_)) return *found;
    // Nothing is taken back here: "x/../y" is x with the path "./../y", as Node.js cuts it.
    if (const auto scope = files_.scope(from_); scope && manifest(*scope).name && manifest(*scope).exports.is_set()) {
      const std::string& name = *manifest(*scope).name;
      if (specifier == name || (specifier.starts_with(name) && specifier[name.size()] == '/'))
        return exported(std::string(*scope), "." + std::string(specifier.substr(name.size())));
    }
    if (specifier.starts_with('/') || is_relative_for_require(specifier))
      return in_folder(from_, specifier).value_or(answer(NodeOutcome::not_found));
    for (std::string_view folder = from_;;) {
      if (base_name(folder) != "node_modules")
        if (const Maybe found = in_folder(join_path(folder, "node_modules"), specifier)) return *found;
      if (!climb(folder)) break;
    }
    for (const std::string& folder : surroundings_.node_path)
      if (const Maybe found = in_folder(folder, specifier)) return *found;
    return of_runtime(specifier);
  }

  NodeResolved of_runtime(std::string_view specifier) const {
    const auto name = split_name(specifier);
    return answer(name && std::ranges::binary_search(surroundings_.packages, name->first) ? NodeOutcome::runtime
                                                                                          : NodeOutcome::not_found);
  }

  // Module._findPath for one folder.
  Maybe in_folder(std::string_view folder, std::string_view request) {
    const bool absolute = request.starts_with('/');
    if (!absolute && look(std::string(folder)).kind != PlaceKind::folder) return std::nullopt;
    if (const auto name = absolute || request.starts_with('.') ? std::nullopt : split_name(request)) {
      const std::string place = join_path(folder, name->first);
      if (manifest(place).exports.is_set()) return exported(place, name->second);
    }
    const auto base = resolve_on_lambda(folder, request);
    if (!base) {
      doubt_ = true;
      return std::nullopt;
    }
    if (!names_folder(request)) {
      if (const Maybe found = file(*base)) return found;
      if (const Maybe found = with_extension(*base)) return found;
    }
    return look(*base).kind == PlaceKind::folder ? main_of(*base) : std::nullopt;
  }

  Maybe with_extension(const std::string& base) {
    for (const std::string_view extension : {".js", ".json", ".node"})
      if (const Maybe found = file(fmt::format("{}{}", base, extension))) return found;
    return std::nullopt;
  }

  // tryPackage: a main file that is missing ends the search.
  Maybe main_of(const std::string& folder) {
    const std::string& main = manifest(folder).main;
    const std::string index = join_path(folder, "index");
    if (main.empty()) return with_extension(index);
    if (const auto base = resolve_on_lambda(folder, main)) {
      if (const Maybe found = file(*base)) return found;
      if (const Maybe found = with_extension(*base)) return found;
      if (const Maybe found = with_extension(join_path(*base, "index"))) return found;
    }
    return with_extension(index).value_or(answer(NodeOutcome::not_found));
  }

  NodeResolved import(std::string_view specifier) {
    if (is_relative_url(specifier)) return at_url(specifier);
    if (specifier.starts_with('#')) return imported(specifier, from_).value_or(answer(NodeOutcome::not_imported));
    if (specifier.starts_with("node:")) return answer(NodeOutcome::built_in);
    if (!scheme_of(specifier).empty()) return answer(NodeOutcome::unknown);
    return package(specifier, from_);
  }

  NodeResolved at_url(std::string_view specifier) {
    const auto path = path_of_url(specifier);
    if (!path) return answer(NodeOutcome::invalid);
    const auto place = resolve_on_lambda(from_, *path);
    if (!place) return answer(NodeOutcome::unknown);
    return exactly(names_folder(*path) ? *place + "/" : *place);
  }

  // PACKAGE_RESOLVE
  NodeResolved package(std::string_view specifier, std::string_view from) {
    if (is_node_built_in(specifier)) return answer(NodeOutcome::built_in);
    const auto name = split_name(specifier);
    if (!name) return answer(NodeOutcome::invalid);
    if (const Maybe found = self(name->first, name->second, from)) return *found;
    for (std::string_view folder = from;;) {
      if (const Maybe found = in_modules(join_path(folder, "node_modules"), *name)) return *found;
      if (!climb(folder)) break;
    }
    // import() does not search NODE_PATH, but Lambda's from nodejs18.x on does: what it makes of it is not known.
    for (const std::string& folder : surroundings_.node_path)
      if (look(join_path(folder, name->first)).kind != PlaceKind::none) return answer(NodeOutcome::unknown);
    return of_runtime(specifier);
  }

  Maybe in_modules(const std::string& modules, const std::pair<std::string, std::string>& name) {
    const std::string folder = join_path(modules, name.first);
    if (look(folder).kind != PlaceKind::folder) return std::nullopt;
    if (manifest(folder).exports.is_set()) return exported(folder, name.second);
    if (name.second == ".") return legacy_main(folder);
    const auto path = path_of_url(name.second);
    if (!path) return answer(NodeOutcome::invalid);
    const auto place = resolve_on_lambda(folder, *path);
    return place ? exactly(path->ends_with('/') ? *place + "/" : *place) : answer(NodeOutcome::not_found);
  }

  NodeResolved legacy_main(const std::string& folder) {
    if (const std::string& main = manifest(folder).main; !main.empty() && !main.starts_with('/'))
      if (const auto base = resolve_on_lambda(folder, "./" + main))
        for (const std::string_view ending : {"", ".js", ".json", ".node", "/index.js", "/index.json", "/index.node"})
          if (const Maybe found = file(fmt::format("{}{}", *base, ending))) return *found;
    return with_extension(join_path(folder, "index")).value_or(answer(NodeOutcome::not_found));
  }

  NodeFiles& files_;
  const NodeSurroundings& surroundings_;
  const NodeConditions conditions_;
  const std::string_view from_;  // folder of the script
  bool doubt_ = false;
};

}  // namespace

// module.builtinModules of Node.js 18 to 24, without those that only "node:" reaches.
bool is_node_built_in(std::string_view specifier) {
  if (specifier.starts_with("node:")) return true;
  static constexpr std::array names = std::to_array<std::string_view>({
      "_http_agent",
      "_http_client",
      "_http_common",
      "_http_incoming",
      "_http_outgoing",
      "_http_server",
      "_stream_duplex",
      "_stream_passthrough",
      "_stream_readable",
      "_stream_transform",
      "_stream_wrap",
      "_stream_writable",
      "_tls_common",
      "_tls_wrap",
      "assert",
      "assert/strict",
      "async_hooks",
      "buffer",
      "child_process",
      "cluster",
      "console",
      "constants",
      "crypto",
      "dgram",
      "diagnostics_channel",
      "dns",
      "dns/promises",
      "domain",
      "events",
      "fs",
      "fs/promises",
      "http",
      "http2",
      "https",
      "inspector",
      "inspector/promises",
      "module",
      "net",
      "os",
      "path",
      "path/posix",
      "path/win32",
      "perf_hooks",
      "process",
      "punycode",
      "querystring",
      "readline",
      "readline/promises",
      "repl",
      "stream",
      "stream/consumers",
      "stream/promises",
      "stream/web",
      "string_decoder",
      "sys",
      "timers",
      "timers/promises",
      "tls",
      "trace_events",
      "tty",
      "url",
      "util",
      "util/types",
      "v8",
      "vm",
      "wasi",
      "worker_threads",
      "zlib",
  });
  static_assert(std::ranges::is_sorted(names));
  return std::ranges::binary_search(names, specifier);
}

NodeSurroundings node_surroundings(const Runtime& runtime) {
  NodeSurroundings surroundings;
  std::from_chars(runtime.version.data(), runtime.version.data() + runtime.version.size(), surroundings.major);
  surroundings.node_path = {fmt::format("/opt/nodejs/node{}/node_modules", surroundings.major),
                            "/opt/nodejs/node_modules", ""};
  for (const LanguagePackage& package : runtime.packages) surroundings.packages.push_back(package.name);
  std::ranges::sort(surroundings.packages);
  return surroundings;
}

struct NodeResolver::State {
  NodeFiles files;
  NodeSurroundings surroundings;
};

NodeResolver::NodeResolver(const Package& package, NodeSurroundings surroundings)
    : state_(std::make_unique<State>(NodeFiles(package), std::move(surroundings))) {}

NodeResolver::~NodeResolver() = default;

NodeResolved NodeResolver::resolve(NodeLoad how, std::string_view specifier, std::string_view script) const {
  return Lookup(state_->files, state_->surroundings, how, script).run(specifier);
}

}  // namespace lambdapack
