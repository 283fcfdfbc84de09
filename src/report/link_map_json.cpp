// The link map for programs: docs/graph.md describes it. A change that is not an addition gets a new number in
// "schema".
#include <nlohmann/json.hpp>

#include "report/json_text.h"
#include "report/render_links.h"

namespace lambdapack {
namespace {

using Json = nlohmann::ordered_json;

Json node_json(const LinkNode& node) {
  Json json;
  json["kind"] = to_string(node.kind);
  json["name"] = json_text(node.name);
  if (const std::string hex = json_hex(node.name); !hex.empty()) json["name_hex"] = hex;
  if (node.kind != LinkNodeKind::file) return json;
  json["soname"] = node.soname.empty() ? Json(nullptr) : Json(json_text(node.soname));
  json["root"] = node.is_root;
  json["reached_by"] = node.why.empty() ? Json(nullptr) : Json(json_text(node.why));
  json["action"] = to_string(node.action);
  return json;
}

Json line_json(const LinkLine& line) {
  Json json;
  json["from"] = line.from;
  json["to"] = line.to;
  json["kind"] = to_string(line.kind);
  json[line.kind == LinkLineKind::evidence ? "evidence" : "needed"] = json_text(line.label);
  if (line.kind != LinkLineKind::needed) return json;
  json["state"] = to_string(line.state);
  json["found_by"] = line.how == FoundBy::none ? Json(nullptr) : Json(to_string(line.how));
  json["optional"] = line.optional;
  return json;
}

}  // namespace

std::string render_link_map_json(const LinkMap& map) {
  Json json;
  json["schema"] = "lambdapack-graph/1";
  json["complete"] = map.complete;
  json["nodes"] = Json::array();
  for (const LinkNode& node : map.nodes) json["nodes"].push_back(node_json(node));
  json["edges"] = Json::array();
  for (const LinkLine& line : map.lines) json["edges"].push_back(line_json(line));
  return json.dump(2) + "\n";
}

}  // namespace lambdapack
