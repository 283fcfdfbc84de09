// ELF files say it by the symbols that they look up, everything else by its text.
#include "plan/loads_may_change.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.h"
#include "plan/base_symbols.h"
#include "plan/evidence.h"
#include "plan/judge_unused.h"
#include "plan/unknown_openers.h"

namespace lambdapack {
namespace {

// Which opens parts of itself, and reads the variables.
bool is_base_file(const FileRecord& record) {
  return record.elf && !record.elf->soname.empty() && is_base_library(record.elf->soname);
}

}  // namespace

Result<std::string> why_loads_may_change(const BindingInput& loads, const Bindings& bindings,
                                         const FunctionTarget& target, std::vector<std::size_t> files) {
  const auto path_of = [&](std::size_t file) { return printable(loads.package.files[file].path); };
  for (const FileBindings& file : bindings.files)
    for (const BoundSymbol& symbol : file.symbols)
      if (finds_symbols_by_name(bindings.text(symbol.name)))
        return fmt::format("{} opens libraries or looks for symbols by name", path_of(file.file));
  std::erase_if(files, [&](std::size_t file) { return is_base_file(loads.inventory.files[file]); });
  const Rules no_rules;
  const RuleFinder no_openers(no_rules, RuleKind::opener, {});
  LP_TRY(const auto openers, find_unknown_openers(loads.package, loads.inventory, no_openers, files, loads.threads));
  if (!openers.empty()) return fmt::format("{} may open libraries while it runs", path_of(openers.front()));
  const std::vector<std::string> variables = search_variables();
  LP_TRY(const auto mentions, find_mentions(loads.package, loads.inventory, files, variables, loads.threads));
  for (const Mention& mention : mentions) {
    const std::string& who = loads.package.files[mention.file].path;
    if (std::ranges::find(target.start_scripts, who) == target.start_scripts.end())
      return fmt::format("{} mentions {}", printable(who), variables[mention.needle]);
  }
  return std::string();
}

}  // namespace lambdapack
