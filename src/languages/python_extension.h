// What the file name of a Python extension module says: which interpreter imports it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lambdapack {

struct PythonExtension {
  std::string module;    // "_path" of "_path.cpython-312-x86_64-linux-gnu.so"
  std::string abi;       // "cp312", "abi3", "pypy39-pp73", "" when the name has no tag ("_x.so")
  std::string platform;  // "x86_64-linux-gnu", "" when not said
};

// Nothing when the name is not one that CPython's importer looks for (".so" after an importable module name):
// "libz.so.1".
std::optional<PythonExtension> parse_python_extension(std::string_view file_name);

// Whether CPython of this tag ("cp312") on this platform ("x86_64-linux-gnu") would try the file.
bool importable(const PythonExtension& extension, std::string_view python_tag, std::string_view platform);

}  // namespace lambdapack
