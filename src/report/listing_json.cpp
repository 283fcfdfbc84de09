// `lambdapack rules` and `lambdapack runtimes` for programs; shapes: $defs of docs/report.schema.json.
#include <nlohmann/json.hpp>

#include "report/json_text.h"
#include "report/render.h"

namespace lambdapack {
namespace {

using Json = nlohmann::ordered_json;

std::string_view kind_name(RuleKind kind) {
  switch (kind) {
    case RuleKind::drop: return "drop";
    case RuleKind::unread: return "unread";
    case RuleKind::keep: return "keep";
    case RuleKind::opener: return "opener";
    case RuleKind::plugin_entry: return "plugin-entry";
    case RuleKind::built_in: return "built-in";
  }
  return "built-in";
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(json_text(text));
}

Json texts(const std::vector<std::string>& values) {
  Json list = Json::array();
  for (const std::string& value : values) list.push_back(json_text(value));
  return list;
}

Json range_json(const Range& range) {
  Json json;
  json["low"] = range.low;
  json["typical"] = range.typical;
  json["high"] = range.high;
  return json;
}

Json rule_json(const Rule& rule) {
  Json json;
  json["id"] = json_text(rule.id);
  json["kind"] = kind_name(rule.kind);
  json["title"] = json_text(rule.title);
  json["why"] = json_text(rule.why);
  json["source"] = json_text(rule.source);
  json["confidence"] = to_string(rule.confidence);
  json["enabled"] = rule.enabled;
  json["paths"] = texts(rule.paths);
  json["except"] = texts(rule.except);
  json["runtimes"] = texts(rule.runtimes);
  json["words"] = texts(rule.words);
  json["words_anywhere"] = texts(rule.words_anywhere);
  json["opens"] = texts(rule.opens);
  json["symbols"] = texts(rule.symbols);
  return json;
}

// What does not depend on the architecture, and is enough to choose a runtime.
Json runtime_head(const Runtime& runtime) {
  Json json;
  json["id"] = json_text(runtime.id);
  json["family"] = json_text(runtime.family);
  json["version"] = json_text(runtime.version);
  json["os"] = json_text(runtime.os);
  json["glibc"] = json_text(runtime.glibc);
  json["released"] = text_or_null(runtime.released);
  json["deprecation"] = text_or_null(runtime.deprecation);
  json["block_update"] = text_or_null(runtime.block_update);
  return json;
}

// What depends on the architecture, or may.
Json runtime_on_arch(const Runtime& runtime) {
  Json json;
  json["arch"] = to_string(runtime.arch);
  json["loader"] = json_text(runtime.loader);
  json["library_path"] = texts(runtime.library_path);
  json["program_path"] = texts(runtime.program_path);
  json["libraries"] = Json::object();
  for (const auto& [folder, names] : runtime.libraries) json["libraries"][json_text(folder)] = texts(names);
  json["preloaded"] = texts(runtime.preloaded);
  json["programs"] = texts(runtime.programs);
  json["ceilings"] = Json::array();
  for (const Ceiling& ceiling : runtime.ceilings) {
    json["ceilings"].push_back({{"prefix", json_text(ceiling.prefix)},
                                {"now", json_text(ceiling.now)},
                                {"floor", json_text(ceiling.floor)},
                                {"source", json_text(ceiling.source)}});
  }
  json["packages"] = Json::array();
  for (const LanguagePackage& package : runtime.packages) {
    json["packages"].push_back({{"name", json_text(package.name)}, {"version", text_or_null(package.version)}});
  }
  json["manylinux"] = text_or_null(runtime.manylinux);
  json["python_tag"] = text_or_null(runtime.python_tag);
  json["node_module_version"] = runtime.node_module_version;
  json["init_ms"] = range_json(runtime.init_ms);
  json["as_of"] = text_or_null(runtime.as_of);
  json["source"] = json_text(runtime.source);
  return json;
}

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

Result<std::string> render_runtimes_json(const Rules& rules) {
  Json json;
  json["schema"] = "lambdapack-runtimes/1";
  json["runtimes"] = Json::array();
  for (const std::string& id : rules.runtime_ids) {
    LP_TRY(const Runtime x86_64, rules.runtime(id, Arch::x86_64));
    LP_TRY(const Runtime arm64, rules.runtime(id, Arch::arm64));
    Json entry = runtime_head(x86_64);
    entry["init_ms"] = {{"x86_64", range_json(x86_64.init_ms)}, {"arm64", range_json(arm64.init_ms)}};
    json["runtimes"].push_back(entry);
  }
  return dump(json);
}

std::string render_runtime_json(const Runtime& x86_64, const Runtime& arm64) {
  Json json;
  json["schema"] = "lambdapack-runtime/1";
  json.update(runtime_head(x86_64));
  json["architectures"] = Json::array({runtime_on_arch(x86_64), runtime_on_arch(arm64)});
  return dump(json);
}

std::string render_rules_json(const std::vector<Rule>& rules) {
  Json json;
  json["schema"] = "lambdapack-rules/1";
  json["rules"] = Json::array();
  for (const Rule& rule : rules) json["rules"].push_back(rule_json(rule));
  return dump(json);
}

}  // namespace lambdapack
