// A TOML file as plain data with line numbers, so that toml++ (slow to compile) is included by one .cpp only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace lambdapack {

struct TomlValue;
struct TomlEntry;

struct TomlTable {
  std::vector<TomlEntry> entries;  // sorted by key, keys unique
  const TomlValue* find(std::string_view key) const;
};

using TomlArray = std::vector<TomlValue>;

struct TomlOther {};  // dates and times: no rule file has a use for them

struct TomlValue {
  std::variant<TomlOther, std::string, std::int64_t, double, bool, TomlArray, TomlTable> value;
  int line = 0;  // 1-based
};

struct TomlEntry {
  std::string key;
  TomlValue value;
};

// name is for messages only. Error: not TOML; the subject is "name:line".
Result<TomlTable> parse_toml(std::string_view name, std::string_view text);

}  // namespace lambdapack
