// A YAML or JSON file as a tree, with the line of every part, for messages.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lambdapack {

enum class YamlKind { scalar, list, map };

struct YamlNode {
  YamlKind kind = YamlKind::scalar;
  std::string tag;                 // "!Ref" as written, of this document; empty without one or with one of YAML's own
  std::string text;                // of a scalar
  bool plain = false;              // a scalar without quotes: may be a number, true, or null
  int line = 0;                    // from 1
  std::vector<std::size_t> items;  // of a list: indices into YamlTree::nodes
  std::vector<std::pair<std::string, std::size_t>> entries;  // of a map, in the order of the file
};

// An alias is the index of what it names, so the nodes form a graph without cycles that may have far more paths than
// nodes: who follows all of them needs a bound.
struct YamlTree {
  std::vector<YamlNode> nodes;
  std::size_t root = 0;
};

// The first document of the text. Map keys that are no scalars are left out; `<<` is merged in as YAML 1.1 has it; of
// two equal keys the last counts. Errors: no YAML, with the line; more than 200,000 nodes, nesting deeper than 100, an
// anchor within itself. `subject` is what the error names.
Result<YamlTree> read_yaml(std::string_view text, std::string_view subject);

// The value of a key; nullptr when `node` is no map or has no such key.
const YamlNode* find_key(const YamlTree& tree, const YamlNode& node, std::string_view key);

}  // namespace lambdapack
