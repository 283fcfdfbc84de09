// lambdapack diff as JSON, and saved reports read back from it.
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

// Fields of a saved report: wrong types read as empty, so that a damaged file cannot do more than say little.
std::string text_at(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  const auto* text = found == object.end() ? nullptr : found->get_ptr<const Json::string_t*>();
  return text != nullptr ? *text : std::string();
}

std::uint64_t number_at(const Json& object, const char* key) {
  if (!object.is_object()) return 0;
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

const Json& child(const Json& object, const char* key) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

// The raw bytes when the path is no UTF-8.
std::string path_at(const Json& object, const char* key) {
  const std::string hex = text_at(object, (std::string(key) + "_hex").c_str());
  std::string bytes;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  return hex.empty() ? text_at(object, key) : bytes;
}

Severity severity_at(const Json& object) {
  const std::string text = text_at(object, "severity");
  return text == "error" ? Severity::error : text == "warning" ? Severity::warning : Severity::info;
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

Result<DiffSide> read_saved_report(const std::string& name, std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !text_at(json, "schema").starts_with("lambdapack-report/"))
    return fail(name, "is no report of lambdapack", "save one with pack --report FILE, or analyze --format json");
  const Json& files = child(json, "files");
  if (!files.is_array())
    return fail(name, "is a report without the list of files", "make it anew with this lambdapack");
  DiffSide side;
  side.source = path_at(json, "source");
  side.arch = text_at(child(json, "function"), "arch");
  side.runtime = text_at(child(json, "function"), "runtime");
  const bool packed = text_at(json, "command") == "pack" && child(json, "after").is_object();
  const Json& size = child(json, packed ? "after" : "before");
  side.unpacked_bytes = number_at(size, "unpacked_bytes");
  side.zip_bytes = number_at(size, "zip_bytes");
  const Json& error = child(size, "zip_error");
  side.zip_estimated = error.is_number() && error.get<double>() > 0;
  for (const Json& file : files)
    side.files.push_back(
        {path_at(file, "path"), text_at(file, "owner"), text_at(file, "owner_version"), number_at(file, "size")});
  const Json& findings = child(json, "findings");
  if (findings.is_array())
    for (const Json& finding : findings)
      side.findings.push_back({text_at(finding, "code"), severity_at(finding), path_at(finding, "path"),
                               text_at(finding, "detail"), text_at(finding, "message"), text_at(finding, "help")});
  return side;
}

}  // namespace lambdapack
