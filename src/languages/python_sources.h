// What the Python sources of a package import and name, each read once.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "elf/inventory.h"
#include "languages/language_view.h"
#include "languages/module_loads.h"
#include "languages/python_imports.h"
#include "package/package.h"

namespace lambdapack {

// Which words of string constants are of interest. A name is one in any spelling that PEP 503 takes for the same.
class WordSet {
 public:
  void add(std::string_view name);
  // "numpy", "numpy.linalg", "lib/numpy/x": the word, its last part as a path, or a part between dots and slashes; and
  // what may be the beginning of a name, "plugin_".
  bool wants(std::string_view word) const;

 private:
  bool contains(std::string_view name) const;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_set<std::string, Hash, std::equal_to<>> names_;
};

struct FileCall {
  std::string function, name;  // as PythonCall; name: empty when it is computed
  bool is_attribute = false;
};

struct PythonFile {
  std::size_t file = 0;               // index into Package::files
  std::string package;                // of its relative imports: "a.b" of a/b/c.py; dots only between names
  std::vector<PythonImport> imports;  // with those of code in string constants; without those that never run
  std::vector<FileCall> calls;
  std::vector<std::string> words;     // of interest; sorted, unique
  std::vector<std::string> commands;  // of interest, as PythonSource has them
  bool complete = true;               // as PythonSource::complete
  std::vector<ComputedLoad> computed_loads;
};

// Files named *.py and scripts for a Python interpreter, a layer's included; sorted by file. Errors: one cannot be
// read.
Result<std::vector<PythonFile>> read_python_sources(const Package& package, const Inventory& inventory,
                                                    const LanguageView& languages, const WordSet& words,
                                                    unsigned threads);

// Bytecode that is code of its own, because the source it was compiled from is not there.
bool is_bytecode_without_source(const Package& package, std::size_t file);

// The folder on the module path that the file is found from: its distribution's, or the nearest above that has any;
// else the package itself.
std::string_view module_root(const Package& package, const LanguageView& languages, std::size_t file);

// The modules that an import may load, dotted from the module path's folder: for "from ..a import b" in x.y.z
// "x.a" and "x.a.b". Empty when there are more dots than packages.
std::vector<std::string> imported_modules(const PythonImport& import, std::string_view package);

}  // namespace lambdapack
