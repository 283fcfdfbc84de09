// Go programs that were linked without -s -w. `pack` takes out the same: measured, what is left differs by less than a
// thousandth (docs/decisions/0045), for what Go itself reads while it runs (.gopclntab) is loaded and stays either way.
#include <fmt/format.h>

#include "base/units.h"
#include "plan/check_package.h"

namespace lambdapack {

std::vector<Finding> check_go(const CheckInput& input) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < input.package.files.size(); ++i) {
    const auto& elf = input.inventory.files[i].elf;
    const std::string& path = input.package.files[i].path;
    if (!elf || !elf->is_go || elf->stripped() || !input.reach.reached(i) || is_layer_file(path)) continue;
    findings.push_back(
        {"go-symbols",
         Severity::info,
         path,
         {},
         fmt::format("is a Go program with {} of debug info and {} of symbol table, which it does not read: its own "
                     "stack traces come from elsewhere",
                     format_bytes(elf->debug_bytes), format_bytes(elf->symtab_bytes)),
         "go build -ldflags='-s -w' leaves them out; lambdapack pack takes them out, too"});
  }
  return findings;
}

}  // namespace lambdapack
