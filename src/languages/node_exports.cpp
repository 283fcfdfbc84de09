// The steps have the names that Node.js gives them. What it throws is a kind here; in a list, only an invalid target
// lets the next one be tried.
#include "languages/node_exports.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace lambdapack {
namespace {

using json = nlohmann::ordered_json;

constexpr int kDeepest = 64;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    out += escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return out;
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// A part ".", ".." or "node_modules" would lead out of the package.
bool has_invalid_segment(std::string_view path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find_first_of("/\\", begin), path.size());
    const std::string segment = lower(unescaped(path.substr(begin, end - begin)));
    if (segment == "." || segment == ".." || segment == "node_modules") return true;
    begin = end + 1;
  }
  return false;
}

bool is_array_index(std::string_view key) {
  if (key.empty() || key.size() > 10 || (key.size() > 1 && key.front() == '0')) return false;
  return std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
}

// "https://…", "node:fs": what the URL parser takes.
bool is_url(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (!letter(text.front())) return false;
  return std::ranges::all_of(text.substr(0, colon), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

std::string replaced(std::string_view text, std::string_view by) {
  std::string out;
  for (const char c : text) {
    if (c == '*')
      out += by;
    else
      out += c;
  }
  return out;
}

// The key that a name falls under, and what its "*" stands for.
struct Match {
  const json* target = nullptr;
  std::string star;
  bool pattern = false;
};

// How one package's table is read.
class Targets {
 public:
  Targets(NodeConditions conditions, bool internal) : conditions_(conditions), internal_(internal) {}

  std::optional<NodeTarget> find(const json& table, std::string_view name) const {
    const auto plain = table.find(name);
    if (plain != table.end() && !name.contains('*') && (internal_ || !name.ends_with('/')))
      return of(*plain, {}, false, 0);
    std::string_view best;
    const json* found = nullptr;
    for (const auto& [key, value] : table.items()) {
      const std::size_t star = key.find('*');
      if (star == std::string::npos || key.rfind('*') != star) continue;
      const std::string_view head = std::string_view(key).substr(0, star),
                             tail = std::string_view(key).substr(star + 1);
      // What "*" stands for is not empty.
      if (name.size() < key.size() || !name.starts_with(head) || !name.ends_with(tail)) continue;
      if (found != nullptr && !comes_first(key, best)) continue;
      best = key;
      found = &value;
    }
    if (found == nullptr) return std::nullopt;
    const std::size_t star = best.find('*');
    return of(*found, name.substr(star, name.size() - (best.size() - star - 1) - star), true, 0);
  }

  // PACKAGE_TARGET_RESOLVE; nothing: undefined.
  std::optional<NodeTarget> of(const json& value, std::string_view star, bool pattern, int depth) const {
    if (depth > kDeepest) return NodeTarget{NodeTargetKind::unknown, {}};
    if (const auto* text = value.get_ptr<const json::string_t*>()) return of_text(*text, star, pattern);
    if (value.is_null()) return NodeTarget{};
    if (value.is_array()) {
      std::optional<NodeTarget> last;
      if (value.empty()) return NodeTarget{};
      for (const json& item : value) {
        const auto found = of(item, star, pattern, depth + 1);
        if (!found) continue;
        last = found;
        if (found->kind != NodeTargetKind::invalid && found->kind != NodeTargetKind::not_defined) return found;
      }
      return last;
    }
    if (!value.is_object()) return NodeTarget{NodeTargetKind::invalid, {}};
    for (const auto& [key, item] : value.items())
      if (is_array_index(key)) return NodeTarget{NodeTargetKind::invalid, {}};
    for (const auto& [key, item] : value.items())
      if (holds(key))
        if (auto found = of(item, star, pattern, depth + 1)) return found;
    return std::nullopt;
  }

 private:
  bool holds(std::string_view condition) const {
    return condition == "default" || condition == "node" || condition == "node-addons" ||
           condition == (conditions_.import ? "import" : "require") ||
           (conditions_.module_sync && condition == "module-sync");
  }

  // PATTERN_KEY_COMPARE: the longer part before "*", then the longer key.
  static bool comes_first(std::string_view key, std::string_view than) {
    const std::size_t a = key.find('*'), b = than.find('*');
    return a != b ? a > b : key.size() > than.size();
  }

  NodeTarget of_text(std::string_view text, std::string_view star, bool pattern) const {
    const NodeTarget invalid{NodeTargetKind::invalid, {}};
    if (!text.starts_with("./")) {
      if (!internal_ || text.empty() || text.starts_with("../") || text.starts_with('/') || is_url(text))
        return text.starts_with("node:") ? NodeTarget{NodeTargetKind::unknown, {}} : invalid;
      return {NodeTargetKind::package, pattern ? replaced(text, star) : std::string(text)};
    }
    if (has_invalid_segment(text.substr(2)) || (pattern && has_invalid_segment(star))) return invalid;
    return {NodeTargetKind::path, pattern ? replaced(text.substr(2), star) : std::string(text.substr(2))};
  }

  NodeConditions conditions_;
  bool internal_;
};

}  // namespace

struct NodeTable::Json {
  json value;
};

NodeTarget NodeTable::find_export(std::string_view subpath, NodeConditions conditions) const {
  if (!is_set()) return {};
  const json& exports = json_->value;
  const Targets targets(conditions, false);
  // "exports": "./x.js" and {"require": …} are short for {".": …}.
  bool sugar = !exports.is_object();
  if (exports.is_object()) {
    std::size_t paths = 0;
    for (const auto& [key, value] : exports.items()) paths += key.starts_with('.') ? 1 : 0;
    if (paths != 0 && paths != exports.size()) return {NodeTargetKind::invalid, {}};
    sugar = paths == 0 && !exports.empty();
  }
  const auto found = !sugar           ? targets.find(exports, subpath)
                     : subpath == "." ? targets.of(exports, {}, false, 0)
                                      : std::nullopt;
  return found.value_or(NodeTarget{});
}

NodeTarget NodeTable::find_import(std::string_view name, NodeConditions conditions) const {
  if (name == "#" || name.ends_with('/')) return {NodeTargetKind::invalid, {}};
  if (name.starts_with("#/")) return {NodeTargetKind::unknown, {}};  // refused before Node.js 24
  if (!is_set() || !json_->value.is_object()) return {};
  return Targets(conditions, true).find(json_->value, name).value_or(NodeTarget{});
}

NodeManifest read_node_manifest(std::string_view text) {
  NodeManifest manifest{.exists = true, .name = {}, .main = {}, .exports = {}, .imports = {}};
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  // A copy of nested values takes stack, so what find_export and find_import do not look at is not kept.
  const json::parser_callback_t shallow = [](int depth, json::parse_event_t event, json&) {
    return depth <= kDeepest + 8 ||
           (event != json::parse_event_t::object_start && event != json::parse_event_t::array_start);
  };
  const json root = json::parse(text, shallow, false);
  manifest.readable = root.is_object();
  if (!manifest.readable) return manifest;
  if (const auto name = root.find("name"); name != root.end() && name->is_string()) manifest.name = *name;
  if (const auto main = root.find("main"); main != root.end() && main->is_string()) manifest.main = *main;
  const auto table = [&](const char* key) {
    NodeTable found;
    const auto value = root.find(key);
    if (value != root.end() && (value->is_string() || value->is_structured()))
      found.json_ = std::make_shared<NodeTable::Json>(*value);
    return found;
  };
  manifest.exports = table("exports");
  manifest.imports = table("imports");
  return manifest;
}

std::optional<std::string> path_of_url(std::string_view url) {
  std::string text(url.substr(0, url.find_first_of("?#")));
  if (const std::string low = lower(text); low.contains("%2f") || low.contains("%5c")) return std::nullopt;
  std::ranges::replace(text, '\\', '/');
  return unescaped(text);
}

}  // namespace lambdapack
