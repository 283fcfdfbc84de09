// One opener that is not understood means that any library may be opened, so this errs on the side of finding some. A
// file with an opener rule is not even read.
#include "plan/unknown_openers.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "base/find_strings.h"
#include "base/parallel.h"
#include "languages/java_class.h"
#include "plan/file_texts.h"

namespace lambdapack {
namespace {

// How scripts, bytecode and managed code open libraries. What only opens Node addons (bindings, node-gyp-build, napi-rs
// loaders) is not listed: addons are entry points anyway.
std::vector<std::string> ways_to_open() {
  return {
      "ctypes",
      "cffi",
      "find_library",  // Python
      "load_library",
      "load_op_library",  // numpy.ctypeslib, torch.ops, TensorFlow
      "load_extension",
      "loadExtension",  // SQLite, in Python, PHP, Node
      "dlopen",         // process.dlopen, Bun, Deno, Lua's and Ruby's FFI, shells
      "ffi-napi",
      "koffi",
      "ffi-rs",
      "bun:ffi",  // Node
      "loadLibrary",
      "System.load",
      "Runtime.load",
      "com.sun.jna",
      "java.lang.foreign",  // Java and Kotlin sources
      "DllImport",
      "NativeLibrary",  // .NET
      "Fiddle",
      "ffi_lib",  // Ruby
      "FFI::cdef",
      "FFI::load",  // PHP
      "package.loadlib",
      "ffi.load",  // Lua
      "DynaLoader",
      "dl_load_file",
      "XSLoader",  // Perl
      "dyn.load",
      "library.dynam",
      "useDynLib",  // R
      "Libdl",
      "load_nif",  // Julia, Erlang
  };
}

bool is_class_file(Bytes bytes) {
  return bytes.size() > 8 && bytes[0] == 0xca && bytes[1] == 0xfe && bytes[2] == 0xba && bytes[3] == 0xbe;
}

}  // namespace

Result<std::vector<std::size_t>> find_unknown_openers(const Package& package, const Inventory& inventory,
                                                      const RuleFinder& openers, const std::vector<std::size_t>& files,
                                                      unsigned threads) {
  const StringSet ways(ways_to_open());
  std::vector<char> opens(files.size());
  std::vector<std::optional<Error>> errors(files.size());
  parallel_for(files.size(), threads, [&](std::size_t i) {
    const std::size_t file = files[i];
    const auto& elf = inventory.files[file].elf;
    if ((elf && !elf->calls_dlopen) || !openers.find(package.files[file].path).empty()) return;
    if (elf) {
      opens[i] = 1;
      return;
    }
    const auto whole = visit_texts(package, inventory, file, [&](const TextPart& part) {
      if (opens[i] != 0) return;
      if (is_class_file(part.bytes) ? opens_native_libraries(part.bytes) : !ways.find_in(part.bytes, part.wide).empty())
        opens[i] = 1;
    });
    if (!whole)
      errors[i] = whole.error();
    else if (!*whole)
      opens[i] = 1;
  });
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (errors[i]) return std::unexpected(*std::move(errors[i]));
    if (opens[i] != 0) unknown.push_back(files[i]);
  }
  std::ranges::sort(unknown);
  return unknown;
}

}  // namespace lambdapack
