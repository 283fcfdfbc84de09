// Everything lambdapack knows about the world, as data read from rules/*.toml: runtimes, limits, prices, cold-start
// coefficients, and the rules that prune, keep and explain. Nothing in here is computed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/arch.h"

namespace lambdapack {

enum class Confidence { proven, likely, possible };
std::string_view to_string(Confidence confidence);

// A version ceiling: what the runtime has now, and the lowest value it ever had (equal when AWS never changed it).
struct Ceiling {
  std::string prefix;  // "GLIBC", "GLIBCXX", "CXXABI", "GCC"
  std::string now;     // "2.34"
  std::string floor;   // "2.34"; a need above floor but not above now is a warning, above now an error
  std::string source;
};

// The symbol versions that one library of the runtime defines, by exact name.
struct LibraryVersions {
  std::vector<std::string> names;  // sorted; empty: it defines none at all, and binds whatever is asked of it
  std::vector<std::string> newer;  // those of `names` that it did not have when the runtime came out; sorted
  // The list is complete: a name that is not in it is not there. Else it is upstream's, and the distribution may have
  // added some; then `release` tells which names cannot be there: those with a higher number.
  bool exact = false;
  std::string release;  // "3.5.5"; empty when the names are not numbered by releases
  std::string source;
};

// The symbols that a library of the operating system had in every build: a [file] of rules/exports.
struct LibraryExports {
  std::string library, name, releases;  // "libz.so.1", "zlib", "1.2.11"
  // Names by version, "" for those without one; sorted. Empty with every_symbol.
  std::map<std::string, std::vector<std::string>> symbols;
  bool every_symbol = false;       // what bears a version that it has is there: the version is closed when it comes out
  std::vector<std::string> needs;  // sonames that it may need in its turn, to the end, glibc's apart
  std::string differs;             // what may differ and no symbol tells; empty: nothing known
  std::string source;
};

struct LanguagePackage {
  std::string name, version;  // version may be empty (unknown)
};

struct Range {  // of a measured quantity; units are said where it is used
  double low = 0, typical = 0, high = 0;
};

struct Runtime {
  std::string id;                         // "python3.12"
  std::string family;                     // "provided", "python", "nodejs", "java", "ruby", "dotnet"
  std::string version;                    // "3.12", "22", "17"; empty for provided
  std::string os;                         // "al2", "al2023"
  std::string glibc;                      // "2.34"
  Arch arch = Arch::x86_64;               // the runtime as seen on this architecture
  std::string loader;                     // "/lib64/ld-linux-x86-64.so.2"
  std::vector<std::string> library_path;  // LD_LIBRARY_PATH, in order
  std::vector<std::string> default_path;  // ld.so's own folders, after RUNPATH: "/lib64", "/usr/lib64"
  std::vector<std::string> program_path;  // PATH
  // Absolute folder -> library file names in it, sorted ("/lib64" -> "libz.so.1", …), OS and runtime additions alike.
  // Also folders off the library path ("/var/lang/lib/server"), and both names of a linked one ("/lib64",
  // "/usr/lib64"). Names only, as far as sonames go: "libz.so.1", not the "libz.so.1.2.11" behind it, which AWS moves.
  std::map<std::string, std::vector<std::string>> libraries;
  // sonames that the runtime's own process has mapped before the function's code runs; the loader's own is always there
  std::vector<std::string> preloaded;
  std::vector<std::string> programs;  // absolute paths of programs a "#!" line or an interpreter may name
  std::vector<Ceiling> ceilings;
  std::map<std::string, LibraryVersions> versions;  // by absolute path; a library that is not in it: not known
  std::vector<LanguagePackage>
      packages;  // language packages the runtime has: boto3, @aws-sdk/client-s3, …; sorted by name
  std::string released, deprecation, block_update;  // "2029-06-30"; empty when not scheduled
  std::string manylinux;                            // "2_34": the newest wheel tag that loads
  std::string python_tag;                           // "cp312" for python runtimes
  int node_module_version = 0;                      // process.versions.modules, 0 when not node
  std::vector<std::string> node_api_lacks;          // Node-API functions of later Node.js lines that it does not export
  Range init_ms;                                    // hello-world Init Duration: p10, median, p90
  std::string as_of;                                // date of the dump that the lists come from
  std::string source;                               // where the facts come from
  std::string packages_source, init_source;         // of `packages` and of `init_ms`

