// See table_reader.h: strict access to one TOML table, one error at most.
#include "rules/table_reader.h"

#include <fmt/format.h>

#include <cmath>

namespace lambdapack {

namespace {

constexpr std::string_view kString = "a string", kTable = "a table", kTrueFalse = "true or false", kNumber = "a number";

}  // namespace

TableReader::TableReader(const TomlTable& table, std::string file, std::string what, int line)
    : table_(table), file_(std::move(file)), what_(std::move(what)), line_(line) {}

const TomlValue* TableReader::value(std::string_view key) {
  asked_.emplace(key);
  return table_.find(key);
}

template <class T>
const T* TableReader::get(std::string_view key, std::string_view expected) {
  const TomlValue* found = value(key);
  if (!found) return nullptr;
  const T* typed = std::get_if<T>(&found->value);
  if (!typed) complain(key, fmt::format("{} must be {}", key, expected));
  return typed;
}

void TableReader::require(std::string_view key) {
  if (!has(key)) complain(key, fmt::format("{} has no {}", what_, key));
}

std::string TableReader::text(std::string_view key) {
  require(key);
  const auto* found = get<std::string>(key, kString);
  if (found && found->empty()) complain(key, fmt::format("{} is empty", key));
  return found ? *found : std::string();
}

std::string TableReader::text_or(std::string_view key, std::string_view fallback) {
  const auto* found = get<std::string>(key, kString);
  return found ? *found : std::string(fallback);
}

bool TableReader::flag_or(std::string_view key, bool fallback) {
  const auto* found = get<bool>(key, kTrueFalse);
  return found ? *found : fallback;
}

std::int64_t TableReader::integer(std::string_view key) {
  require(key);
  const auto* found = get<std::int64_t>(key, "a whole number");
  if (found && *found < 0) complain(key, fmt::format("{} is {}, and must not be negative", key, *found));
  return found ? *found : 0;
}

double TableReader::number(std::string_view key) {
  require(key);
  const TomlValue* found = value(key);
  if (!found) return 0;
  double number = 0;
  if (const auto* integer = std::get_if<std::int64_t>(&found->value)) {
    number = static_cast<double>(*integer);
  } else if (const auto* floating = std::get_if<double>(&found->value)) {
    number = *floating;
  } else {
    complain(key, fmt::format("{} must be {}", key, kNumber));
  }
  if (!std::isfinite(number) || number < 0) complain(key, fmt::format("{} must be finite and not negative", key));
  return number;
}

std::vector<std::string> TableReader::texts(std::string_view key) {
  std::vector<std::string> all;
  const auto* found = get<TomlArray>(key, "an array of strings");
  if (!found) return all;
  all.reserve(found->size());
  for (const TomlValue& item : *found) {
    const auto* text = std::get_if<std::string>(&item.value);
    if (!text || text->empty()) {
      complain(key, fmt::format("{} must hold strings that are not empty", key));
      return {};
    }
    all.push_back(*text);
  }
  return all;
}

std::vector<double> TableReader::numbers(std::string_view key) {
  require(key);
  std::vector<double> all;
  const auto* found = get<TomlArray>(key, "an array of numbers");
  if (!found) return all;
  for (const TomlValue& item : *found) {
    const auto* integer = std::get_if<std::int64_t>(&item.value);
    const auto* floating = std::get_if<double>(&item.value);
    const double number = integer ? static_cast<double>(*integer) : floating ? *floating : -1;
    if (!std::isfinite(number) || number < 0) {
      complain(key, fmt::format("{} must hold numbers that are finite and not negative", key));
      return {};
    }
    all.push_back(number);
  }
  return all;
}

std::map<std::string, std::string> TableReader::text_map(std::string_view key) {
  std::map<std::string, std::string> all;
  const auto* found = get<TomlTable>(key, "a table of strings");
  if (!found) return all;
  for (const auto& [name, item] : found->entries) {
    const auto* text = std::get_if<std::string>(&item.value);
    if (!text) {
      complain(key, fmt::format("{} in {} must be {}", name, key, kString));
      return {};
    }
    all.emplace(name, *text);
  }
  return all;
}

std::optional<TableReader::Child> TableReader::table(std::string_view key) {
  const auto* found = get<TomlTable>(key, kTable);
  if (!found) return std::nullopt;
  return Child{found, table_.find(key)->line};
}

std::vector<TableReader::Child> TableReader::tables(std::string_view key) {
  std::vector<Child> all;
  const auto* found = get<TomlArray>(key, fmt::format("tables, written [[{}]]", key));
  if (!found) return all;
  for (const TomlValue& item : *found) {
    const auto* child = std::get_if<TomlTable>(&item.value);
    if (!child) {
      complain(key, fmt::format("{} must be tables, written [[{}]]", key, key));
      return {};
    }
    all.push_back({child, item.line});
  }
  return all;
}

void TableReader::complain(std::string_view key, std::string message, std::string hint) {
  if (error_) return;
  const TomlValue* found = table_.find(key);
  const int line = found ? found->line : line_;
  error_ = Error{line > 0 ? fmt::format("{}:{}", file_, line) : file_, std::move(message), std::move(hint)};
}

Result<void> TableReader::finish() {
  if (!error_) {
    for (const auto& [key, unused] : table_.entries) {
      if (asked_.contains(key)) continue;
      complain(key, fmt::format("{} has an unknown key: {}", what_, key), "see docs/rules.md for the keys");
      break;
    }
  }
  if (error_) return std::unexpected(*error_);
  return {};
}

}  // namespace lambdapack
