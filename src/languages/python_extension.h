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

// The same for the names that CPython looks for on Windows: "_path.cp312-win_amd64.pyd", "_path.pyd".
std::optional<PythonExtension> parse_windows_extension(std::string_view file_name);

// "CPython 3.10", "CPython 3.13 (free-threaded)", "CPython 3.12 (debug)", "PyPy 3.9" for the abi of a PythonExtension
// or a WHEEL tag; the abi itself when it is no such thing.
std::string abi_in_words(std::string_view abi);

// Whether one WHEEL tag ("cp312-abi3-manylinux_2_17_x86_64") says that its distribution runs there; `machine` as in
// wheel tags ("x86_64", "aarch64"). musllinux is another libc.
bool tag_fits(std::string_view tag, std::string_view python_tag, std::string_view machine);

// The 312 of "cp312" and of "cp312-abi3-…", the free-threaded "313t" included; 0 when there is none. Minor versions
// from 10 on have two digits, so that these numbers are in the order of the versions: 39 is 309.
int cpython_number(std::string_view tag);

// Whether the path leads through the folder of another version's packages ("lib/python3.11/"), which is on no module
// path of this one ("3.12"): layers have a folder for each version that they serve.
bool is_of_other_python(std::string_view path, std::string_view version);

// Whether CPython of this tag ("cp312") on this platform ("x86_64-linux-gnu") would try the file.
bool importable(const PythonExtension& extension, std::string_view python_tag, std::string_view platform);

}  // namespace lambdapack
