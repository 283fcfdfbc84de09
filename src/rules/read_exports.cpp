// Lists of symbols are long, so each version has one text of names between blanks, not an array of strings.
#include "rules/read_exports.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "rules/table_reader.h"
#include "rules/toml_tree.h"

namespace lambdapack {
namespace {

constexpr std::string_view kWithoutVersion = "base";

std::vector<std::string> sorted_words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(std::move(word));
  std::ranges::sort(words);
  return words;
}

}  // namespace

Result<LibraryExports> read_exports(const std::string& file, const std::string& text) {
  LP_TRY(const TomlTable content, parse_toml(file, text));
  TableReader reader(content, file, "the file", 0);
  LibraryExports exports;
  exports.library = reader.text("library");
  if (!file.ends_with("/" + exports.library + ".toml"))
    reader.complain("library", fmt::format("library is \"{}\", and must be the file's name", exports.library));
  exports.name = reader.text("name");
  exports.releases = reader.text("releases");
  exports.source = reader.text("source");
  exports.differs = reader.text_or("differs", "");
  exports.every_symbol = reader.flag_or("every_symbol", false);
  if (!reader.has("needs")) reader.complain("needs", "the file has no needs");
  exports.needs = reader.texts("needs");
  for (const auto& [version, names] : reader.text_map("symbols"))
    exports.symbols[version == kWithoutVersion ? std::string() : version] = sorted_words(names);
  if (exports.every_symbol != exports.symbols.empty())
    reader.complain("symbols", "the file needs either [symbols] or every_symbol = true");
  LP_CHECK(reader.finish());
  return exports;
}

}  // namespace lambdapack
