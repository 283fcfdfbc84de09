// Which npm packages does a file name, and how? The evidence for what a function needs of node_modules.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/find_strings.h"
#include "languages/node_modules.h"

namespace lambdapack {

enum class NodeMentionKind {
  import,   // import "pg", require("pg"), require.resolve("pg/lib/index.js"), ../node_modules/pg/lib
  string,   // "pg" as a constant: a driver, a view engine, a transport that something else loads by this name
  path,     // "node_modules/pg/lib/index.js" as a constant; bundles have the paths of the modules in them
  head,     // `eslint-plugin-${name}`, "@scope/" + name: the first part of a name that is computed
  program,  // "node_modules/.bin/prisma"
  word,     // in a configuration file or a start script
};

struct NodeMention {
  NodeMentionKind kind = NodeMentionKind::import;
  std::string name;  // of a package of node_modules; for head the beginning of some, for program of its file in .bin
  auto operator<=>(const NodeMention&) const = default;
};

// Whether the file's name is one of JavaScript, or of TypeScript that is no declaration.
bool is_javascript(std::string_view path);

// What else is looked for in texts, beside names of packages.
class TextQuestions {
 public:
  // words: of three bytes and more. file_names must outlive it.
  TextQuestions(std::vector<std::string> words, const std::vector<std::string_view>& file_names);

  // Positions of the words that the text says, in comments and addresses left out as far as their lines tell; sorted.
  std::vector<std::size_t> words_in(std::string_view text) const;
  // Position of the file name that a string constant is, or ends with after a "/".
  std::optional<std::size_t> file_name_in(std::string_view string) const;

 private:
  std::vector<std::string> words_;
  StringSet set_;
  std::unordered_map<std::string_view, std::size_t> file_names_;
};

// A file name that was asked for, in a string constant.
struct NamedFile {
  std::size_t name = 0;  // position in the questions
  std::string package;   // that the string says the file is in: "a" of "a/README.md"; "" when it says none
  auto operator<=>(const NamedFile&) const = default;
};

// What one text says. Everything sorted, unique.
struct NodeText {
  std::vector<NodeMention> mentions;  // only of what is in node_modules
  std::vector<std::size_t> words;     // positions in the questions
  std::vector<NamedFile> files;
};

// JavaScript: imports and string constants; every word when it cannot be read to its end. `folder` is the script's own.
NodeText read_javascript(std::string_view text, std::string_view folder, const NodeModules& modules,
                         const TextQuestions& questions);

// Anything else: every word of it.
NodeText read_words(std::string_view text, const NodeModules& modules, const TextQuestions& questions);

// Every word of a text that is a package's name.
std::vector<NodeMention> mentions_in(std::string_view text, const NodeModules& modules);

}  // namespace lambdapack
