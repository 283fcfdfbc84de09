// Does a Python source load modules whose names it may not have: by a computed name, by looking into a folder, or
// through somebody else's way to do so?
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "languages/python_imports.h"

namespace lambdapack {

struct ComputedLoad {
  std::string way;  // "iter_modules", "import_module with a computed name"
  std::string
      within;  // "pkg.sub." when only modules below it can be meant, "." below the file's own package; empty: any
};

// Every such way, each once. source: scan_python(text).
std::vector<ComputedLoad> computed_loads(std::string_view text, const PythonSource& source);

}  // namespace lambdapack
