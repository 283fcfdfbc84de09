// Takes a TOML table apart, strictly: a key of the wrong type, a missing key and a key that nobody asked for are errors
// with file and line. A typo in a rule must not turn the rule off silently.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/toml_tree.h"

namespace lambdapack {

// Getters return an empty value after the first error; finish() reports it. So a caller reads all fields in a row and
// asks once.
class TableReader {
 public:
  // what names the table in messages: "[[rule]] strip", "the file"; line is where it begins, 0 when not known.
  TableReader(const TomlTable& table, std::string file, std::string what, int line);

  bool has(std::string_view key) const { return table_.find(key) != nullptr; }

  std::string text(std::string_view key);  // required, not empty
  std::string text_or(std::string_view key, std::string_view fallback);
  bool flag_or(std::string_view key, bool fallback);
  std::int64_t integer(std::string_view key);            // required, >= 0
  double number(std::string_view key);                   // required, >= 0 and finite; integers are numbers too
  std::vector<std::string> texts(std::string_view key);  // empty when the key is not there
  std::vector<double> numbers(std::string_view key);     // required
  std::map<std::string, std::string> text_map(std::string_view key);  // a table of strings; empty when not there

  struct Child {
    const TomlTable* table = nullptr;
    int line = 0;
  };
  std::optional<Child> table(std::string_view key);  // nothing when not there
  std::vector<Child> tables(std::string_view key);   // [[key]]

  // Records an error about the key's value (or the table, when there is no such key); the first one wins.
  void complain(std::string_view key, std::string message, std::string hint = {});

  // The first error: of a getter, of complain(), or a key that was never asked for.
  Result<void> finish();

  const std::string& file() const { return file_; }

 private:
  const TomlValue* value(std::string_view key);
  template <class T>
  const T* get(std::string_view key, std::string_view expected);
  void require(std::string_view key);

  const TomlTable& table_;
  std::string file_, what_;
  int line_;
  std::set<std::string, std::less<>> asked_;
  std::optional<Error> error_;
};

}  // namespace lambdapack
