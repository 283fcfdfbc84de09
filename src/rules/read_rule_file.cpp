// What a rule file may hold, key by key. docs/rules.md describes the same for people.
#include "rules/read_rule_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/table_reader.h"

namespace lambdapack {

namespace {

template <class T>
struct Word {
  std::string_view word;
  T value;
};

constexpr std::array kKinds = {
    Word{"drop", RuleKind::drop},
    Word{"unread", RuleKind::unread},
    Word{"keep", RuleKind::keep},
    Word{"opener", RuleKind::opener},
    Word{"plugin_entry", RuleKind::plugin_entry},
    Word{"built_in", RuleKind::built_in},
};
constexpr std::array kConfidences = {
    Word{"proven", Confidence::proven},
    Word{"likely", Confidence::likely},
    Word{"possible", Confidence::possible},
};
constexpr std::array<std::string_view, 6> kFamilies = {"provided", "python", "nodejs", "java", "ruby", "dotnet"};

template <class T, std::size_t N>
T word(TableReader& reader, std::string_view key, const std::array<Word<T>, N>& words) {
  const std::string text = reader.text(key);
  std::string all;
  for (const Word<T>& each : words) {
    if (each.word == text) return each.value;
    all += (all.empty() ? "" : ", ") + std::string(each.word);
  }
  reader.complain(key, fmt::format("{} is \"{}\", and must be one of {}", key, text, all));
  return words[0].value;
}

bool is_kebab_case(std::string_view id) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  return !id.empty() && std::ranges::all_of(id, letter);
}

// A key that means nothing for this kind would be a rule that does not do what its author thinks.
void allow_only_for(TableReader& reader, std::string_view key, bool allowed, std::string_view kinds) {
  if (!allowed && reader.has(key)) reader.complain(key, fmt::format("{} is only for rules of kind {}", key, kinds));
}

void check_shape(TableReader& reader, const Rule& rule) {
  const bool unread = rule.kind == RuleKind::unread;
  const bool by_path =
      rule.kind == RuleKind::drop || unread || rule.kind == RuleKind::keep || rule.kind == RuleKind::opener;
  const bool opener = rule.kind == RuleKind::opener;
  const bool plugin = rule.kind == RuleKind::plugin_entry;
  allow_only_for(reader, "paths", by_path, "drop, unread, keep and opener");
  allow_only_for(reader, "except", by_path, "drop, unread, keep and opener");
  allow_only_for(reader, "words", unread, "unread");
  allow_only_for(reader, "words_anywhere", unread, "unread");
  allow_only_for(reader, "opens", opener, "opener");
  allow_only_for(reader, "opens_examples", opener, "opener");
  allow_only_for(reader, "symbols", plugin, "plugin_entry");
  if (by_path && rule.paths.empty()) reader.complain("paths", fmt::format("rule {} has no paths", rule.id));
  for (const auto* words : {&rule.words, &rule.words_anywhere})
    if (std::ranges::any_of(*words, [](const std::string& word) { return word.size() < 3; }))
      reader.complain("words", fmt::format("rule {} has a word of less than three bytes", rule.id),
                      "shorter ones stand in every text");
  if (plugin && rule.symbols.empty()) reader.complain("symbols", fmt::format("rule {} has no symbols", rule.id));
  if (opener && !reader.has("opens"))
    reader.complain("opens", fmt::format("rule {} does not say what it opens", rule.id),
                    "write opens = [] when it opens nothing");
  if ((by_path || plugin) && rule.examples.empty())
    reader.complain("examples", fmt::format("rule {} has no examples", rule.id));
  if (!is_kebab_case(rule.id))
    reader.complain("id", fmt::format("id \"{}\" must be lower-case letters, digits and dashes", rule.id));
  for (const std::string& family : rule.runtimes)
    if (std::ranges::find(kFamilies, family) == kFamilies.end())
      reader.complain("runtimes", fmt::format("runtimes has \"{}\", and must hold families: {}", family,
                                              fmt::join(kFamilies, ", ")));
}

// [[rule]] with id and enabled alone: switch what is there.
bool is_switch(const TomlTable& table) {
  return table.entries.size() == 2 && table.find("id") && table.find("enabled");
}

Result<void> switch_rule(TableReader& reader, Rules& rules) {
  const std::string id = reader.text("id");
  const bool enabled = reader.flag_or("enabled", true);
  const auto at = std::ranges::find(rules.rules, id, &Rule::id);
  if (at == rules.rules.end())
    reader.complain("id", fmt::format("there is no rule \"{}\" to switch", id), "`lambdapack rules` lists them");
  else
    at->enabled = enabled;
  return reader.finish();
}

Result<Rule> read_rule(TableReader& reader) {
  Rule rule;
  rule.id = reader.text("id");
  rule.kind = word(reader, "kind", kKinds);
  rule.title = reader.text("title");
  rule.why = reader.text("why");
  rule.source = reader.text("source");
  rule.confidence = reader.has("confidence") ? word(reader, "confidence", kConfidences) : Confidence::likely;
  rule.enabled = reader.flag_or("enabled", true);
  rule.paths = reader.texts("paths");
  rule.except = reader.texts("except");
  rule.runtimes = reader.texts("runtimes");
  rule.words = reader.texts("words");
  rule.words_anywhere = reader.texts("words_anywhere");
  rule.opens = reader.texts("opens");
  rule.opens_examples = reader.texts("opens_examples");
  rule.symbols = reader.texts("symbols");
  for (std::string& path : reader.texts("examples")) rule.examples.push_back({std::move(path), true});
  for (std::string& path : reader.texts("counter_examples")) rule.examples.push_back({std::move(path), false});
  check_shape(reader, rule);
  LP_CHECK(reader.finish());
  return rule;
}

// Replaces the element of the same id, or adds one. The lists are sorted once, after all files.
template <class T>
void replace_or_add(std::vector<T>& all, T item) {
  const auto at = std::ranges::find(all, item.id, &T::id);
  if (at == all.end())
    all.push_back(std::move(item));
  else
    *at = std::move(item);
}

Result<void> read_rules(TableReader& file, Rules& rules) {
  for (const TableReader::Child& child : file.tables("rule")) {
    TableReader reader(*child.table, file.file(), "[[rule]]", child.line);
    if (is_switch(*child.table)) {
      LP_CHECK(switch_rule(reader, rules));
      continue;
    }
    LP_TRY(Rule rule, read_rule(reader));
    replace_or_add(rules.rules, std::move(rule));
  }
  return {};
}

Result<void> read_coefficients(TableReader& file, Rules& rules) {
  for (const TableReader::Child& child : file.tables("coefficient")) {
    TableReader reader(*child.table, file.file(), "[[coefficient]]", child.line);
    Coefficient coefficient;
    coefficient.id = reader.text("id");
    coefficient.unit = reader.text("unit");
    coefficient.what = reader.text("what");
    coefficient.source = reader.text("source");
    coefficient.value = {reader.number("low"), reader.number("typical"), reader.number("high")};
    if (coefficient.value.low > coefficient.value.typical || coefficient.value.typical > coefficient.value.high)
      reader.complain("typical", "low, typical and high must not decrease");
    LP_CHECK(reader.finish());
    replace_or_add(rules.coefficients, std::move(coefficient));
  }
  return {};
}

Result<void> read_arm_support(TableReader& file, Rules& rules) {
  for (const TableReader::Child& child : file.tables("arm64")) {
    TableReader reader(*child.table, file.file(), "[[arm64]]", child.line);
    ArmSupport support{reader.text("id"), reader.text("first"), reader.text("source")};
    const std::string ecosystem = support.id.substr(0, support.id.find(':'));
    if (ecosystem != "pypi" && ecosystem != "npm" && ecosystem != "maven")
      reader.complain("id", fmt::format("id is \"{}\", and must start with pypi:, npm: or maven:", support.id));
    LP_CHECK(reader.finish());
    replace_or_add(rules.arm_support, std::move(support));
  }
  return {};
}

// Python's magic number is 16 bits and "\r\n": Lib/importlib/_bootstrap_external.py of CPython.
Result<void> read_python_bytecode(TableReader& file, Rules& rules) {
  for (const TableReader::Child& child : file.tables("bytecode")) {
    TableReader reader(*child.table, file.file(), "[[bytecode]]", child.line);
    PythonBytecode bytecode;
    bytecode.id = reader.text("python");
    const std::int64_t magic = reader.integer("magic");
    if (magic < 1 || magic > 0xFFFF)
      reader.complain("magic", fmt::format("magic is {}, and must be 1 to 65535", magic));
    bytecode.magic = static_cast<std::uint32_t>(magic & 0xFFFF) | 0x0A0D'0000u;
    const std::string rounds = reader.text("siphash");
    if (rounds != "2-4" && rounds != "1-3")
      reader.complain("siphash", fmt::format("siphash is \"{}\", and must be 2-4 or 1-3", rounds));
    if (rounds == "1-3") bytecode.compression = 1, bytecode.finalization = 3;
    bytecode.source = reader.text("source");
    LP_CHECK(reader.finish());
    replace_or_add(rules.python_bytecode, std::move(bytecode));
  }
  return {};
}

Result<void> read_c_library(TableReader& file, Rules& rules) {
  const auto child = file.table("c_library");
  if (!child) return {};
  TableReader reader(*child->table, file.file(), "[c_library]", child->line);
  rules.c_library_names = reader.text("names");
  reader.text("source");
  return reader.finish();
}

Result<void> read_limits_and_prices(TableReader& file, Rules& rules) {
  if (const auto child = file.table("limits")) {
    TableReader reader(*child->table, file.file(), "[limits]", child->line);
    rules.limits.zip_direct_upload = static_cast<std::uint64_t>(reader.integer("zip_direct_upload"));
    rules.limits.unzipped = static_cast<std::uint64_t>(reader.integer("unzipped"));
    rules.limits.layers = static_cast<int>(std::min<std::int64_t>(reader.integer("layers"), 1000));
    rules.limits.source = reader.text("source");
    LP_CHECK(reader.finish());
  }
  for (const TableReader::Child& child : file.tables("price")) {
    TableReader reader(*child.table, file.file(), "[[price]]", child.line);
    const std::string arch = reader.text("arch");
    if (!parse_arch(arch) || to_string(*parse_arch(arch)) != arch)
      reader.complain("arch", fmt::format("arch is \"{}\", and must be x86_64 or arm64", arch));
    Price price;
    price.gb_second = reader.number("gb_second");
    price.per_request = reader.number("per_request");
    price.source = reader.text("source");
    price.as_of = reader.text("as_of");
    LP_CHECK(reader.finish());
    rules.prices[arch] = std::move(price);
  }
  return {};
}

}  // namespace

Result<void> read_rule_file(const std::string& file, const TomlTable& content, Rules& rules) {
  TableReader reader(content, file, "the file", 0);
  LP_CHECK(read_rules(reader, rules));
  LP_CHECK(read_coefficients(reader, rules));
  LP_CHECK(read_arm_support(reader, rules));
  LP_CHECK(read_python_bytecode(reader, rules));
  LP_CHECK(read_c_library(reader, rules));
  LP_CHECK(read_limits_and_prices(reader, rules));
  return reader.finish();
}

}  // namespace lambdapack
