// They look up what they need of each other, and what they define themselves and let others replace (malloc, operator
// new). All of that has versions of theirs, so a definition with a version of its own is never it; one without a
// version is it when the name is theirs.
#include "plan/base_symbols.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "elf/read_dynamic.h"

namespace lambdapack {
namespace {

// _init, _fini and the ends of sections were exported by linkers before 2014; nothing looks them up by name.
bool is_of_linker(std::string_view symbol) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"_init", "_fini", "_edata", "_end", "__bss_start", "__bss_start__", "__bss_end__", "__end__", "_bss_end__"});
  return std::ranges::find(kNames, symbol) != kNames.end();
}

// A C++ name (Itanium ABI) whose outermost scope, or whose own name when it has none, is an identifier of the
// program's: names of std, of the ABI and of GCC's extensions begin otherwise, as do operators and what belongs to
// built-in types.
bool is_of_program(std::string_view symbol) {
  if (!symbol.starts_with("_Z")) return false;
  symbol.remove_prefix(2);
  for (const std::string_view kind : {"TV", "TI", "TS", "TT", "GV"})  // vtable, typeinfo, its name, VTT, guard
    if (symbol.starts_with(kind)) {
      symbol.remove_prefix(2);
      break;
    }
  if (symbol.starts_with('N')) {
    symbol.remove_prefix(1);
    while (!symbol.empty() && std::string_view("rVKRO").contains(symbol.front())) symbol.remove_prefix(1);
  }
  const std::size_t digits = symbol.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) return false;
  return !symbol.substr(digits).starts_with("__");
}

bool is_base_version(std::string_view version) {
  static constexpr auto kPrefixes = std::to_array<std::string_view>({"GLIBC", "GCC", "CXXABI"});
  return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return version.starts_with(prefix); });
}

}  // namespace

std::vector<std::string> c_library_names(const Rules& rules) {
  std::istringstream text(rules.c_library_names);
  std::vector<std::string> names;
  for (std::string name; text >> name;) names.push_back(std::move(name));
  std::ranges::sort(names);
  return names;
}

bool base_libraries_may_use(std::string_view symbol, std::string_view version, const std::vector<std::string>& names) {
  if (is_of_linker(symbol) || is_of_program(symbol)) return false;
  // Looked up without a version, by what every compiler adds to every library.
  if (symbol.starts_with("_ITM_") || symbol == "__gmon_start__") return true;
  if (!version.empty() && !is_base_version(version)) return false;
  return symbol.starts_with('_') || std::ranges::binary_search(names, symbol);
}

bool finds_symbols_by_name(std::string_view symbol) {
  return symbol == "dlsym" || symbol == "dlvsym" || opens_libraries(symbol);
}

}  // namespace lambdapack
