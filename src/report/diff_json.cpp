// lambdapack diff as JSON.
#include <nlohmann/json.hpp>

#include "report/json_text.h"
#include "report/render_diff.h"

namespace lambdapack {
namespace {

using Json = nlohmann::ordered_json;

void put_path(Json& object, const std::string& name, std::string_view path) {
  object[name] = json_text(path);
  if (const std::string hex = json_hex(path); !hex.empty()) object[name + "_hex"] = hex;
}

Json text_or_null(std::string_view value) {
  return value.empty() ? Json(nullptr) : Json(json_text(value));
}

template <class T, class Function>
Json list_of(const std::vector<T>& values, Function&& to_json) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(to_json(value));
  return list;
}

Json side_json(const DiffSide& side, std::uint64_t files) {
  Json json;
  put_path(json, "source", side.source);
  json["runtime"] = json_text(side.runtime);
  json["arch"] = json_text(side.arch);
  json["files"] = files;
  json["unpacked_bytes"] = side.unpacked_bytes;
  json["zip_bytes"] = side.zip_bytes;
  json["zip_estimated"] = side.zip_estimated;
  return json;
}

Json only_json(const FileLine& file) {
  Json json;
  put_path(json, "path", file.path);
  json["size"] = file.size;
  json["owner"] = text_or_null(file.owner);
  return json;
}

Json changed_json(const FilePair& pair) {
  Json json;
  put_path(json, "path_a", pair.a.path);
  put_path(json, "path_b", pair.b.path);
  json["size_a"] = pair.a.size;
  json["size_b"] = pair.b.size;
  return json;
}

Json group_json(const GroupDiff& group) {
  Json json;
  put_path(json, "name", group.name);
  json["version_a"] = text_or_null(group.version_a);
  json["version_b"] = text_or_null(group.version_b);
  json["files_a"] = group.files_a;
  json["files_b"] = group.files_b;
  json["bytes_a"] = group.bytes_a;
  json["bytes_b"] = group.bytes_b;
  return json;
}

Json finding_json(const Finding& finding) {
  Json json;
  json["code"] = json_text(finding.code);
  json["severity"] = json_text(to_string(finding.severity));
  put_path(json, "path", finding.path);
  json["detail"] = json_text(finding.detail);
  json["message"] = json_text(finding.message);
  json["help"] = json_text(finding.help);
  return json;
}

}  // namespace

std::string render_diff_json(const PackageDiff& diff) {
  Json json;
  json["schema"] = "lambdapack-diff/1";
  json["a"] = side_json(diff.a, diff.files_a);
  json["b"] = side_json(diff.b, diff.files_b);
  json["renamed"] = diff.renamed;
  json["only_a"] = list_of(diff.only_a, only_json);
  json["only_b"] = list_of(diff.only_b, only_json);
  json["changed"] = list_of(diff.changed, changed_json);
  json["groups"] = list_of(diff.groups, group_json);
  json["new_findings"] = list_of(diff.new_findings, finding_json);
  json["gone_findings"] = list_of(diff.gone_findings, finding_json);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace lambdapack
