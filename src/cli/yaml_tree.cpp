// libyaml's events to a tree. Its own document API would do most of this, but it recurses, and expands nothing less:
// with events the bounds are ours. Why libyaml: docs/decisions/0020.
#include "cli/yaml_tree.h"

#include <yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/bytes.h"

namespace lambdapack {
namespace {

constexpr std::size_t kMostNodes = 200'000;
constexpr std::size_t kDeepest = 100;

std::string text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

std::string own_tag(const yaml_char_t* tag) {
  std::string text = text_of(tag);
  return text.starts_with("tag:yaml.org,2002:") || text == "!" ? std::string() : text;
}

int line_of(const yaml_event_t& event) {
  return static_cast<int>(event.start_mark.line) + 1;
}

struct Open {  // a list or map that is not at its end
  std::size_t node = 0;
  std::string anchor;
  std::optional<std::string> key;                // of the value that comes next
  bool skip_value = false;                       // the key was no scalar
  std::map<std::string, std::size_t> keys = {};  // of a map: position in its entries
};

class TreeBuilder {
 public:
  explicit TreeBuilder(std::string_view subject) : subject_(subject) {}

  // Whether the document is complete.
  Result<bool> take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_SCALAR_EVENT: return scalar(event);
      case YAML_SEQUENCE_START_EVENT:
        return open(YamlKind::list, event, event.data.sequence_start.tag, event.data.sequence_start.anchor);
      case YAML_MAPPING_START_EVENT:
        return open(YamlKind::map, event, event.data.mapping_start.tag, event.data.mapping_start.anchor);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: return close();
      case YAML_ALIAS_EVENT: return alias(event);
      default: return false;
    }
  }

  YamlTree tree() { return std::move(tree_); }

 private:
  std::unexpected<Error> refuse(int line, std::string what) const {
    return fail(fmt::format("{}:{}", subject_, line), std::move(what), "give a template as CloudFormation takes it");
  }

  Result<std::size_t> add(YamlKind kind, const yaml_event_t& event, const yaml_char_t* tag) {
    if (tree_.nodes.size() >= kMostNodes)
      return refuse(line_of(event), fmt::format("has more than {} values", kMostNodes));
    YamlNode node;
    node.kind = kind;
    node.tag = own_tag(tag);
    node.line = line_of(event);
    tree_.nodes.push_back(std::move(node));
    return tree_.nodes.size() - 1;
  }

  // The node has its place: in the list or map that is open, or as the document.
  void place(std::size_t index) {
    if (open_.empty()) {
      tree_.root = index;
      return;
    }
    Open& parent = open_.back();
    YamlNode& container = tree_.nodes[parent.node];
    if (container.kind == YamlKind::list) {
      container.items.push_back(index);
    } else if (parent.skip_value) {
      parent.skip_value = false;
    } else if (!parent.key) {
      const YamlNode& node = tree_.nodes[index];
      if (node.kind == YamlKind::scalar)
        parent.key = node.text;
      else
        parent.skip_value = true;
    } else {
      const std::string key = *std::exchange(parent.key, std::nullopt);
      const auto [same, is_new] = parent.keys.try_emplace(key, container.entries.size());
      if (is_new || key == "<<")
        container.entries.emplace_back(key, index);
      else
        container.entries[same->second].second = index;
    }
  }

  Result<bool> scalar(const yaml_event_t& event) {
    const auto& data = event.data.scalar;
    LP_TRY(const std::size_t index, add(YamlKind::scalar, event, data.tag));
    YamlNode& node = tree_.nodes[index];
    node.text.assign(reinterpret_cast<const char*>(data.value), data.length);
    node.plain = data.style == YAML_PLAIN_SCALAR_STYLE;
    if (data.anchor != nullptr) anchors_[text_of(data.anchor)] = index;
    place(index);
    return open_.empty();
  }

  Result<bool> open(YamlKind kind, const yaml_event_t& event, const yaml_char_t* tag, const yaml_char_t* anchor) {
    if (open_.size() >= kDeepest) return refuse(line_of(event), fmt::format("is nested deeper than {}", kDeepest));
    LP_TRY(const std::size_t index, add(kind, event, tag));
    place(index);
    open_.push_back({index, text_of(anchor), {}, false});
    return false;
  }

  // The anchor counts from here on only, so that no node is inside itself.
  Result<bool> close() {
    const Open done = std::move(open_.back());
    open_.pop_back();
    if (tree_.nodes[done.node].kind == YamlKind::map) merge(done.node);
    if (!done.anchor.empty()) anchors_[done.anchor] = done.node;
    return open_.empty();
  }

