#include "report/debug_manifest.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/json_text.h"

namespace lambdapack {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchema = "lambdapack-debug/1";
constexpr std::size_t kMostDigits = 2 * 256;  // of a build id; linkers write 16 or 20 bytes

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && is_hex(text);
}

// ".build-id/ab/cdef.debug": relative, without "." and ".." parts, so that joined to a folder it stays in there.
bool stays_inside(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != path.npos) return false;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    if (part.empty() || part == "." || part == "..") return false;
    start = end + 1;
  }
  return true;
}

std::string text_field(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// What the bytes of a path are: path_hex when it is not UTF-8.
std::string path_field(const Json& object) {
  const std::string hex = text_field(object, "path_hex");
  if (hex.empty() || hex.size() % 2 != 0 || !is_hex(hex)) return text_field(object, "path");
  std::string path;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i < hex.size(); i += 2) path += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return path;
}

Result<DebugFile> read_file(const Json& object, std::string_view subject) {
  if (!object.is_object()) return fail(std::string(subject), "its files are no objects", "make the bundle again");
  DebugFile file{path_field(object), text_field(object, "build_id"), text_field(object, "sha256"),
                 text_field(object, "original_sha256"), text_field(object, "debug_file")};
  const auto bad = [&](const char* field) {
    return fail(std::string(subject), fmt::format("{} of \"{}\" is missing or malformed", field, json_text(file.path)),
                "make the bundle again");
  };
  if (file.path.empty()) return bad("path");
  if (!is_hex(file.build_id) || file.build_id.size() > kMostDigits) return bad("build_id");
  if (!is_sha256(file.sha256)) return bad("sha256");
  if (!is_sha256(file.original_sha256)) return bad("original_sha256");
  if (!stays_inside(file.debug_file)) return bad("debug_file");
  return file;
}

}  // namespace

std::string render_debug_manifest(const DebugManifest& manifest) {
  Json json;
  json["schema"] = kSchema;
  json["zip_sha256"] = manifest.zip_sha256.empty() ? Json(nullptr) : Json(manifest.zip_sha256);
  json["files"] = Json::array();
  for (const DebugFile& file : manifest.files) {
    Json entry;
    entry["path"] = json_text(file.path);
    if (const std::string hex = json_hex(file.path); !hex.empty()) entry["path_hex"] = hex;
    entry["build_id"] = file.build_id.empty() ? Json(nullptr) : Json(file.build_id);
    entry["sha256"] = file.sha256;
    entry["original_sha256"] = file.original_sha256;
    entry["debug_file"] = file.debug_file;
    json["files"].push_back(std::move(entry));
  }
  return json.dump(2) + "\n";
}

Result<DebugManifest> read_debug_manifest(std::string_view text, std::string_view subject) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return fail(std::string(subject), "is no JSON object", "make the bundle again");
  if (const std::string schema = text_field(json, "schema"); schema != kSchema)
    return fail(std::string(subject), fmt::format("has schema \"{}\", not \"{}\"", schema, kSchema),
                "read it with the lambdapack that wrote it");
  DebugManifest manifest;
  manifest.zip_sha256 = text_field(json, "zip_sha256");
  if (!manifest.zip_sha256.empty() && !is_sha256(manifest.zip_sha256))
    return fail(std::string(subject), "zip_sha256 is malformed", "make the bundle again");
  const auto files = json.find("files");
  if (files == json.end() || !files->is_array())
    return fail(std::string(subject), "has no list of files", "make the bundle again");
  for (const Json& entry : *files) {
    LP_TRY(DebugFile file, read_file(entry, subject));
    manifest.files.push_back(std::move(file));
  }
  return manifest;
}

}  // namespace lambdapack
