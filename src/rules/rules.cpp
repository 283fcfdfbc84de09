// load_rules, and looking things up in what it read. Rules, limits, prices and coefficients are read at once, since
// every run needs them; runtimes and lists of symbols stay text until one is asked for.
#include "rules/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/glob.h"
#include "rules/embedded.h"
#include "rules/near_names.h"
#include "rules/read_exports.h"
#include "rules/read_rule_file.h"
#include "rules/read_rules_folder.h"
#include "rules/read_runtime.h"

namespace lambdapack {

namespace {

constexpr std::string_view kRuntimes = "runtimes/", kSystems = "os/", kExports = "exports/", kToml = ".toml";

bool is_read_when_asked_for(std::string_view file) {
  return file.starts_with(kRuntimes) || file.starts_with(kSystems) || file.starts_with(kExports);
}

std::string runtime_id(std::string_view file) {
  file.remove_prefix(kRuntimes.size());
  file.remove_suffix(kToml.size());
  return std::string(file);
}

// Digits compare as numbers: python3.9 before python3.10, java8.al2 before java11.
bool natural_less(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  while (!a.empty() && !b.empty()) {
    if (digit(a[0]) && digit(b[0])) {
      const auto take = [&](std::string_view& text) {
        std::size_t length = 0;
        while (length < text.size() && digit(text[length])) ++length;
        std::string_view number = text.substr(0, length);
        text.remove_prefix(length);
        while (number.size() > 1 && number[0] == '0') number.remove_prefix(1);
        return number;
      };
      const std::string_view x = take(a), y = take(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[0] != b[0]) return a[0] < b[0];
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return a.size() < b.size();
}

Result<void> add_folder(const std::string& folder, Rules& rules) {
  LP_TRY(const std::vector<RulesFolderFile> files, read_rules_folder(folder));
  for (const RulesFolderFile& file : files) {
    rules.sources.push_back(file.path);
    if (is_read_when_asked_for(file.name)) {
      rules.files[file.name] = file.text;
      continue;
    }
    LP_TRY(const TomlTable content, parse_toml(file.path, file.text));
    LP_CHECK(read_rule_file(file.path, content, rules));
  }
  return {};
}

// A folder's runtime or list with a mistake is an error now, not on the day when somebody asks for it.
Result<void> check_what_is_read_later(const std::string& folder, const Rules& rules) {
  const bool any = std::ranges::any_of(rules.sources, [](std::string_view source) { return source.ends_with(kToml); });
  if (!any) return {};
  for (const auto& [file, text] : rules.files) {
    if (file.starts_with(kExports)) {
      const auto exports = read_exports(file, text);
      if (!exports)
        return fail(fmt::format("{}/{}", folder, exports.error().subject), exports.error().message,
                    exports.error().hint);
    }
    if (!file.starts_with(kRuntimes)) continue;
    for (const Arch arch : {Arch::x86_64, Arch::arm64}) {
      const Result<Runtime> runtime = read_runtime(rules.files, runtime_id(file), arch);
      if (!runtime)
        return fail(fmt::format("{}/{}", folder, runtime.error().subject), runtime.error().message,
                    runtime.error().hint);
    }
  }
  return {};
}

}  // namespace

std::string_view to_string(Confidence confidence) {
  switch (confidence) {
    case Confidence::proven: return "proven";
    case Confidence::likely: return "likely";
    case Confidence::possible: return "possible";
  }
  return "possible";
}

bool Rule::matches(std::string_view path) const {
  const auto names = [path](const std::string& glob) { return glob_match(glob, path); };
  return std::ranges::any_of(paths, names) && !std::ranges::any_of(except, names);
}

bool Rule::may_open(std::string_view path) const {
  return std::ranges::any_of(opens, [path](const std::string& glob) { return glob_match(glob, path); });
}

std::optional<std::string> Runtime::folder_of(std::string_view library) const {
  for (const std::string& folder : library_path) {
    const auto at = libraries.find(folder);
    if (at != libraries.end() && std::ranges::binary_search(at->second, library)) return folder;
  }
  return std::nullopt;
}

std::optional<std::string> Runtime::package_version(std::string_view name) const {
  const auto at = std::ranges::lower_bound(packages, name, {},
                                           [](const LanguagePackage& each) { return std::string_view(each.name); });
  if (at == packages.end() || at->name != name) return std::nullopt;
  return at->version;
}

const Rule* Rules::find(std::string_view id) const {
  const auto at = std::ranges::lower_bound(rules, id, {}, [](const Rule& rule) { return std::string_view(rule.id); });
  return at != rules.end() && at->id == id ? &*at : nullptr;
}

Result<const Rule*> Rules::known_rule(std::string_view id) const {
  if (const Rule* rule = find(id)) return rule;
  std::vector<std::string> ids;
  for (const Rule& rule : rules) ids.push_back(rule.id);
  return fail(std::string(id), "is no rule that lambdapack knows", suggest_names(id, ids, "lambdapack rules"));
}

const PythonBytecode* Rules::bytecode_of(std::string_view version) const {
  const auto at = std::ranges::find(python_bytecode, version, &PythonBytecode::id);
  return at != python_bytecode.end() ? &*at : nullptr;
}

const ArmSupport* Rules::arm64_since(std::string_view ecosystem, std::string_view name) const {
  const std::string id = std::string(ecosystem) + ":" + std::string(name);
  const auto at = std::ranges::lower_bound(arm_support, id, {}, &ArmSupport::id);
  return at != arm_support.end() && at->id == id ? &*at : nullptr;
}

const Coefficient* Rules::coefficient(std::string_view id) const {
  const auto at = std::ranges::find_if(coefficients, [id](const Coefficient& each) { return each.id == id; });
  return at != coefficients.end() ? &*at : nullptr;
}

Result<Runtime> Rules::runtime(std::string_view id, Arch arch) const {
  if (std::ranges::find(runtime_ids, id) != runtime_ids.end()) return read_runtime(files, std::string(id), arch);
  return fail(std::string(id), "is not a runtime that lambdapack knows",
              suggest_names(id, runtime_ids, "lambdapack runtimes"));
}

Result<std::optional<LibraryExports>> Rules::exports(std::string_view os, std::string_view library) const {
  const auto file = files.find(fmt::format("{}{}/{}{}", kExports, os, library, kToml));
  if (file == files.end()) return std::nullopt;
  LP_TRY(LibraryExports found, read_exports(file->first, file->second));
  return found;
}

Result<Rules> load_rules(const std::string& folder) {
  Rules rules;
  rules.sources.push_back("built-in");
  for (const EmbeddedFile& file : embedded_rules()) {
    if (is_read_when_asked_for(file.name)) {
      rules.files.emplace(file.name, file.text);
      continue;
    }
    LP_TRY(const TomlTable content, parse_toml(file.name, file.text));
    LP_CHECK(read_rule_file(std::string(file.name), content, rules));
  }
  if (!folder.empty()) LP_CHECK(add_folder(folder, rules));

  std::ranges::sort(rules.rules, {}, &Rule::id);
  std::ranges::sort(rules.coefficients, {}, &Coefficient::id);
  std::ranges::sort(rules.arm_support, {}, &ArmSupport::id);
  std::ranges::sort(rules.python_bytecode, {}, &PythonBytecode::id);
  for (const auto& [file, text] : rules.files)
    if (file.starts_with(kRuntimes)) rules.runtime_ids.push_back(runtime_id(file));
  std::ranges::sort(rules.runtime_ids, natural_less);
  if (!folder.empty()) LP_CHECK(check_what_is_read_later(folder, rules));
  return rules;
}

}  // namespace lambdapack
