// The report for programs. Its shape is docs/report.schema.json, checked by a test with a public validator; a change
// that is not an addition gets a new number in "schema".
#include <nlohmann/json.hpp>

#include "report/json_text.h"
#include "report/render.h"

namespace lambdapack {
namespace {

using Json = nlohmann::ordered_json;

Json text(std::string_view value) {
  return json_text(value);
}

Json text_or_null(std::string_view value) {
  return value.empty() ? Json(nullptr) : text(value);
}

// name and, when the bytes are no UTF-8, name_hex: so that no two files look the same.
void put_path(Json& object, const std::string& name, std::string_view path) {
  object[name] = text(path);
  if (const std::string hex = json_hex(path); !hex.empty()) object[name + "_hex"] = hex;
}

Json texts(const std::vector<std::string>& values) {
  Json list = Json::array();
  for (const std::string& value : values) list.push_back(text(value));
  return list;
}

template <class T, class Function>
Json list_of(const std::vector<T>& values, Function&& to_json) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(to_json(value));
  return list;
}

Json size_json(const PackageSize& size) {
  Json json;
  json["files"] = size.files;
  json["unpacked_bytes"] = size.unpacked_bytes;
  json["zip_bytes"] = size.zip_bytes;
  json["zip_error"] = size.zip_error;
  json["code_sha256"] = text_or_null(size.code_sha256);
  json["bytecode"] = {
      {"files", size.bytecode_files}, {"unpacked_bytes", size.bytecode_bytes}, {"zip_bytes", size.bytecode_zip_bytes}};
  return json;
}

Json saving_json(const RuleSaving& saving) {
  Json json;
  json["rule"] = text(saving.rule);
  json["title"] = text(saving.title);
  json["confidence"] = text(saving.confidence);
  json["files"] = saving.files;
  json["bytes"] = saving.bytes;
  json["applied"] = saving.applied;
  return json;
}

Json decision_json(const FileDecision& decision) {
  Json json;
  put_path(json, "path", decision.path);
  json["action"] = text(decision.action);
  json["rule"] = text_or_null(decision.rule);
  json["reason"] = text(decision.reason);
  json["confidence"] = text_or_null(decision.confidence);
  json["size"] = decision.size;
  json["saved"] = decision.saved;
  json["applied"] = decision.applied;
  return json;
}

Json bundled_file_json(const BundledFile& file) {
  Json json;
  put_path(json, "path", file.path);
  put_path(json, "from", file.from);
  put_path(json, "needed_by", file.needed_by);
  json["bytes"] = file.bytes;
  return json;
}

Json bundle_json(const BundleReport& bundle) {
  Json json;
  json["layout"] = text(bundle.layout);
  json["reason"] = text(bundle.reason);
  json["libraries"] = list_of(bundle.libraries, bundled_file_json);
  json["missing"] = texts(bundle.missing);
  return json;
}

Json layer_json(const LayerLine& layer) {
  Json json;
  put_path(json, "source", layer.source);
  json["arch"] = text(layer.arch);
  json["files"] = layer.files;
  json["bytes"] = layer.bytes;
  json["hidden"] = layer.hidden;
  json["brings"] = texts(layer.brings);
  json["copies"] = layer.copies;
  json["copy_bytes"] = layer.copy_bytes;
  return json;
}

Json layer_fit_json(const LayerFit& fit) {
  Json json;
  json["runtime"] = text(fit.runtime);
  json["arch"] = text(fit.arch);
  json["obstacle"] = text_or_null(fit.obstacle);
  return json;
}

Json sdk_json(const SdkLine& sdk) {
  Json json;
  json["name"] = text(sdk.name);
  json["reason"] = text(sdk.reason);
  json["bytes"] = sdk.bytes;
  json["dropped"] = sdk.dropped;
  json["members"] = texts(sdk.members);
  return json;
}

Json opener_json(const std::string& path) {
  Json json;
  put_path(json, "path", path);
  return json;
}

Json finding_json(const Finding& finding) {
  Json json;
  json["code"] = text(finding.code);
  json["severity"] = text(to_string(finding.severity));
  put_path(json, "path", finding.path);
  json["detail"] = text(finding.detail);
  json["message"] = text(finding.message);
  json["help"] = text(finding.help);
  return json;
}

Json limit_json(const LimitBar& limit) {
  Json json;
  json["name"] = text(limit.name);
  json["used"] = limit.used;
  json["limit"] = limit.limit;
  json["estimated"] = limit.estimated;
  return json;
}

Json range_json(const Range& range) {
  Json json;
  json["low"] = range.low;
  json["typical"] = range.typical;
  json["high"] = range.high;
  return json;
}

Json phase_json(const Phase& phase) {
  Json json;
  json["name"] = text(phase.name);
  json["ms"] = range_json(phase.ms);
  json["source"] = text(phase.source);
  return json;
}

Json cold_start_json(const ColdStart& start) {
  Json json;
  json["memory_mb"] = start.memory_mb;
  json["phases"] = list_of(start.phases, phase_json);
  json["total_ms"] = range_json(start.total_ms);
  json["billed_init_ms"] = range_json(start.billed_init_ms);
  json["dollars_per_million"] = range_json(start.dollars_per_million);
  return json;
}

Json edge_json(const LibraryEdge& edge) {
  Json json;
  put_path(json, "from", edge.from);
  json["needed"] = text(edge.needed);
  json["state"] = text(edge.state);
  json["how"] = text(edge.how);
  put_path(json, "target", edge.target);
  return json;
}

Json opened_json(const OpenedLibrary& opened) {
  Json json;
  json["soname"] = text(opened.soname);
  json["priority"] = text(opened.priority);
  json["feature"] = text(opened.feature);
  json["state"] = text(opened.state);
  put_path(json, "target", opened.target);
  return json;
}

Json go_json(const GoBuild& build) {
  Json json;
  json["version"] = text(build.version);
  json["path"] = text_or_null(build.path);
  json["module"] = text_or_null(build.module);
  json["module_version"] = text_or_null(build.module_version);
  json["dependencies"] = build.dependencies;
  json["settings"] = Json::object();
  Json& settings = json["settings"];
  for (const auto& [name, value] : build.settings) settings[json_text(name)] = text(value);
  return json;
}

Json crate_json(const RustCrate& crate) {
  Json json;
  json["name"] = text(crate.name);
  json["version"] = text(crate.version);
  json["for_build"] = crate.for_build;
  return json;
}

Json elf_json(const ElfSummary& elf) {
  Json json;
  put_path(json, "path", elf.path);
  json["machine"] = text(elf.machine);
  json["type"] = text(elf.type);
  json["soname"] = text_or_null(elf.soname);
  json["build_id"] = text_or_null(elf.build_id);
  json["language"] = text_or_null(elf.language);
  json["size"] = elf.size;
  json["debug_bytes"] = elf.debug_bytes;
  json["symtab_bytes"] = elf.symtab_bytes;
  json["needed"] = texts(elf.needed);
  json["rpath"] = texts(elf.rpath);
  json["runpath"] = texts(elf.runpath);
  json["opens"] = list_of(elf.opens, opened_json);
  json["go"] = elf.go ? go_json(*elf.go) : Json();
  json["crates"] = elf.crates ? list_of(*elf.crates, crate_json) : Json();
  json["reached"] = text(elf.reached);
  put_path(json, "reached_from", elf.reached_from);
  json["reached_why"] = text(elf.reached_why);
  return json;
}

Json symbols_json(const SymbolSummary& symbols) {
  Json json;
  put_path(json, "path", symbols.path);
  json["from_package"] = symbols.from_package;
  json["outside"] = symbols.outside;
  json["unknown"] = symbols.unknown;
  json["weak_null"] = texts(symbols.weak_null);
  json["unresolved"] = texts(symbols.unresolved);
  return json;
}

Json idle_json(const IdleLine& idle) {
  Json json;
  put_path(json, "path", idle.path);
  json["needed_by"] = texts(idle.needed_by);
  json["drags_in"] = texts(idle.drags_in);
  json["bytes"] = idle.bytes;
  json["entries_stay"] = text_or_null(idle.entries_stay);
  return json;
}

Json file_json(const FileLine& file) {
  Json json;
  put_path(json, "path", file.path);
  json["size"] = file.size;
  json["owner"] = text_or_null(file.owner);
  json["owner_version"] = text_or_null(file.owner_version);
  return json;
}

Json debug_out_json(const DebugBundleLine& bundle) {
  Json json;
  put_path(json, "path", bundle.path);
  json["files"] = bundle.files;
  json["bytes"] = bundle.bytes;
  return json;
}

Json compiled_json(const CompiledLine& compiled) {
  Json json;
  json["interpreter"] = text(compiled.interpreter);
  json["files"] = compiled.files;
  json["bytes"] = compiled.bytes;
  json["not_compiled"] = texts(compiled.not_compiled);
  return json;
}

Json template_json(const TemplateReport& from) {
  Json json;
  put_path(json, "path", from.path);
  json["function"] = text(from.function);
  json["layers"] = texts(from.layers);
  json["variables"] = texts(from.variables);
  json["unknown"] = list_of(from.unknown, [](const TemplateUnknown& each) {
    Json unknown;
    unknown["property"] = text(each.property);
    unknown["why"] = text(each.why);
    return unknown;
  });
  return json;
}

Json function_json(const Report& report) {
  Json json;
  json["runtime"] = text(report.runtime);
  json["runtime_from"] = text(report.runtime_from);
  json["arch"] = text(report.arch);
  json["arch_from"] = text(report.arch_from);
  json["handlers"] = texts(report.handlers);
  json["handler_from"] = text_or_null(report.handler_from);
  json["is_layer"] = report.is_layer;
  return json;
}

// The strings are UTF-8 by now; "replace" only keeps the writer from throwing if one slipped through.
std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string render_json(const Report& report) {
  Json json;
  json["schema"] = "lambdapack-report/1";
  json["command"] = text(report.command);
  put_path(json, "source", report.source);
  json["input_kind"] = text(report.input_kind);
  json["output"] = text_or_null(report.output);
  json["dry_run"] = report.dry_run;
  json["function"] = function_json(report);
  if (!report.layers.empty()) json["layers"] = list_of(report.layers, layer_json);
  if (!report.layer_fits.empty()) json["layer_fits"] = list_of(report.layer_fits, layer_fit_json);
  json["before"] = size_json(report.before);
  json["after"] = report.after ? size_json(*report.after) : Json(nullptr);
  json["savings"] = list_of(report.savings, saving_json);
  json["decisions"] = list_of(report.decisions, decision_json);
  json["largest"] = list_of(report.largest, decision_json);
  json["sdks"] = list_of(report.sdks, sdk_json);
  json["unknown_openers"] = list_of(report.unknown_openers, opener_json);
  json["waiting_bytes"] = report.waiting_bytes;
  json["findings"] = list_of(report.findings, finding_json);
  json["limits_before"] = list_of(report.limits_before, limit_json);
  json["limits_after"] = list_of(report.limits_after, limit_json);
  json["cold_start_before"] = cold_start_json(report.cold_before);
  json["cold_start_after"] = report.cold_after ? cold_start_json(*report.cold_after) : Json(nullptr);
  json["debug_out"] = report.debug_out ? debug_out_json(*report.debug_out) : Json(nullptr);
  if (report.compiled) json["compiled"] = compiled_json(*report.compiled);
  if (report.from_template) json["template"] = template_json(*report.from_template);
  if (report.bundle) json["bundle"] = bundle_json(*report.bundle);
  json["files"] = list_of(report.files, file_json);
  json["edges"] = list_of(report.edges, edge_json);
  json["elf_files"] = list_of(report.elf_files, elf_json);
  json["symbols"] = list_of(report.symbols, symbols_json);
  json["idle_libraries"] = list_of(report.idle_libraries, idle_json);
  json["versions"] = texts(report.versions);
  return dump(json);
}

}  // namespace lambdapack
