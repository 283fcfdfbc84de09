// Names are compared with those of the packages that are there, so that what is taken down is little; see
// node_mentions.h.
#include "languages/node_mentions.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/sort_unique.h"
#include "languages/js_imports.h"
#include "languages/package_paths.h"

namespace lambdapack {
namespace {

constexpr std::string_view kBin = "node_modules/.bin/";
constexpr std::size_t kShortestHead = 3;

class Mentions {
 public:
  explicit Mentions(const NodeModules& modules) : modules_(modules) {}

  void add(NodeMentionKind kind, std::string_view specifier) {
    if (const std::size_t bin = specifier.rfind(kBin); bin != std::string_view::npos) {
      const std::string_view program = specifier.substr(bin + kBin.size());
      if (!modules_.started_by(program).empty()) found_.push_back({NodeMentionKind::program, std::string(program)});
      return;
    }
    const std::string_view name = package_of_specifier(specifier);
    if (!name.empty() && !modules_.named(name).empty()) found_.push_back({kind, std::string(name)});
  }

  // "../other/lib/x.js" may leave the package without a word of node_modules.
  void add_import(std::string_view specifier, std::string_view folder) {
    if (!specifier.starts_with("../")) {
      add(NodeMentionKind::import, specifier);
    } else if (const auto path = normalise_path(join_path(folder, specifier))) {
      if (path->contains("node_modules/")) add(NodeMentionKind::import, *path);
    }
  }

  // "@scope/", "babel-plugin-"
  void add_head(std::string_view head) {
    if (head.size() >= kShortestHead && !modules_.named_like(head).empty())
      found_.push_back({NodeMentionKind::head, std::string(head)});
  }

  std::vector<NodeMention> sorted() && {
    sort_unique(found_);
    return std::move(found_);
  }

 private:
  const NodeModules& modules_;
  std::vector<NodeMention> found_;
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// "@scope/" + name, "plugin-" + name
bool ends_as_head(std::string_view string) {
  return string.ends_with('-') || string.ends_with('/');
}

// Calls see(word) for every run of characters that paths and names of packages have.
void for_each_word(std::string_view text, const std::function<void(std::string_view)>& see) {
  const auto in_word = [](char c) { return is_letter(c) || c == '@' || c == '/' || c == '.' || c == '-'; };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && in_word(text[end])) ++end;
    std::string_view word = text.substr(at, end - at);
    while (word.ends_with('.')) word.remove_suffix(1);
    if (!word.empty()) see(word);
    at = end + 1;
  }
}

// "https://host/README.md" opens no file, "file:///var/task/README.md" does.
bool in_address(std::string_view text, std::size_t at) {
  constexpr std::size_t longest = 200;
  std::size_t begin = at;
  while (begin > 0 && at - begin < longest && !std::string_view(" \t\r\n\"'`(").contains(text[begin - 1])) --begin;
  const std::string_view before = text.substr(begin, at - begin);
  const std::size_t scheme = before.rfind("://");
  return scheme != std::string_view::npos && !before.substr(0, scheme).ends_with("file");
}

// As far as the line up to there tells. One whose beginning is out of sight is code: minified scripts are one line.
bool in_comment_line(std::string_view text, std::size_t at) {
  constexpr std::size_t longest = 300;
  std::size_t begin = at;
  while (begin > 0 && at - begin < longest && text[begin - 1] != '\n') --begin;
  if (begin > 0 && text[begin - 1] != '\n') return false;
  const std::string_view line = text.substr(begin, at - begin);
  const std::string_view code = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
  return code.starts_with("//") || ((code.starts_with("/*") || code.starts_with("* ")) && !code.contains("*/"));
}

// Whether the word occurs as a whole one, and not only in comments and addresses.
bool says(std::string_view text, std::string_view word) {
  int looks = 1000;  // a text that has it more often says it
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if (is_letter(word.back()) && end < text.size() && is_letter(text[end])) continue;
    if (--looks == 0 || (!in_address(text, at) && !in_comment_line(text, at))) return true;
  }
  return false;
}

}  // namespace

bool is_javascript(std::string_view path) {
  if (path.ends_with(".d.ts") || path.ends_with(".d.mts") || path.ends_with(".d.cts")) return false;
  const std::string_view extension = path.substr(std::min(path.rfind('.'), path.size()));
  for (const std::string_view one : {".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx"})
    if (extension == one) return true;
  return false;
}

TextQuestions::TextQuestions(std::vector<std::string> words, const std::vector<std::string_view>& file_names)
    : words_(std::move(words)), set_(words_) {
  for (std::size_t i = 0; i < file_names.size(); ++i) file_names_.emplace(file_names[i], i);
}

std::vector<std::size_t> TextQuestions::words_in(std::string_view text) const {
  std::vector<std::size_t> said;
  for (const std::size_t word : set_.find_in(as_bytes(text)))
    if (says(text, words_[word])) said.push_back(word);
  return said;
}

std::optional<std::size_t> TextQuestions::file_name_in(std::string_view string) const {
  const auto found = file_names_.find(base_name(string));
  return found == file_names_.end() ? std::nullopt : std::optional(found->second);
}

NodeText read_javascript(std::string_view text, std::string_view folder, const NodeModules& modules,
                         const TextQuestions& questions) {
  const JsModule module = read_js_module(text);
  if (!module.whole) return read_words(text, modules, questions);
  NodeText read;
  Mentions mentions(modules);
  const auto note_file = [&](std::string_view string) {
    const auto name = questions.file_name_in(string);
    if (!name) return;
    // "../b/README.md": relative to the script, as far as anyone can tell.
    const auto path = string.starts_with('.') ? normalise_path(join_path(folder, string)) : std::nullopt;
    const std::string_view place = path && path->contains("node_modules/") ? std::string_view(*path) : string;
    read.files.push_back({*name, std::string(place.contains('/') ? package_of_specifier(place) : "")});
  };
  for (const JsImport& one : module.imports) {
    if (!one.literal) continue;
    mentions.add_import(one.specifier, folder);
    note_file(one.specifier);
  }
  for (const std::string_view string : module.strings) {
    mentions.add(string.contains("node_modules/") ? NodeMentionKind::path : NodeMentionKind::string, string);
    if (ends_as_head(string)) mentions.add_head(string);
    note_file(string);
  }
  for (const std::string_view head : module.heads) mentions.add_head(head);
  read.mentions = std::move(mentions).sorted();
  read.words = questions.words_in(text);
  sort_unique(read.files);
  return read;
}

NodeText read_words(std::string_view text, const NodeModules& modules, const TextQuestions& questions) {
  NodeText read;
  read.mentions = mentions_in(text, modules);
  read.words = questions.words_in(text);
  for_each_word(text, [&](std::string_view word) {
    if (const auto name = questions.file_name_in(word))
      read.files.push_back({*name, std::string(word.contains('/') ? package_of_specifier(word) : "")});
  });
  sort_unique(read.files);
  return read;
}

std::vector<NodeMention> mentions_in(std::string_view text, const NodeModules& modules) {
  Mentions mentions(modules);
  for_each_word(text, [&](std::string_view word) {
    mentions.add(NodeMentionKind::word, word);
    if (ends_as_head(word)) mentions.add_head(word);
  });
  return std::move(mentions).sorted();
}

}  // namespace lambdapack