  Result<bool> alias(const yaml_event_t& event) {
    const std::string name = text_of(event.data.alias.anchor);
    const auto found = anchors_.find(name);
    if (found == anchors_.end())
      return refuse(line_of(event), fmt::format("*{} names no anchor that is complete before it", printable(name)));
    place(found->second);
    return open_.empty();
  }

  bool has_merge(std::size_t map) const {
    return std::ranges::any_of(tree_.nodes[map].entries, [](const auto& entry) { return entry.first == "<<"; });
  }

  void merge(std::size_t map) {
    if (!has_merge(map)) return;
    auto entries = std::exchange(tree_.nodes[map].entries, {});
    auto& own = tree_.nodes[map].entries;
    std::set<std::string> known;
    std::vector<std::size_t> sources;
    for (auto& [key, value] : entries) {
      if (key != "<<") {
        known.insert(key);
        own.emplace_back(std::move(key), value);
      } else if (tree_.nodes[value].kind == YamlKind::list) {
        sources.insert(sources.end(), tree_.nodes[value].items.begin(), tree_.nodes[value].items.end());
      } else {
        sources.push_back(value);
      }
    }
    for (const std::size_t source : sources)
      for (const auto& [key, value] : tree_.nodes[source].entries)
        // Merges of merges of merges make a bomb.
        if (merged_ < kMostNodes && known.insert(key).second) {
          own.emplace_back(key, value);
          ++merged_;
        }
  }

  std::string subject_;
  YamlTree tree_;
  std::vector<Open> open_;
  std::map<std::string, std::size_t> anchors_;
  std::size_t merged_ = 0;
};

// JSON writes a character beyond the first plane as two escapes, which YAML does not know. Outside of JSON strings a
// backslash is left alone.
std::string join_surrogates(std::string_view text) {
  const auto unit = [&](std::size_t at) -> int {
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
    int value = 0;
    for (const char c : text.substr(at + 2, 4)) {
      const std::size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
      const bool is_digit = (c >= '0' && c <= '9') || digit >= 10;
      if (digit == std::string_view::npos || !is_digit) return -1;
      value = value * 16 + static_cast<int>(digit);
    }
    return value;
  };
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int high = unit(at), low = high >= 0xd800 && high < 0xdc00 ? unit(at + 6) : -1;
    if (low < 0xdc00 || low > 0xdfff) {
      if (text[at] == '\\' && at + 1 < text.size()) result += text[at++];
      result += text[at];
      continue;
    }
    result += fmt::format("\\U{:08x}", 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
    at += 11;
  }
  return result;
}

struct Parser {
  Parser() { yaml_parser_initialize(&parser); }
  ~Parser() { yaml_parser_delete(&parser); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  yaml_parser_t parser{};
};

struct Event {
  ~Event() { yaml_event_delete(&event); }
  yaml_event_t event{};
};

std::string problem_of(const yaml_parser_t& parser) {
  std::string what = parser.problem != nullptr ? parser.problem : "cannot be read";
  if (parser.context != nullptr) what += fmt::format(" {}", parser.context);
  return printable(what);
}

}  // namespace

Result<YamlTree> read_yaml(std::string_view text, std::string_view subject) {
  if (text.empty())
    return fail(std::string(subject), "is empty", "give a template");  // libyaml asserts on a null pointer
  std::string joined;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') text = joined = join_surrogates(text);
  Parser parser;
  yaml_parser_set_input_string(&parser.parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  TreeBuilder builder(subject);
  while (true) {
    Event event;
    if (yaml_parser_parse(&parser.parser, &event.event) == 0)
      return fail(fmt::format("{}:{}", subject, parser.parser.problem_mark.line + 1),
                  "is neither YAML nor JSON: " + problem_of(parser.parser), "correct the file");
    if (event.event.type == YAML_STREAM_END_EVENT) return fail(std::string(subject), "is empty", "give a template");
    LP_TRY(const bool complete, builder.take(event.event));
    if (complete) return builder.tree();
  }
}

const YamlNode* find_key(const YamlTree& tree, const YamlNode& node, std::string_view key) {
  if (node.kind != YamlKind::map) return nullptr;
  const auto found = std::ranges::find(node.entries, key, &std::pair<std::string, std::size_t>::first);
  return found == node.entries.end() ? nullptr : &tree.nodes[found->second];
}

}  // namespace lambdapack