  // The first folder of the library path that has a library of this file name.
  std::optional<std::string> folder_of(std::string_view library) const;
  std::optional<std::string> package_version(std::string_view name) const;  // empty string: there, version unknown
};

// What a rule is for. A rule is one [[rule]] table of rules/*.toml or of a --rules folder.
enum class RuleKind {
  drop,          // files that match are dropped
  unread,        // files of installed packages that match are dropped, unless code says that it reads such files
  keep,          // files that match are kept whatever other rules say
  opener,        // a library that opens others: what it opens (DESIGN: known openers)
  plugin_entry,  // exported symbol patterns that mark a library as a plugin
  built_in,      // decided in C++; the table carries its words (why, source, confidence) and can be disabled
};

struct RuleExample {
  std::string path;
  bool matches = true;
};

struct Rule {
  std::string id;  // "drop-shadowed-library", kebab-case, unique
  RuleKind kind = RuleKind::built_in;
  std::string title;        // one line for the report's table: "debug info and symbols"
  std::string why, source;  // every rule has both
  Confidence confidence = Confidence::likely;
  bool enabled = true;
  std::vector<std::string> paths;     // globs (base/glob.h): for drop, unread and keep; an opener's file names
  std::vector<std::string> except;    // globs that take matches back
  std::vector<std::string> runtimes;  // families it applies to; empty: all
  // unread: what in a text says that such files are read: in code of the same package or the user's own it keeps the
  // package's files; and in any code that is reached, or in --env, those of all packages.
  std::vector<std::string> words, words_anywhere;
  std::vector<std::string> opens;  // opener: globs of paths or file names it may open; empty: opens nothing in packages
  std::vector<std::string> opens_examples;  // paths that `opens` matches; run by a test
  std::vector<std::string> symbols;         // plugin_entry: globs of exported names
  std::vector<RuleExample> examples;        // of paths, or of symbols for plugin_entry; run by a test

  // Whether a path is one that `paths` names and `except` does not take back.
  bool matches(std::string_view path) const;
  // Whether an opener may open a file of this path.
  bool may_open(std::string_view path) const;
};

struct Limits {
  std::uint64_t zip_direct_upload = 52'428'800;  // bytes
  std::uint64_t unzipped = 262'144'000;          // bytes, function and layers together
  int layers = 5;
  std::string source;
};

struct Price {  // US dollars, us-east-1
  double gb_second = 0, per_request = 0;
  std::string source, as_of;
};

// Coefficients of the cold-start model (coldstart/): each with range and source.
struct Coefficient {
  std::string id, unit, what, source;
  Range value;
};

// The first release of a package that has a build for Linux on arm64.
struct ArmSupport {
  std::string id;     // "pypi:numpy", "npm:sharp", "maven:sqlite-jdbc"
  std::string first;  // version
  std::string source;
};

// The bytecode of one minor version of CPython, in its releases (pre-releases have other numbers).
struct PythonBytecode {
  std::string id;           // "3.11"
  std::uint32_t magic = 0;  // the first four bytes of a .pyc, as a little-endian number: 0x0A0D0DA7 for 3495
  int compression = 2, finalization = 4;  // rounds of the SipHash of sources
  std::string source;
};

struct Rules {
  std::vector<Rule> rules;               // sorted by id
  std::vector<std::string> runtime_ids;  // sorted by family, version
  Limits limits;
  std::string c_library_names;          // what the C library and GCC's libraries define, between blanks
  std::map<std::string, Price> prices;  // by "x86_64", "arm64"
  std::vector<Coefficient> coefficients;
  std::vector<ArmSupport> arm_support;          // sorted by id
  std::vector<PythonBytecode> python_bytecode;  // sorted by id
  std::vector<std::string> sources;             // files that were read: "built-in", "my-rules/x.toml"

  const Rule* find(std::string_view id) const;
  Result<const Rule*> known_rule(std::string_view id) const;  // never null; an error suggests names that are near
  const Coefficient* coefficient(std::string_view id) const;

  const ArmSupport* arm64_since(std::string_view ecosystem, std::string_view name) const;  // nullptr: not known

  const PythonBytecode* bytecode_of(std::string_view version) const;  // "3.11"; nullptr: not known

  // The runtime on an architecture; reads its TOML now. Error: no such runtime (the hint lists near ones).
  Result<Runtime> runtime(std::string_view id, Arch arch) const;

  // Of a library of an operating system ("al2023"); nothing when no rule is about it. Reads its TOML now.
  Result<std::optional<LibraryExports>> exports(std::string_view os, std::string_view library) const;

  std::map<std::string, std::string> files;  // TOML text by file name; runtimes and exports are parsed when asked for
};

// The built-in rules, then every *.toml of `folder` (when not empty) in name order, replacing tables of the same id.
// The folder may have the layout of rules/: os/ID.toml and runtimes/ID.toml add or replace whole runtimes. A [[rule]]
// table with nothing but `id` and `enabled` switches a rule that exists. Errors name the file and line: bad TOML,
// unknown key, a rule without why or source.
Result<Rules> load_rules(const std::string& folder);

}  // namespace lambdapack
