// Which symbols are surely defined by nobody? See check_bindings.h.
//
// Most names that nothing in a package defines come from the process that opens it: PyLong_FromLong,
// napi_create_object. So a name is only called unresolved when that process is the package's own program, or is known
// by what it exports.
#include "plan/check_bindings.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/bytes.h"

namespace lambdapack {
namespace {

constexpr std::size_t kNamed = 3;

// Whether the runtime's process surely lacks the symbol. Of python's: CPython exports C names only, and so do the C
// libraries that it has loaded, so a C++ name that is not the standard library's is not there. C names say nothing:
// wheels leave sqrt, dlopen and crc32 to the process. Node's program is C++ and exports V8, and others are not known.
bool process_lacks(const FunctionTarget& target, std::string_view symbol) {
  if (target.runtime.family != "python" || !symbol.starts_with("_ZN")) return false;
  symbol.remove_prefix(3);
  while (!symbol.empty() && (symbol.front() == 'K' || symbol.front() == 'V'))
    symbol.remove_prefix(1);  // const, volatile
  static constexpr auto kStandard =
      std::to_array<std::string_view>({"S", "10__cxxabiv1", "9__gnu_cxx", "11__gnu_debug"});
  return std::ranges::none_of(kStandard, [&](std::string_view name) { return symbol.starts_with(name); });
}

// Symbols of the linker and of the C library's start files, whose absence nobody minds.
bool is_toolchain_symbol(std::string_view symbol) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"__gmon_start__", "_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable", "__dso_handle", "_DYNAMIC",
       "_GLOBAL_OFFSET_TABLE_", "__TMC_END__", "main", "__environ", "environ"});
  return std::ranges::find(kNames, symbol) != kNames.end();
}

struct Unresolved {
  std::vector<std::string> symbols;  // "name@version"
  bool stopped = false;
};

std::string with_version(const Bindings& bindings, const BoundSymbol& symbol) {
  std::string text(bindings.text(symbol.name));
  if (symbol.version != 0) text += fmt::format("@{}", bindings.text(symbol.version));
  return text;
}

std::string first_names(const std::vector<std::string>& symbols) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(symbols.size(), kNamed); ++i) names.push_back(printable(symbols[i]));
  std::string text = fmt::format("{}", fmt::join(names, ", "));
  if (symbols.size() > kNamed) text += fmt::format(" and {} more", symbols.size() - kNamed);
  return text;
}

// Which of three things is said of a symbol.
enum class Verdict { fine, only_process, fails_when_called, stops_loader };

Verdict judge(const BindingCheckInput& input, const FileBindings& file, const BoundSymbol& symbol) {
  const bool strong = symbol.stopped || !symbol.weak;
  if (!strong || (symbol.to != BoundTo::nothing && symbol.to != BoundTo::unknown)) return Verdict::fine;
  const std::string_view name = input.bindings.text(symbol.name);
  if (is_toolchain_symbol(name)) return Verdict::fine;
  if (symbol.to == BoundTo::nothing)
    return symbol.only_called && !file.bind_now ? Verdict::fails_when_called : Verdict::stops_loader;
  if (symbol.doubt.libraries || !process_lacks(input.target, name)) return Verdict::fine;
  return Verdict::only_process;
}

Finding make_finding(const BindingCheckInput& input, std::size_t file, Verdict verdict, Unresolved unresolved) {
  std::ranges::sort(unresolved.symbols);
  const std::string names = first_names(unresolved.symbols);
  Finding finding{
      "symbol-unresolved", Severity::warning, input.package.files[file].path, unresolved.symbols.front(), {}, {}};
  switch (verdict) {
    case Verdict::stops_loader:
      finding.severity = Severity::error;
      finding.message =
          fmt::format("needs {}, which nothing that is loaded with it defines; the loader stops there", names);
      break;
    case Verdict::fails_when_called:
      finding.message =
          fmt::format("calls {}, which nothing that is loaded with it defines; the call ends the process", names);
      break;
    case Verdict::only_process:
    case Verdict::fine:
      finding.message =
          fmt::format("needs {}, which no library that is loaded with it defines, nor {} as far as is known", names,
                      input.target.runtime.id);
      break;
  }
  finding.help =
      "link it with the library that defines them (a needed entry), or bundle the build of that library that it "
      "was linked against";
  return finding;
}

}  // namespace

std::vector<BindingStart> binding_starts(const Inventory& inventory, const Reach& reach) {
  std::vector<BindingStart> starts;
  for (std::size_t i = 0; i < inventory.files.size(); ++i) {
    const ReachKind kind = reach.steps[i].kind;
    if (!inventory.files[i].elf || reach.foreign[i] || kind == ReachKind::none || kind == ReachKind::needed) continue;
    starts.push_back({i, false});
  }
  return starts;
}

std::vector<Finding> check_unresolved(const BindingCheckInput& input) {
  std::vector<Finding> findings;
  for (const FileBindings& file : input.bindings.files) {
    if (input.reach.foreign[file.file]) continue;
    std::map<Verdict, Unresolved> by_verdict;
    for (const BoundSymbol& symbol : file.symbols) {
      const Verdict verdict = judge(input, file, symbol);
      if (verdict == Verdict::fine) continue;
      Unresolved& unresolved = by_verdict[verdict];
      std::string name = with_version(input.bindings, symbol);
      if (std::ranges::find(unresolved.symbols, name) == unresolved.symbols.end())
        unresolved.symbols.push_back(std::move(name));
    }
    for (auto& [verdict, unresolved] : by_verdict)
      findings.push_back(make_finding(input, file.file, verdict, std::move(unresolved)));
  }
  sort_findings(findings);
  return findings;
}

std::vector<std::string> explain_bindings(const Package& package, const Bindings& bindings, std::size_t file) {
  std::vector<std::string> lines;
  std::map<BoundTo, std::vector<std::string>> without;
  const FileBindings* own = bindings.of(file);
  if (own == nullptr) return lines;
  std::map<std::string, std::size_t> sources;
  for (const BoundSymbol& symbol : own->symbols) {
    if (symbol.to == BoundTo::file)
      ++sources[printable(package.files[symbol.target].path)];
    else if (symbol.to == BoundTo::outside)
      ++sources[fmt::format("{} outside the package, by its version", bindings.text(symbol.target))];
    else
      without[symbol.to].push_back(with_version(bindings, symbol));
  }
  for (const auto& [source, count] : sources) lines.push_back(fmt::format("{} from {}", count, source));
  if (const auto& names = without[BoundTo::unknown]; !names.empty())
    lines.push_back(fmt::format("{} from what lambdapack does not know, such as the runtime's process ({})",
                                names.size(), first_names(names)));
  if (const auto& names = without[BoundTo::weak]; !names.empty())
    lines.push_back(fmt::format("{} weak and, as far as is known, null ({})", names.size(), first_names(names)));
  if (const auto& names = without[BoundTo::nothing]; !names.empty())
    lines.push_back(fmt::format("{} from nowhere ({})", names.size(), first_names(names)));
  for (const FileBindings& other : bindings.files) {
    if (other.file == file) continue;
    const auto count = std::ranges::count_if(
        other.symbols, [&](const BoundSymbol& symbol) { return symbol.to == BoundTo::file && symbol.target == file; });
    if (count > 0)
      lines.push_back(fmt::format("{} of it used by {}", count, printable(package.files[other.file].path)));
  }
  return lines;
}

}  // namespace lambdapack
