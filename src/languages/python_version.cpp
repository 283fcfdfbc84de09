// When does one version of a Python package stand in for another? PEP 440 gives the order and the operators. Only what
// occurs in published metadata is read; everything else is "not understood", and callers then leave things as they are.

#include "languages/python_version.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string>

namespace lambdapack {

namespace {

bool digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

// Takes a number off the front of text.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<int> phase_of(std::string_view word) {
  if (word == "dev") return -4;
  if (word == "a" || word == "alpha") return -3;
  if (word == "b" || word == "beta") return -2;
  if (word == "rc" || word == "c" || word == "pre" || word == "preview") return -1;
  if (word == "post" || word == "r" || word == "rev") return 1;
  return std::nullopt;
}

// "1.40" of "1.40.*" is met by every version whose release begins with it.
bool has_release_prefix(const PythonVersion& version, const std::vector<std::uint64_t>& prefix) {
  for (std::size_t i = 0; i < prefix.size(); ++i)
    if ((i < version.release.size() ? version.release[i] : 0) != prefix[i]) return false;
  return true;
}

// The numbers of "1.40.2", with trailing zeros; empty when there is anything else.
std::vector<std::uint64_t> release_numbers(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  while (true) {
    const auto number = take_number(text);
    if (!number) return {};
    numbers.push_back(*number);
    if (text.empty()) return numbers;
    if (text.front() != '.') return {};
    text.remove_prefix(1);
  }
}

std::optional<bool> meets_one(const PythonVersion& version, std::string_view clause) {
  std::size_t operator_end = 0;
  while (operator_end < clause.size() && std::string_view("<>=!~").contains(clause[operator_end])) ++operator_end;
  const std::string_view op = clause.substr(0, operator_end);
  std::string_view text = trim(clause.substr(operator_end));
  if (text.ends_with(".*")) {
    const auto prefix = release_numbers(text.substr(0, text.size() - 2));
    if (prefix.empty() || (op != "==" && op != "!=")) return std::nullopt;
    return has_release_prefix(version, prefix) == (op == "==");
  }
  const auto other = parse_python_version(text);
  if (!other) return std::nullopt;
  if (op == "==") return version == *other;
  if (op == "!=") return version != *other;
  if (op == ">=") return version >= *other;
  if (op == "<=") return version <= *other;
  if (op == ">") return version > *other;
  if (op == "<") return version < *other;
  if (op == "~=") {
    auto prefix = release_numbers(text);
    if (prefix.size() < 2) return std::nullopt;
    prefix.pop_back();
    return version >= *other && has_release_prefix(version, prefix);
  }
  return std::nullopt;
}

}  // namespace

std::optional<PythonVersion> parse_python_version(std::string_view text) {
  text = trim(text);
  if (text.starts_with("v") || text.starts_with("V")) text.remove_prefix(1);
  text = text.substr(0, text.find('+'));
  PythonVersion version;
  while (true) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    version.release.push_back(*number);
    if (text.size() < 2 || text[0] != '.' || !digit(text[1])) break;
    text.remove_prefix(1);
  }
  while (version.release.size() > 1 && version.release.back() == 0) version.release.pop_back();
  // One phase is enough: "1.0rc1.post2.dev3" orders as 1.0rc1, which no published SDK version needs more finely.
  while (!text.empty() && std::string_view("._-").contains(text.front())) text.remove_prefix(1);
  if (text.empty()) return version;
  std::size_t letters = 0;
  while (letters < text.size() && std::isalpha(static_cast<unsigned char>(text[letters]))) ++letters;
  std::string word(text.substr(0, letters));
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto phase = phase_of(word);
  if (!phase) return std::nullopt;
  text.remove_prefix(letters);
  while (!text.empty() && std::string_view("._-").contains(text.front())) text.remove_prefix(1);
  version.phase = *phase;
  version.phase_number = take_number(text).value_or(0);
  return version;
}

std::optional<bool> meets(const PythonVersion& version, std::string_view specifier) {
  specifier = trim(specifier);
  if (specifier.starts_with("(") && specifier.ends_with(")")) specifier = specifier.substr(1, specifier.size() - 2);
  bool met = true;
  while (!trim(specifier).empty()) {
    const std::size_t comma = std::min(specifier.find(','), specifier.size());
    const std::string_view clause = trim(specifier.substr(0, comma));
    specifier.remove_prefix(std::min(comma + 1, specifier.size()));
    if (clause.empty()) continue;
    const auto one = meets_one(version, clause);
    if (!one) return std::nullopt;
    met = met && *one;
  }
  return met;
}

}  // namespace lambdapack
