// One value that holds all a run found out. Renderers turn it into text or JSON and decide nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/finding.h"
#include "coldstart/cold_start.h"
#include "elf/go_build.h"
#include "languages/rust_crates.h"

namespace lambdapack {

struct PackageSize {
  std::uint64_t files = 0;
  std::uint64_t unpacked_bytes = 0;
  std::uint64_t zip_bytes = 0;  // of the zip that was read or written; else estimated
  double zip_error = 0;         // relative error of zip_bytes (95 %); 0: exact
  std::string code_sha256;      // base64; empty when there is no zip
  // What of this is Python's bytecode (.pyc); the zip's share as exact as zip_bytes.
  std::uint64_t bytecode_files = 0, bytecode_bytes = 0, bytecode_zip_bytes = 0;
};

struct RuleSaving {
  std::string rule, title, confidence;
  std::uint64_t files = 0, bytes = 0;
  bool applied = true;      // false: waits for --aggressive, or dry-run of a lower level
  std::string option = {};  // not applied: the option that it waits for, when that is no level
};

struct FileDecision {  // size: bytes before; size - saved stays
  std::string path, action, rule, reason, confidence;
  std::uint64_t size = 0, saved = 0;
  bool applied = true;
  std::string option = {};  // as RuleSaving::option
};

struct SdkLine {
  std::string name, reason;
  std::uint64_t bytes = 0;
  bool dropped = false;
  std::vector<std::string> members;  // "boto3 1.40.0 (runtime has 1.42.97)"
};

struct LimitBar {
  std::string name;  // "unzipped, function and layers"
  std::uint64_t used = 0, limit = 0;
  bool estimated = false;
};

struct LibraryEdge {
  std::string from, needed, state, how, target;  // target: package path or absolute path; empty when missing
};

// Where one ELF file's symbols come from, over all loads that were followed.
struct SymbolSummary {
  std::string path;
  std::uint64_t from_package = 0, outside = 0, unknown = 0;
  std::vector<std::string> weak_null, unresolved;  // "name" or "name@version"; sorted
};

// A library that something needs, and that nothing is bound to.
struct IdleLine {
  std::string path;
  std::vector<std::string> needed_by, drags_in;
  std::uint64_t bytes = 0;   // of it and of what only it drags in
  std::string entries_stay;  // why --aggressive leaves the needed entries alone; empty: it takes them out
};

struct OpenedLibrary {
  std::string soname, priority, feature, state, target;
};

struct ElfSummary {
  std::string path, machine, type, soname, build_id, language;
  std::uint64_t size = 0, debug_bytes = 0, symtab_bytes = 0;
  std::vector<std::string> needed, rpath, runpath;
  std::string reached, reached_from,
      reached_why;                               // "root", "needed", "evidence", "owner", "none"; from which file; how
  std::vector<OpenedLibrary> opens;              // what it says itself that it opens (.note.dlopen)
  std::optional<GoBuild> go;                     // what Go's linker wrote into it
  std::optional<std::vector<RustCrate>> crates;  // what cargo auditable did
};

// The bundle of separate debug files (pack --debug-out).
struct DebugBundleLine {
  std::string path;                    // as the user wrote it
  std::uint64_t files = 0, bytes = 0;  // debug files; bytes of the archive, or of the folder's files
};

struct BundledFile {
  std::string path, from, needed_by;
  std::uint64_t bytes = 0;
};

struct BundleReport {          // of a single program that was packed with its libraries
  std::string layout, reason;  // layout: "runtime-libc" or "own-libc"
  std::vector<BundledFile> libraries;
  std::vector<std::string> missing;
};

struct CompiledLine {       // --bytecode compile
  std::string interpreter;  // "CPython 3.11.2, /usr/bin/python3.11"
  std::uint64_t files = 0, bytes = 0;
  std::vector<std::string> not_compiled;  // sources that this Python cannot compile
};

struct TemplateUnknown {
  std::string property, why;
};

struct TemplateReport {  // --template: what came from it
  std::string path, function;
  std::vector<std::string> layers, variables;  // paths; names
  std::vector<TemplateUnknown> unknown;
};

// One file of the package; of what pack writes.
struct FileLine {
  std::string path;
  std::string owner,
      owner_version;  // "pypi:numpy", "npm:@img/sharp-linux-x64"; empty when no package manager brought it
  std::uint64_t size = 0;
};

// One --layer of the function.
struct LayerLine {
  std::string source, arch;                  // arch: "x86_64", "arm64", "both", "any" when it has no native code
  std::uint64_t files = 0, bytes = 0;        // unpacked
  std::uint64_t hidden = 0;                  // files that a later layer replaces
  std::vector<std::string> brings;           // "3 libraries", "numpy 2.1.0", "an extension"
  std::uint64_t copies = 0, copy_bytes = 0;  // of the function, dropped because the layer has the same
};

// For a layer: one runtime of its kind, and whether what the layer has works there.
struct LayerFit {
  std::string runtime, arch, obstacle;  // obstacle: empty when it fits
};

struct Report {
  std::string command;  // "analyze", "pack"
  std::string source, input_kind;
  std::string output;   // pack: where it went; empty for dry-run, and when it was refused
  std::string refused;  // pack: why nothing was written; empty when it was
  bool dry_run = false;
  std::string runtime, runtime_from, arch, arch_from, handler_from;
  std::vector<std::string> handlers;
  bool is_layer = false;
  std::vector<LayerLine> layers;     // --layer, in order
  std::vector<LayerFit> layer_fits;  // of a layer; sorted
  PackageSize before;
  std::optional<PackageSize> after;     // pack: what was written; analyze: what pack would write (estimate)
  std::vector<RuleSaving> savings;      // most bytes first
  std::vector<FileDecision> decisions;  // every file that is not simply kept; sorted by path
  std::vector<FileDecision> largest;    // the largest files that stay
  std::vector<SdkLine> sdks;
  std::vector<std::string> unknown_openers;
  std::uint64_t waiting_bytes = 0;  // unused but only `possible` because of unknown openers
  std::vector<Finding> findings;    // of the input; sorted
  std::vector<LimitBar> limits_before, limits_after;
  ColdStart cold_before;
  std::optional<ColdStart> cold_after;
  std::optional<DebugBundleLine> debug_out;
  std::optional<BundleReport> bundle;
  std::optional<CompiledLine> compiled;
  std::optional<TemplateReport> from_template;
  std::vector<FileLine> files;         // JSON only: what the package holds, sorted; of pack, the result
  std::vector<LibraryEdge> edges;      // JSON only
  std::vector<ElfSummary> elf_files;   // JSON only
  std::vector<SymbolSummary> symbols;  // JSON only
  std::vector<IdleLine> idle_libraries;
  std::vector<std::string> versions;  // what decides bytes: "lambdapack 0.1.0", "libdeflate 1.14", "LLVM 19.1.7"
};

}  // namespace lambdapack
