// Which definition every symbol is bound to, decided the way glibc's do_lookup_x does it, without running anything.
//
// A symbol has no answer of its own: it depends on the load. The same library binds to one definition below one
// extension module and to another below the next, so answers are collected over all loads, as edges are.
//
// What lies outside the package is known by name only (Lambda) or whole (a host's libraries, in tests). Of a library
// that is known by name only, a symbol is taken to be there when the version that is asked for names that library;
// nothing else is assumed of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "elf/inventory.h"
#include "links/link_graph.h"
#include "links/loader_profile.h"
#include "package/package.h"

namespace lambdapack {

enum class BoundTo : std::uint8_t {
  file,     // a file of the package
  outside,  // a library outside: it defines the symbol, or the version that is asked for names it
  unknown,  // no known definition; something in the scope of which nothing is known may have one
  weak,     // nothing has it, and the reference is weak: it is null, which the program asks for
  nothing,  // nothing has it: the loader stops, or the call does
};

std::string_view to_string(BoundTo to);

// Whether a library, by its file name, belongs to the C library or to GCC. Their version scripts give every symbol a
// version, and whatever they look up has one, too; a few weak hooks of the compiler's (_ITM_…, __gmon_start__) apart.
bool is_base_library(std::string_view path);

// Why `unknown` is not `nothing`, and why a definition in the package may be preceded by another.
struct Doubt {
  bool process = false;    // opened in the runtime's process, whose own symbols are not known
  bool libraries = false;  // libraries outside are in the scope that the version of the symbol does not rule out
  bool operator==(const Doubt&) const = default;
};

struct BoundSymbol {
  std::uint32_t name = 0;     // of Bindings::text
  std::uint32_t version = 0;  // the same; 0: asked for without a version
  BoundTo to = BoundTo::unknown;
  std::uint32_t target = 0;  // file: index into Package::files; outside: its path, of Bindings::text
  bool weak = false;         // the reference
  bool only_called = false;  // looked up at the first call when the file is not bound at once (no BIND_NOW)
  bool own = false;          // the file defines it itself, and another definition comes first
  bool stopped = false;      // nothing: the library that the version names lacks the symbol, which ends every search
  Doubt doubt;
  bool operator==(const BoundSymbol&) const = default;
};

struct FileBindings {
  std::size_t file = 0;
  bool bind_now = false;
  // In the order of its symbol table; a symbol with several answers (other loads, other scopes) is there once for each.
  // What a file defines itself and finds in itself is left out.
  std::vector<BoundSymbol> symbols;
};

class Bindings {
 public:
  std::vector<FileBindings> files;  // by file: those that some load maps
  // False when the loads were too many to follow (no real package's are): answers may be lacking.
  bool complete = true;
  // By file: whether some other file, in some load, has a symbol that is bound to it; or may have, for all that is
  // known. Files in no load: false.
  std::vector<char> binds_for_others;
  std::vector<char> binds_for_outside;  // by file: the same of known libraries outside, and of those only

  const FileBindings* of(std::size_t file) const;
  std::string_view text(std::uint32_t id) const {
    return std::string_view(texts_).substr(spans_[id].first, spans_[id].second);
  }
  std::uint32_t add_text(std::string_view text);

  Bindings() { add_text({}); }

 private:
  std::string texts_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> spans_;  // offset, size
};

// Where loads start.
struct BindingStart {
  std::size_t file = 0;
  // As the main program, whatever the file says of itself: the loader was asked for it by path (ld.so FILE).
  bool as_program = false;
};

struct BindingInput {
  const Package& package;
  const Inventory& inventory;
  const LoaderProfile& profile;
  const Mount& mount;
  std::vector<BindingStart> starts;
  // The bytes of libraries outside, for those that profile.outside_elf describes; their symbols are then known too.
  std::map<std::string, Content> outside = {};
  unsigned threads = 0;
};

// Errors: a file cannot be read.
Result<Bindings> resolve_bindings(const BindingInput& input);

// Every answer of one load, also those that a file finds in itself, in no particular order: for comparison with a real
// loader. from, target: absolute paths as opened; target is empty for symbols that are bound to nothing.
struct TracedBinding {
  std::string from, symbol, version, target;
  BoundTo to = BoundTo::nothing;
};

Result<std::vector<TracedBinding>> trace_bindings(const BindingInput& input);

}  // namespace lambdapack
